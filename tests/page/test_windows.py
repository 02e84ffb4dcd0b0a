"""Two windows are two people; a window that was cut off comes back by itself."""

import re

from playwright.async_api import expect

from tests.page.browser import in_chromium
from tests.page.desk import Desk
from tests.waiting import seconds_of

pytestmark = in_chromium


async def test_two_people_see_each_others_actions_within_a_second(desk: Desk) -> None:
    """Ben's window shows what maya does without a reload, and keeps what ben is typing."""
    await desk.waiting()
    maya, ben = await desk.window("maya"), await desk.window("ben")
    await ben.composer.fill("half a thought")
    await maya.button("Approve", maya.card).click()
    await maya.confirms("Approve")
    await expect(ben.card).to_contain_text("Running")
    await expect(ben.card.get_by_role("button", name=re.compile("Open thread"))).to_be_visible()
    words = iter(("done, @ben", "and", "once", "more", "please"))

    async def speaks() -> None:
        word = next(words)
        await maya.says(word)
        await expect(ben.card).to_contain_text(word)

    assert await seconds_of(speaks) < 1
    await expect(ben.composer).to_have_value("half a thought")
    await expect(ben.composer).to_be_focused()


async def test_a_server_that_comes_back_is_found_and_nothing_is_doubled(desk: Desk) -> None:
    """What happened meanwhile is there, once."""
    await desk.waiting()
    maya = await desk.window("maya")
    before = await maya.messages.count()
    await desk.page.stop()
    await expect(maya.page.get_by_text("Reconnecting…")).to_be_visible()
    ben = desk.shop.players["ben"].person
    await ben.says("anybody here?", in_=desk.shop.channel)
    await desk.page.start()
    await expect(maya.page.get_by_text("Reconnecting…")).to_have_count(0)
    await desk.settled()
    await expect(maya.card).to_contain_text("anybody here?")
    assert await maya.messages.count() == before + 1
    # The browser itself reports that nobody answered.
    maya.wrong[:] = [line for line in maya.wrong if "ERR_CONNECTION_REFUSED" not in line]


async def test_an_approval_in_the_middle_of_an_edit_keeps_the_focus(desk: Desk) -> None:
    """A card that is edited again and again stays where it is, with its button in focus."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    run = desk.pushes()
    await maya.says(f"/buddy show shop/deploy#{run.id}")
    await desk.settled()
    await maya.button("Cancel", maya.card).focus()
    for _ in range(3):
        await desk.passes(5)
    await expect(maya.button("Cancel", maya.card)).to_be_focused()
    await expect(maya.card).to_have_count(1)


async def test_unread_marks(desk: Desk) -> None:
    """What is said elsewhere is counted until one looks at it."""
    maya = await desk.window("maya")
    slack, shop = desk.stage.slack, desk.shop
    ben, me = shop.players["ben"].person, shop.players["maya"].person
    elsewhere = slack.channel("random", [ben, me])
    await ben.says(f"lunch, <@{me.id}>?", in_=elsewhere)
    await ben.says("pizza today", in_=elsewhere)
    await desk.settled()
    entry = maya.button("random, 2 unread, 1 mention")
    await expect(entry).to_be_visible()
    await entry.click()
    await expect(maya.card).to_contain_text("pizza today")
    await expect(maya.button("random")).to_have_attribute("aria-current", "page")


async def test_be_somebody_else(desk: Desk) -> None:
    """The switch leads to the other's own window."""
    await desk.waiting()
    maya = await desk.window("maya")
    await maya.button("You are maya. Be somebody else").click()
    await maya.page.get_by_role("menuitemradio", name=re.compile("^pat")).click()
    await expect(maya.button("You are pat. Be somebody else")).to_be_visible()
    assert desk.shop.players["pat"].person.id in maya.page.url


async def test_a_reply_goes_to_its_thread_and_to_the_channel_if_one_likes(desk: Desk) -> None:
    """The thread counts it; sent to the channel as well, it stands there too."""
    maya = await desk.window("maya")
    ben = desk.shop.players["ben"].person
    said = await ben.says("Shall we?", in_=desk.shop.channel)
    assert said.message is not None
    await desk.settled()
    await maya.card.hover()
    await maya.button("Reply in thread", maya.card).click()
    field = maya.thread.get_by_role("textbox", name="Reply…")
    await field.fill("yes")
    await field.press("Enter")
    await desk.settled()
    await expect(maya.button("1 reply. Open thread")).to_be_visible()
    await maya.thread.get_by_role("checkbox", name="Also send to channel").check()
    await field.fill("and now")
    await field.press("Enter")
    await desk.settled()
    await expect(maya.card).to_contain_text("and now")
    await field.press("Escape")
    await expect(maya.thread).to_have_count(0)


