"""The page's server: who sees what, what follows from a click, and who is refused."""

import asyncio
import json
from datetime import timedelta

import pytest

from sandbox.page import PortTaken, listen, page_for
from tests.sandbox.page_desk import button, page_desk

SOON = timedelta(milliseconds=50)


async def test_a_click_in_the_page_is_seen_by_two_people() -> None:
    """Maya approves; the card changes before her and before ben, and Buddy's record names her."""
    async with page_desk() as desk:
        card = await desk.waiting_card()
        maya, ben = desk.window("maya"), desk.window("ben")
        [shown] = [one for one in (await maya.opens())["messages"] if one["ts"] == card["ts"]]
        await ben.opens()
        clicked = await maya.posts(
            "press", on={"message": card}, **button(shown["blocks"], "Approve")
        )
        await desk.stage.settled()

        assert clicked["ok"] is True
        assert clicked["ack"]["sent"] is True
        assert clicked["ack"]["status"] == 200
        assert clicked["seq"] > maya.seq
        for window in (maya, ben):
            seen = await window.hears("message", channel=card["channel"])
            while [one["ts"] for one in seen["messages"]][-1:] != [card["ts"]]:
                seen = await window.hears("message", channel=card["channel"])
            assert seen["messages"][-1]["reply_count"] == 2
        assert desk.shop.deploy.runs[0].history[-1].who == "Maya Lindt"

        again = await ben.posts("press", on={"message": card}, **button(shown["blocks"], "Approve"))
        assert (again["status"], again["error"]) == (409, "gone")


async def test_everybody_sees_only_what_they_may() -> None:
    """Private channels, the directory, private answers and others' streams stay with their own."""
    async with page_desk() as desk:
        people = {name: desk.window(name) for name in desk.shop.players}
        seen = {name: await window.opens() for name, window in people.items()}
        names = {
            name: {one["name"] for one in snapshot["channels"] if one["kind"] != "im"}
            for name, snapshot in seen.items()
        }
        assert names["maya"] == {"deployments", "shop", "release-approvers"}
        assert names["gia"] == {"deployments", "shop"}
        assert names["pat"] == {"deployments"}
        own = {one["name"] for one in seen["pat"]["channels"] if one["kind"] == "im"}
        assert own == {"pat"}
        offered = {name: [*snapshot["commands"]] for name, snapshot in seen.items()}
        assert (len(offered["gia"]), offered["pat"]) == (1, [])

        private = desk.shop.others["release-approvers"]
        said = await people["ben"].posts("say", channel=private.id, text="secret plan")
        await people["ben"].posts("say", channel=desk.shop.channel.id, text="/buddy whoami")
        await desk.stage.settled()
        told = await people["maya"].hears("message", channel=private.id)
        await people["gia"].posts("say", channel=desk.shop.channel.id, text="the end")
        for window in people.values():
            await window.hears("message", channel=desk.shop.channel.id)

        assert (told["unread"], told["mentions"]) == (1, 0)
        assert any(name == "ephemeral" for name, _ in people["ben"].events)
        for name in ("gia", "pat", "maya"):
            heard = json.dumps(people[name].events)
            assert ("secret plan" in heard) is (name == "maya")
            assert "ephemeral" not in heard.replace("is_ephemeral", "")
        hidden = await people["gia"].gets("raw", channel=private.id, ts=said["ts"])
        assert hidden["error"] == "not_found"
        refused = await people["pat"].posts("say", channel=private.id, text="hello?")
        assert (refused["status"], refused["error"]) == (404, "not_found")
        lost = desk.shop.players["ben"].person.ephemerals[-1].source
        assert lost not in json.dumps(await people["ben"].gets("snapshot"))


async def test_unread_marks_go_when_somebody_reads() -> None:
    """In every window of the person; mentions count, one's own words do not."""
    async with page_desk() as desk:
        maya, other = desk.window("maya"), desk.window("maya")
        shop, ben = desk.shop.others["shop"], desk.window("ben")
        await ben.posts("say", channel=shop.id, text="morning")
        last = await ben.posts("say", channel=shop.id, text=f"<@{maya.person.id}> tea?")
        [before] = [one for one in (await maya.opens())["channels"] if one["id"] == shop.id]
        await other.opens()
        await maya.posts("read", channel=shop.id, ts=last["ts"])
        told = await other.hears("unread", channel=shop.id)
        quiet = await ben.gets("snapshot")

        assert (before["unread"], before["mentions"]) == (2, 1)
        assert (told["unread"], told["mentions"], told["last_read"]) == (0, 0, last["ts"])
        assert all(one["unread"] == 0 for one in quiet["channels"] if one["id"] == shop.id)


