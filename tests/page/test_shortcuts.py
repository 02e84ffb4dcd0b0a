"""The menu of a message, and the shortcuts for anywhere, work with keys and mouse as in Slack."""

import re

import pytest
from playwright.async_api import expect

from sandbox.page.guard import HEADER
from tests.page.browser import in_chromium
from tests.page.desk import Desk
from tests.page.test_access import findings

pytestmark = in_chromium


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_menu_of_a_card_approves_it(desk: Desk, *, dark: bool) -> None:
    """It opens with a key, names everything in a form, and the card goes on."""
    await desk.waiting()
    maya = await desk.window("maya", dark=dark)
    more = maya.button("More actions", maya.card)
    await more.focus()
    await more.press("Enter")
    menu = maya.page.get_by_role("menu").filter(visible=True)
    await expect(menu.get_by_role("menuitem")).to_have_count(4)
    assert await findings(maya) == []
    await menu.get_by_role("menuitem", name="Approve…").press("Enter")
    await desk.settled()
    await expect(maya.modal).to_have_accessible_name("Approve execution")
    await expect(maya.modal).to_contain_text("Approve production")
    assert await findings(maya) == []
    await maya.button("Approve", maya.modal).click()
    await desk.settled()
    await expect(maya.messages.first).to_contain_text("Running")


async def test_why_is_answered_privately(desk: Desk) -> None:
    """Escape closes the menu; a choice in it tells what stands against it."""
    await desk.waiting()
    maya = await desk.window("maya")
    more = maya.button("More actions", maya.card)
    await more.focus()
    await more.press("Enter")
    await maya.page.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await more.press("Enter")
    menu = maya.page.get_by_role("menu").filter(visible=True)
    await menu.get_by_role("menuitem", name="Why can't I?").click()
    await desk.settled()
    private = maya.messages.filter(has_text="Only visible to you").last
    await expect(private).to_contain_text("You act in Buddy as Maya Lindt")


async def test_the_composer_offers_the_shortcuts_for_anywhere(desk: Desk) -> None:
    """The plus opens them; people of another organisation have neither menu."""
    await desk.waiting()
    maya, pat = await desk.window("maya"), await desk.window("pat")
    await maya.button("Shortcuts").click()
    await maya.page.get_by_role("menuitem", name=re.compile("Run a pipeline")).click()
    await desk.settled()
    await expect(maya.modal).to_have_accessible_name("Run a pipeline")
    await expect(pat.button("Shortcuts")).to_have_count(0)
    await expect(pat.button("More actions")).to_have_count(0)


async def test_a_shortcut_that_the_app_does_not_offer_is_refused(desk: Desk) -> None:
    """Slack sends only what the manifest names."""
    maya = await desk.window("maya")
    answer = await maya.page.request.post(
        f"{desk.page.url}api/shortcut", data={"callback_id": "other"}, headers={HEADER: "1"}
    )
    assert answer.status in {403, 404}
