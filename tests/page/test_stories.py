"""What people do in the page, from the first minute on."""

import re
from datetime import timedelta

from playwright.async_api import expect

from sandbox.troubles import Place, State
from tests.page.browser import in_chromium
from tests.page.desk import Desk

pytestmark = in_chromium

TOKEN = "Personal access token"


async def test_connect_approve_and_read_the_thread(desk: Desk) -> None:
    """A developer links the account in the modal, approves the card, and reads what was done."""
    ben = await desk.window("ben")
    await ben.says("/buddy connect")
    await desk.settled()
    await expect(ben.modal).to_have_accessible_name("Connect Buddy")
    field = ben.modal.get_by_role("textbox", name=TOKEN)
    await expect(field).to_be_focused()
    await ben.modal.get_by_role("link", name="Buddy").click()
    tokens = ben.page.get_by_role("dialog", name="Personal Access Tokens")
    token = await tokens.get_by_role("textbox", name="New token").input_value()
    await ben.button("Done", tokens).click()
    await field.fill(token)
    await ben.button("Connect", ben.modal).click()
    await desk.settled()
    await expect(ben.modal).to_contain_text("@ben now acts in Buddy as Ben")
    await ben.button("Close", ben.modal).last.click()
    await desk.settled()
    await expect(ben.modal).to_have_count(0)

    run = desk.pushes("Fix the login of returning customers")
    await desk.passes(40)
    await ben.says(f"/buddy show shop/deploy#{run.id}")
    await desk.settled()
    await expect(ben.card).to_contain_text("Waiting for approval")
    await ben.button("Approve", ben.card).click()
    question = ben.page.get_by_role("alertdialog", name="Approve?")
    await expect(question).to_contain_text("Goes on with: main")
    await ben.confirms("Back")
    await expect(ben.button("Approve", ben.card)).to_be_focused()
    await ben.button("Approve", ben.card).click()
    await ben.confirms("Approve")
    await desk.settled()
    await expect(ben.card).to_contain_text("Running")
    await expect(ben.button("Approve", ben.card)).to_have_count(0)

    await ben.card.get_by_role("button", name=re.compile("Open thread")).click()
    await expect(ben.thread).to_contain_text("@ben approved Approve production")
    assert run.history[-1].who == "Ben Ito"


async def test_a_guest_is_refused(desk: Desk) -> None:
    """The refusal stands where only the guest sees it, and goes with a reload."""
    await desk.waiting()
    gia, maya = await desk.window("gia"), await desk.window("maya")
    await gia.button("Approve", gia.card).click()
    await gia.confirms("Approve")
    await desk.settled()
    await expect(gia.card).to_contain_text("Only visible to you")
    await expect(gia.card).to_contain_text("Guests cannot do this")
    await expect(maya.page.get_by_text("Only visible to you")).to_have_count(0)
    await gia.page.reload()
    await expect(gia.button("Approve", gia.card)).to_be_visible()
    await expect(gia.page.get_by_text("Only visible to you")).to_have_count(0)


