"""Nothing on the page hinders people: axe-core finds nothing serious, light and dark."""

import re
from importlib.resources import files
from typing import Any

import pytest

from tests.page.browser import Window, in_chromium
from tests.page.desk import Desk

pytestmark = in_chromium

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()

RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, help, nodes }) => ({
    id, impact, help, where: nodes.map((node) => node.html.slice(0, 160)),
  }));
}"""


async def findings(window: Window) -> list[dict[str, Any]]:
    """Let axe-core look at the page as it is now."""
    if not await window.page.evaluate("() => 'axe' in globalThis"):
        await window.page.evaluate(AXE)
    found: list[dict[str, Any]] = await window.page.evaluate(RUN)
    return [one for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_serious(desk: Desk, *, dark: bool) -> None:
    """The card at its gate, its question, thread and inspector, and a form with a mistake."""
    await desk.waiting()
    maya = await desk.window("maya", dark=dark)
    await maya.says("/buddy help")
    await desk.settled()
    assert await findings(maya) == []
    await maya.button("Approve", maya.messages.first).click()
    assert await findings(maya) == []
    await maya.confirms("Approve")
    await desk.settled()
    await maya.messages.first.get_by_role("button", name=re.compile("Open thread")).click()
    await maya.button("Inspector").click()
    await maya.page.get_by_role("region", name="Requests").get_by_role("button").last.click()
    assert await findings(maya) == []
    await maya.button("Close inspector").click()
    await maya.says("/buddy connect")
    await desk.settled()
    await maya.button("Connect", maya.modal).click()
    await maya.modal.get_by_text("Please complete this required field").wait_for()
    assert await findings(maya) == []