async def test_what_is_typed_is_offered_and_sent_as_slack_does(desk: Desk) -> None:
    """Commands and people are offered; a mention becomes real, everything else is escaped."""
    maya = await desk.window("maya")
    await maya.composer.press_sequentially("/b")
    await expect(maya.page.get_by_role("option", name="/buddy")).to_be_visible()
    await maya.composer.press("Tab")
    await expect(maya.composer).to_have_value("/buddy ")
    await maya.composer.fill("/nothing here")
    await maya.composer.press("Enter")
    await desk.settled()
    await expect(maya.card).to_contain_text("/nothing is not a valid command")
    await maya.composer.fill("")
    await maya.composer.press_sequentially("hi @be")
    await maya.composer.press("Enter")
    await maya.composer.press_sequentially("& <@here> @pat")
    await maya.composer.press("Escape")
    await maya.composer.press("Enter")
    await desk.settled()
    ben = desk.shop.players["ben"].person
    assert desk.shop.channel.messages[-1].source == f"hi <@{ben.id}> &amp; &lt;@here&gt; @pat"


async def test_buddy_beside_slack(desk: Desk) -> None:
    """Push, approve and cancel in Buddy's web app; let an action fail; make trouble."""
    await desk.shop.connect("maya")
    maya = await desk.window("maya")
    buddy = maya.page.get_by_role("region", name="Buddy")
    await buddy.get_by_role("textbox", name="Commit message").fill("From the panel")
    await maya.button("Push", buddy).click()
    await desk.settled()
    await expect(buddy).to_contain_text("From the panel")
    await maya.button("Let Deploy fail", buddy).click()
    await desk.passes(40)
    await maya.button("Approve", buddy).click()
    await desk.passes(60)
    await expect(maya.button("Retry", buddy)).to_be_visible()
    await maya.button("Show in Slack", buddy).click()
    await maya.composer.press("Enter")
    await desk.settled()
    await expect(maya.card).to_contain_text("Failed")
    await buddy.get_by_text("Make trouble").click()
    await buddy.get_by_role("combobox", name="Buddy").select_option("down")
    await expect(buddy).to_contain_text("on")
    await maya.button("Retry", maya.card).click()
    await desk.settled()
    await expect(maya.card).to_contain_text("Buddy")


async def test_the_inspector_shows_requests_without_secrets(desk: Desk) -> None:
    """A click, the bot's answer, the JSON of a message; no token anywhere."""
    await desk.waiting()
    maya = await desk.window("maya")
    await maya.button("Inspector").click()
    drawer = maya.page.get_by_role("region", name="Inspector")
    await maya.button("Approve", maya.card).click()
    await maya.confirms("Approve")
    await desk.settled()
    row = drawer.get_by_role("button", name=re.compile("block_actions")).last
    await row.click()
    await expect(drawer).to_contain_text("greenlight.approve")
    await drawer.get_by_role("searchbox", name="Filter requests").fill("chat.update")
    await expect(drawer.get_by_role("row").nth(1)).to_contain_text("bot → slack")
    await maya.card.hover()
    await maya.button("Show JSON", maya.card).click()
    await expect(drawer).to_contain_text('"bot_id"')
    text = await drawer.text_content() or ""
    slack = desk.stage.slack
    colleague = desk.shop.players["maya"].colleague
    assert colleague is not None
    assert not [one for one in (slack.bot_token, colleague.token) if one in text]
    await maya.page.keyboard.press("Escape")
    await expect(drawer).to_have_count(0)


async def test_links_into_the_sandbox_stay_in_the_page(desk: Desk) -> None:
    """A card leads to Buddy's panel, and a permalink to its message; no window opens."""
    run = await desk.waiting()
    maya = await desk.window("maya")
    buddy = maya.page.get_by_role("region", name="Buddy")
    await maya.button("Close Buddy").click()
    await maya.card.get_by_role("link", name="shop / Deploy to production #1").click()
    await expect(buddy).to_be_visible()
    assert f"#{run.id}" in await maya.page.evaluate("() => document.activeElement.textContent")
    team = desk.stage.slack.space.domain
    stamp = desk.shop.channel.messages[0].ts.replace(".", "")
    address = f"https://{team}.slack.com/archives/{desk.shop.channel.id}/p{stamp}"
    await desk.posts(text=f"see <{address}|this message>")
    await desk.settled()
    await maya.card.get_by_role("link", name="this message").click()
    await expect(maya.button("Approve", maya.messages.first)).to_be_focused()
    assert len(maya.page.context.pages) == 1