async def test_a_page_that_was_away_misses_nothing_and_gets_nothing_twice() -> None:
    """Streams end at once when the server stops; Last-Event-ID says where to go on."""
    async with page_desk() as desk:
        maya = desk.window("maya")
        await maya.opens()
        await maya.posts("say", channel=desk.shop.channel.id, text="before")
        await maya.hears("message")
        async with asyncio.timeout(10):
            await desk.page.stop()
            assert await maya.ends()
        maya.events.clear()
        await maya.person.says("meanwhile", in_=desk.shop.channel)
        await desk.page.start()
        await maya.follows()
        await maya.posts("say", channel=desk.shop.channel.id, text="after")
        heard = [
            (await maya.hears("message"))["messages"][0]["text"] for _ in ("meanwhile", "after")
        ]
        assert heard == ["meanwhile", "after"]

        maya.last_id = f"ffffffff-{maya.seq}"
        await maya.follows()
        reset = await maya.hears("reset")
        assert reset["seq"] >= maya.seq


async def test_a_form_in_the_page_is_checked_sent_and_answered() -> None:
    """The client's mistakes and the bot's errors stand at their block; a token is never shown."""
    async with page_desk() as desk:
        ben = desk.window("ben")
        colleague = desk.shop.players["ben"].colleague
        assert colleague is not None
        await ben.opens()
        await ben.posts("say", channel=desk.shop.channel.id, text="/buddy connect")
        [view] = (await ben.hears("modals"))["views"]
        [field] = [one for one in view["blocks"] if one["type"] == "input"]
        block, action = field["block_id"], field["element"]["action_id"]

        empty = await ben.posts("submit", view=view["id"], values={})
        wrong = await ben.posts(
            "submit", view=view["id"], values={block: {action: {"value": "my password"}}}
        )
        right = await ben.posts(
            "submit", view=view["id"], values={block: {action: {"value": colleague.token}}}
        )
        await desk.stage.settled()
        while "now acts in Buddy as" not in json.dumps(view):
            [view] = (await ben.hears("modals"))["views"]
        closed = await ben.posts("close", view=view["id"])
        late = await ben.posts("submit", view=view["id"], values={})

        assert (empty["ack"]["sent"], [*empty["errors"]]) == (False, [block])
        assert (wrong["ack"]["sent"], wrong["ok"], [*wrong["errors"]]) == (True, False, [block])
        assert (right["ok"], right["errors"]) == (True, {})
        assert (closed["ok"], late["error"]) == (True, "gone")
        assert (await ben.hears("modals"))["views"] == []

        inspected = json.dumps(await ben.gets("exchanges"))
        slack = desk.stage.slack
        secrets = [colleague.token, "my password", slack.bot_token, slack.signing_secret]
        assert [one for one in secrets if one in inspected] == []
        assert "view_submission" in inspected
        assert '"X-Slack-Signature": "••••"' in json.dumps(
            await ben.gets("exchanges"), ensure_ascii=False
        )
        assert "/response/" not in inspected.replace("/response/••••", "")


async def test_what_lasts_too_long_or_gets_lost_is_warned_of() -> None:
    """After three seconds nobody waits any more; it heals by itself if that was the wish."""
    async with page_desk() as desk:
        card = await desk.waiting_card()
        maya = desk.window("maya")
        [shown] = [one for one in (await maya.opens())["messages"] if one["ts"] == card["ts"]]
        press = {"on": {"message": card}, **button(shown["blocks"], "Approve")}
        desk.stage.slack.deadline = SOON
        await maya.posts("trouble", where="bot", state="lost")
        lost = await maya.posts("press", **press)
        desk.stage.slack.deadline = timedelta(seconds=3)
        await maya.posts("trouble", where="bot", state="well")
        broken = await maya.posts("trouble", where="buddy", state="failing", for_s=0.1)
        nonsense = await maya.posts("trouble", where="buddy", state="revoked")
        healed = await maya.hears("trouble")
        while healed["seq"] <= broken["seq"]:
            healed = await maya.hears("trouble")

        assert (lost["ok"], lost["warning"]) == (False, "operation_timeout")
        assert broken["trouble"]["buddy"] == "failing"
        assert nonsense["error"] == "bad_request"
        assert healed["trouble"] == {"slack": "well", "buddy": "well", "bot": "well"}


