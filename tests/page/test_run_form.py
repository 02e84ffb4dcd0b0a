"""The form that starts a run, drawn and filled in as in Slack."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.page.browser import Window, in_chromium
from tests.page.desk import Desk
from tests.page.test_access import findings
from tests.page.tiny import opens, tiny_bot

pytestmark = in_chromium

FORMS = sorted((Path(__file__).parents[1] / "cards" / "golden_forms").glob("*.json"))
NO_RENDERER = "No renderer for"


async def choose(window: Window, menu: str, typed: str, option: str) -> None:
    """Search in a menu, and choose with the mouse."""
    box = window.modal.get_by_role("combobox", name=menu)
    await box.click()
    await box.fill(typed)
    await window.page.get_by_role("option", name=option).first.click()


async def test_every_view_of_the_form_is_drawn(desk: Desk) -> None:
    """No dashed box, and nothing that the browser complains of."""
    async with tiny_bot(desk) as bot:
        maya = await desk.window("maya")
        for path in FORMS:
            await opens(desk, bot, json.loads(path.read_text("utf-8")))
            await expect(maya.modal).to_have_accessible_name("Run a pipeline")
            assert await maya.modal.get_by_text(NO_RENDERER).count() == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_a_run_from_the_page(desk: Desk, *, dark: bool) -> None:
    """The menus ask the real bot; what was typed stays while the fields come; it runs."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya", dark=dark)
    await maya.says("/buddy run")
    await desk.settled()
    comment = maya.modal.get_by_role("textbox", name="Comment")
    await comment.fill("as agreed")
    await choose(maya, "Pipeline", "deploy", "Deploy")
    await desk.settled()
    await expect(maya.modal).to_contain_text("runs for main")
    await expect(comment).to_have_value("as agreed")
    await choose(maya, "Branch", "main", "main")
    await maya.modal.get_by_role("checkbox", name="Clear the cache first").check()
    assert await findings(maya) == []
    await maya.button("Run", maya.modal).click()
    await desk.settled()
    await expect(maya.modal).to_contain_text("is asked for. Its card appears in #deployments")
    [run] = desk.shop.deploy.runs
    assert run.order.clear_cache
    assert run.order.comment.startswith("as agreed")


async def test_the_shortcut_of_the_page(desk: Desk) -> None:
    """It asks for the channel and a moment; both are chosen as in Slack."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    await maya.button("Shortcuts").click()
    await maya.page.get_by_role("menuitem", name="Run a pipeline").click()
    await desk.settled()
    await choose(maya, "Pipeline", "deploy", "Deploy")
    await desk.settled()
    await choose(maya, "Channel", "deploy", "#deployments")
    later = desk.stage.clock.now().year + 1
    await maya.modal.get_by_label("Start at").fill(f"{later}-01-02T09:30")
    await maya.button("Run", maya.modal).click()
    await desk.settled()
    await expect(maya.modal).to_contain_text("is asked for, to start")
    [run] = desk.shop.deploy.runs
    assert run.order.delay_until is not None
    assert run.order.delay_until.year == later


async def test_what_was_typed_finds_its_field_once(desk: Desk) -> None:
    """Values stand in the fields of their variables, and nowhere else, once these are known."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    await maya.says("/buddy run shop/hotfix @main STAGE=test OTHER=1")
    await desk.settled()
    await expect(maya.modal.get_by_role("combobox", name="STAGE")).to_have_value("test")
    more = maya.modal.get_by_role("textbox", name="More variables")
    await expect(more).to_have_value("OTHER=1")