async def test_cancel_with_a_reason(desk: Desk) -> None:
    """The reason is asked for in a modal, and told in the thread."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    run = desk.pushes()
    await desk.passes(5)
    await maya.says("/buddy show shop/deploy")
    await desk.settled()
    await maya.button("Cancel", maya.card).click()
    await desk.settled()
    await maya.modal.get_by_role("textbox", name="Reason (optional)").fill(
        "Wrong branch & <b>time</b>"
    )
    await maya.button("Cancel", maya.modal).click()
    await desk.settled()
    await desk.passes(10)
    await expect(maya.card).to_contain_text("Cancelled")
    await maya.card.get_by_role("button", name=re.compile("Open thread")).click()
    await expect(maya.thread).to_contain_text("Wrong branch & <b>time</b>")
    assert run.status == "TERMINATED"


async def test_a_form_that_is_not_filled_in_is_not_sent(desk: Desk) -> None:
    """The mistake stands at its field, which has the focus; Escape leaves without sending."""
    ben = await desk.window("ben")
    await ben.says("/buddy connect")
    await desk.settled()
    sent = len(desk.stage.slack.deliveries)
    await ben.button("Connect").click()
    field = ben.modal.get_by_role("textbox", name=TOKEN)
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description(
        re.compile("Please complete this required field")
    )
    assert len(desk.stage.slack.deliveries) == sent
    await field.press("Escape")
    await expect(ben.modal).to_have_count(0)
    assert desk.shop.players["ben"].person.modal is None


async def test_a_phone_in_the_dark(desk: Desk) -> None:
    """Everything fits, the channels slide in, and approving works with a finger."""
    await desk.waiting("A commit message that is a good deal longer than a phone is wide, sorry")
    maya = await desk.window("maya", phone=True, dark=True)
    page = maya.page
    ground = await page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", ground)[:3])) < 60
    await expect(page.get_by_role("navigation", name="Channels")).to_have_count(0)
    await maya.button("Channels").tap()
    await maya.button("greenlight, app").tap()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("greenlight")
    await maya.button("Channels").tap()
    await page.get_by_role("button", name=re.compile("^deployments")).tap()
    await maya.button("Approve", maya.card).tap()
    await maya.button("Approve", page.get_by_role("alertdialog")).tap()
    await desk.settled()
    await expect(maya.card).to_contain_text("Running")
    await maya.card.get_by_role("button", name=re.compile("Open thread")).tap()
    await expect(maya.thread).to_contain_text("approved")
    await expect(maya.composer).to_have_count(0)
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0


async def test_with_the_keyboard_alone(desk: Desk) -> None:
    """From the address bar to an approval: the skip link, the card's button, its question."""
    await desk.waiting()
    maya = await desk.window("maya")
    keys = maya.page.keyboard
    await keys.press("Tab")
    await expect(maya.page.get_by_role("link", name="Skip to the message field")).to_be_focused()
    await keys.press("Enter")
    await expect(maya.composer).to_be_focused()
    await maya.button("Approve", maya.card).focus()
    await keys.press("Enter")
    await keys.press("Escape")
    await expect(maya.page.get_by_role("alertdialog")).to_have_count(0)
    await expect(maya.button("Approve", maya.card)).to_be_focused()
    await keys.press("Space")
    await keys.press("Tab")
    await expect(maya.button("Approve", maya.page.get_by_role("alertdialog"))).to_be_focused()
    await keys.press("Enter")
    await desk.settled()
    await expect(maya.card).to_contain_text("Running")
    heard = maya.page.get_by_role("status").filter(has_text="Deploy to production")
    await expect(heard).to_contain_text("running")


async def test_a_slow_bot_becomes_visible(desk: Desk) -> None:
    """A button is busy until the acknowledgement; without one it says what Slack says."""
    await desk.waiting()
    maya = await desk.window("maya")
    desk.stage.slack.deadline = timedelta(seconds=0.6)
    await desk.shop.troubles.bring(Place.BOT, State.LOST)
    await maya.button("Approve", maya.card).click()
    await maya.confirms("Approve")
    await expect(maya.button("Approve", maya.card)).to_have_attribute("aria-busy", "true")
    await expect(maya.card.get_by_role("alert")).to_contain_text("Operation timed out")
    await expect(maya.button("Approve", maya.card)).to_have_attribute("aria-busy", "false")
    await maya.says("/buddy help")
    await expect(maya.card).to_contain_text('failed with the error "operation_timeout"')


async def test_the_first_minute(desk: Desk) -> None:
    """Three steps of the hint, with the mouse alone, lead to an approved deployment."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    steps = maya.page.get_by_role("complementary", name="First steps")
    await expect(steps).to_contain_text("You are maya")
    await maya.button("Push a commit", steps).click()
    await maya.button("Show its card", steps).click()
    await maya.button("Send").click()
    await desk.passes(40)
    await maya.button("Press Approve on the card", steps).click()
    await expect(maya.button("Approve", maya.card)).to_be_focused()
    await maya.button("Approve", maya.card).click()
    await maya.confirms("Approve")
    await desk.settled()
    await expect(steps.get_by_text("(done)")).to_have_count(3)
    await maya.button("Dismiss", steps).click()
    await expect(steps).to_have_count(0)