async def test_buddys_web_app_moves_the_same_world() -> None:
    """Push, fail, retry, approve: as the person one is, as far as Buddy lets them."""
    async with page_desk() as desk:
        ben, pat = desk.window("ben"), desk.window("pat")
        approver = desk.shop.players["maya"].colleague
        assert approver is not None
        [deploy, *_] = (await ben.opens())["buddy"]["pipelines"]
        pushed = await ben.posts("buddy/push", pipeline=deploy["id"], message="<i>news</i>")
        where = {"pipeline": deploy["id"], "execution": pushed["execution"]["id"]}
        await ben.posts("buddy/fail", **where, action="Tests")
        await ben.posts("clock", wait_s=40)
        failed = await ben.hears("execution")
        while failed["execution"]["status"] != "FAILED":
            failed = await ben.hears("execution")
        await ben.posts("buddy/retry", **where)
        await ben.posts("clock", wait_s=40)
        waiting = await ben.posts("buddy/approve", **where, gate="Approve production")
        refusals = [
            await pat.posts("buddy/cancel", **where),
            await desk.window("gia").posts("buddy/cancel", **where),
            await ben.posts("buddy/fail", **where, action="Approve production"),
            await ben.posts("buddy/retry", **where),
        ]
        cancelled = await pat.posts("buddy/cancel", **where, by=approver.id)

        assert pushed["execution"]["message"] == "<i>news</i>"
        logs = {one["name"]: one["logs"] for one in failed["execution"]["actions"]}
        assert "told to fail" in " ".join(logs["Tests"])
        assert waiting["execution"]["attempt"] == 2
        assert waiting["execution"]["actions"][2]["by"] == "Ben Ito"
        assert [one["error"] for one in refusals] == ["refused"] * 4
        assert cancelled["execution"]["status"] == "TERMINATING"


async def test_the_first_visit_finds_something_going_on() -> None:
    """A card is in the channel before anybody typed; a second visit does not bring another."""
    async with page_desk() as desk, page_for(desk.shop, has_opening=True) as page:
        maya = desk.window("maya")
        maya.page = page
        await maya.opens()
        seen = await maya.hears("message", channel=desk.shop.channel.id)
        await desk.window("ben").gets("snapshot")
        await desk.stage.settled()

        assert "Deploy to production" in json.dumps(seen)
        assert len(desk.shop.channel.messages) == 1
        with pytest.raises(PortTaken, match=str(page.port)):
            listen(page.port)


async def test_conversations_come_and_go() -> None:
    """Who leaves a private channel sees nothing of it any more; who looks in may join."""
    async with page_desk() as desk:
        maya, pat = desk.window("maya"), desk.window("pat")
        await maya.opens()
        private, shop = desk.shop.others["release-approvers"].id, desk.shop.others["shop"].id
        await maya.posts("leave", channel=private)
        await maya.posts("leave", channel=shop)
        gone = await maya.hears("channel")
        left = await maya.hears("channel")
        outside = await maya.posts("say", channel=shop, text="hello")
        await maya.posts("join", channel=shop)
        joined = await maya.hears("channel")
        refusals = [
            await pat.posts("join", channel=shop),
            await maya.posts("join", channel=private),
            await desk.window("gia").posts("leave", channel=shop),
        ]

        assert gone["gone"] == private
        assert (left["channel"]["is_member"], joined["channel"]["is_member"]) == (False, True)
        assert outside["error"] == "refused"
        assert [one["error"] for one in refusals] == ["not_found", "not_found", "refused"]


async def test_what_buddy_tells_is_listed_without_its_secrets() -> None:
    """Neither the webhook's secret nor its address is shown; while nothing arrives, nothing is."""
    async with page_desk() as desk:
        maya, ben = desk.window("maya"), desk.shop.players["ben"].colleague
        await maya.opens()
        where = desk.shop.channel.id
        await maya.posts("say", channel=where, text="/buddy subscribe shop/deploy")
        await desk.stage.settled()
        [webhook] = desk.stage.buddy.state.webhooks.values()
        desk.shop.deploy.push(by=ben, message="Fix the login")
        await desk.stage.settled()
        subscription = [one for one in desk.shop.channel.messages if "subscribed" in one.text]
        assert len(desk.shop.channel.messages) == len(subscription) + 1

        listed = (await maya.gets("exchanges"))["exchanges"]
        [told] = [one for one in listed if one["from"] == "buddy"]
        assert (told["to"], told["what"], told["status"]) == ("bot", "EXECUTION_STARTED", 200)
        assert told["headers"]["secret_key"] == "••••"
        secrets = [webhook.secret_key, webhook.target_url.rpartition("/")[2]]
        assert [one for one in secrets if one in json.dumps(listed)] == []

        await maya.posts("trouble", where="bot", state="lost")
        desk.shop.deploy.push(by=ben, message="Unheard")
        await desk.stage.settled()
        assert len(webhook.requests) == 1
