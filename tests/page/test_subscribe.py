"""A channel is subscribed in the page: the form is filled in, and a push is enough from then on."""

from playwright.async_api import expect

from tests.page.browser import in_chromium
from tests.page.desk import Desk
from tests.page.test_access import findings

pytestmark = in_chromium


async def test_a_channel_is_subscribed_with_the_form(desk: Desk) -> None:
    """The menu searches, the boxes tick, and the channel is told who wanted what."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    await maya.says("/buddy subscribe")
    await desk.settled()
    await expect(maya.modal).to_have_accessible_name("Subscribe")
    menu = maya.modal.get_by_role("combobox", name="Project or pipeline")
    await menu.click()
    await menu.fill("shop")
    await maya.page.get_by_role("option", name="Web Shop").first.click()
    await maya.modal.get_by_role("radio", name="Only failures", exact=False).check()
    await maya.modal.get_by_role("textbox", name="Only these branches").fill("main")
    assert await findings(maya) == []
    await maya.button("Subscribe", maya.modal).click()
    await desk.settled()

    said = maya.page.get_by_text("subscribed this channel to")
    await expect(said.first).to_be_visible()
    await expect(maya.modal).to_have_count(0)
