"""Take the pictures of the README: ``make pictures``.

The same shop, the same commits, time that stands still: the same pictures, but for the fonts of the
machine. Beside Chromium it wants fonts-noto-color-emoji, else emoji are boxes.
"""

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, ViewportSize

from tests.page.browser import Window, chromium_path, started
from tests.page.desk import Desk, desk_of

FOLDER = Path(__file__).parent.parent.parent / "docs" / "pictures"
SHARP = 2
WIDEST = 600
"""Pixels; to the right of a card there is nothing."""

WHOLE: ViewportSize = {"width": 1084, "height": 680}
LOW: ViewportSize = {"width": 1280, "height": 600}


async def main() -> int:
    """Take all of them."""
    path = chromium_path()
    if path is None:
        print("There is no Chromium on PATH; on Debian: apt-get install chromium", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with started(path) as browser:
        for dark in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                async with desk_of(browser, Path(folder)) as desk:
                    await (in_the_dark(desk) if dark else in_the_light(desk))
    for picture in sorted(FOLDER.glob("*.png")):
        print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture.name}")
    return 0


async def in_the_light(desk: Desk) -> None:
    """Follow one deployment from its first action to its thread."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya", device_scale_factor=SHARP)
    run = desk.pushes("Fix the login of returning customers")
    await maya.says(f"/buddy show shop/deploy#{run.id}")
    await desk.settled()
    await desk.passes(27)
    await cut_out(maya, maya.card, "card-running")
    await desk.passes(15)
    await cut_out(maya, maya.card, "card-gate")
    await maya.button("Approve", maya.card).click()
    await maya.confirms("Approve")
    await desk.settled()
    await desk.passes(10)
    await desk.passes(60)
    await maya.card.get_by_role("button", name=re.compile("Open thread")).click()
    await maya.page.set_viewport_size(LOW)
    await cut_out(maya, maya.thread, "thread")
    await run_form(maya, desk)


async def run_form(maya: Window, desk: Desk) -> None:
    """Show the form that starts a run, with the fields of a pipeline that asks for some."""
    await maya.page.set_viewport_size({"width": 1280, "height": 760})
    await maya.says("/buddy run shop/hotfix @main STAGE=test")
    await desk.settled()
    await maya.modal.get_by_role("textbox", name="TICKET").fill("SHOP-12")
    await maya.modal.get_by_role("combobox", name="Pipeline").scroll_into_view_if_needed()
    await cut_out(maya, maya.modal, "run-form")


async def in_the_dark(desk: Desk) -> None:
    """Show the whole page, with a deployment that waits for its approval."""
    ben = desk.shop.players["ben"].person
    await ben.says("The login is fixed :tada:", in_=desk.shop.channel)
    await desk.waiting("Fix the login of returning customers")
    for name, options in (("page", {}), ("page-dark", {"dark": True})):
        maya = await desk.window("maya", **options)
        await maya.page.set_viewport_size(WHOLE)
        await shoot(maya, name)


async def cut_out(window: Window, what: Locator, name: str) -> None:
    """Take a picture of one thing."""
    await what.wait_for()
    await window.page.mouse.move(0, 0)
    box = await what.bounding_box()
    assert box is not None
    await shoot(window, name, clip={**box, "width": min(box["width"], WIDEST)})


async def shoot(window: Window, name: str, **options: Any) -> None:
    """Take a picture."""
    await window.page.evaluate("() => document.fonts.ready")
    await window.page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", **options)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
