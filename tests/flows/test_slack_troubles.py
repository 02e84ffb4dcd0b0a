"""Slack refuses, is slow, or loses things: the click counts, and somebody always hears of it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from bot.metrics import Metric
from sandbox.buddy import Gate, Parallel, Step
from sandbox.clock import SandboxClock
from sandbox.faults import Fault, Moment
from sandbox.slack import Message, SimulatedSlack
from sandbox.stage import settings_for, simulators
from tests.flows.acts import A_MOMENT, refused_as, struck, types
from tests.world import TOKEN_FIELD, World, world_of

PLAN_REFUSED = "chat.postMessage: invalid_blocks"
MISSING = "chat.update: message_not_found"
APPROVED = "@maya approved Approve production. The execution is running."


def sent(slack: SimulatedSlack, method: str) -> int:
    """Count the calls of one method."""
    return len(slack.journal.select(path=method))


def refuse(world: World, method: str, error: str, times: int = 1) -> None:
    """Let Slack refuse the next calls of a method."""
    fault = Fault(path=method, status=200, body=refused_as(error), times=times)
    world.slack.faults.order(fault)


def counted(world: World, metric: Metric) -> int:
    """Read a counter."""
    return world.stage.bot.metrics.read()[metric]


# Blocks that Slack does not take


async def test_a_team_without_plan_blocks_gets_a_list(world: World) -> None:
    """The plain card says and does the same; the newer block is not tried a second time."""
    world.slack.supports_plan = False
    world.expected_refusals.add(PLAN_REFUSED)
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    assert world.slack.refusals == [PLAN_REFUSED]
    kinds = [block["type"] for block in card.blocks]
    assert "plan" not in kinds
    assert "Build" in card.reads
    assert "Approve production" in card.reads

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(40)
    assert (await world.card(maya, run)).reads == card.reads

    assert "Successful" in card.reads
    assert "@maya approved" in card.thread[0].reads
    assert "Successful" in card.thread[1].reads
    assert world.slack.refusals == [PLAN_REFUSED]


async def test_a_team_without_plan_blocks_is_remembered_over_a_restart(tmp_path: Path) -> None:
    """The next process, on the same database, does not try either."""
    clock = SandboxClock()
    async with simulators(clock) as (slack, buddy):
        slack.supports_plan = False
        settings = settings_for(slack, buddy, tmp_path / "greenlight.sqlite3")
        buddy.workspace("acme")
        buddy.project("acme", "shop")
        deploy = buddy.pipeline("acme", "shop", "Deploy", actions=[Step("Build")])
        colleague = buddy.person("Maya", workspaces=["acme"])
        channel, maya = slack.channel("deployments"), slack.person("maya")
        maya.joins(channel)
        deploy.push(by=colleague, message="Fix")

        for life in range(2):
            async with running(settings, clock) as bot:
                slack.deliver_to(f"{bot.url}/slack/events")
                if life == 0:
                    await maya.says("/buddy connect", in_=channel)
                    await bot.settled()
                    await maya.submits({TOKEN_FIELD: colleague.token})
                    await bot.settled()
                await maya.says("/buddy show shop/deploy#1", in_=channel)
                await bot.settled()

        first, second = channel.messages
        assert first.reads == second.reads
        assert slack.refusals == [PLAN_REFUSED]


async def test_a_card_whose_blocks_are_all_refused_is_a_line_of_text(world: World) -> None:
    """A card that says less is better than none, and commands do what its buttons would."""
    world.expected_errors.add("card.blocks_refused")
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)
    refuse(world, "chat.postMessage", "invalid_blocks", times=2)

    card = await world.card(maya, run)

    assert card.reads == "shop / Deploy #1: waiting for approval"
    assert card.buttons == []
    await types(world, maya, "approve shop/deploy#1")
    assert run.is_running
    assert APPROVED in card.thread[0].reads
    assert card.buttons == ["Cancel"]


async def test_a_repainted_card_whose_blocks_are_refused_tells_the_state(world: World) -> None:
    """The card never shows a state that is over only because Slack refuses its looks."""
    world.expected_errors.add("card.blocks_refused")
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    refuse(world, "chat.update", "invalid_blocks", times=2)

    await world.acts(maya.clicks(card, "Approve"))

    assert card.reads == "shop / Deploy #1: running"
    assert APPROVED in card.thread[0].reads


async def test_a_reply_whose_blocks_are_refused_is_said_in_text(world: World) -> None:
    """The thread is told all the same, once."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    world.expected_errors.add("reply.blocks_refused")
    refuse(world, "chat.postMessage", "invalid_blocks")

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)

    told = [reply.reads for reply in card.thread]
    assert told[0] == f":white_check_mark: {APPROVED}"
    assert [text.partition(" after")[0] for text in told[1:]] == [":white_check_mark: Successful"]
    assert card.reads


@pytest.mark.parametrize("ways_refused", [1, 2, 3])
async def test_a_private_answer_whose_blocks_are_refused_arrives(
    world: World, ways_refused: int
) -> None:
    """A response URL that answers «ok: false» has shown nothing; in the end there is plain text."""
    maya = await world.person("maya")
    for way in ("response_url", "chat.postEphemeral", "chat.postMessage")[:ways_refused]:
        refuse(world, way, "invalid_blocks")

    told = await types(world, maya, "whoami")

    told += "".join(note.reads for note in maya.dms)
    assert told.count("you act as Maya") == 1
    assert counted(world, Metric.PRIVATE_ANSWER_LOST) == 0


# Limits


async def test_slack_says_how_long_to_wait(world: World) -> None:
    """After a 429 the card is painted when Slack said, not before, and only once."""
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(5)
    card = await world.card(maya, run)
    busy = Fault(
        path="chat.update",
        status=429,
        headers={"Retry-After": "17"},
        body=refused_as("ratelimited"),
    )
    await world.passes(10)
    before = sent(world.slack, "chat.update")
    world.slack.faults.order(busy)

    await world.passes(30)

    calls = world.slack.journal.select(path="chat.update")[before:]
    assert [call.status for call in calls] == [429, 200]
    assert calls[1].at - calls[0].at >= timedelta(seconds=17)
    assert card.buttons == ["Approve", "Reject"]
    assert "waits for a decision" in card.thread[0].reads


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"drop": True}, id="reset"),
        pytest.param({"drop": True, "moment": Moment.AFTER}, id="answer lost"),
    ],
)
async def test_a_card_that_could_not_be_painted_is_true_within_fifteen_seconds(
    world: World, trouble: dict[str, Any]
) -> None:
    """Nobody looks at an old state for long, and one card's trouble does not hold up the next."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    copy = await world.card(maya, run)
    world.slack.faults.order(Fault(path="chat.update", times=2, **trouble))
    before = sent(world.slack, "chat.update")

    await world.acts(maya.clicks(card, "Approve"))
    assert sent(world.slack, "chat.update") == before + 2
    await world.passes(14)

    assert card.buttons == copy.buttons == ["Cancel"]
    assert all(APPROVED in one.thread[0].reads for one in (card, copy))


async def test_a_card_whose_execution_could_not_be_read_is_true_within_fifteen_seconds(
    world: World,
) -> None:
    """Buddy did not answer for a moment while somebody approved in its web app."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    run.approve(by=world.colleagues["maya"])
    world.buddy.faults.order(Fault("GET", times=3, status=503))

    await world.passes(14)

    assert card.buttons == ["Cancel"]
    assert "@maya approved" in card.thread[0].reads


async def test_a_busy_thread_is_told_later(world: World) -> None:
    """A reply that came too early is posted when Slack takes it again."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    busy = Fault(path="chat.postMessage", status=429, headers={"Retry-After": "9"})
    world.slack.faults.order(busy)

    await world.acts(maya.clicks(card, "Approve"))
    assert not card.thread
    assert card.buttons == ["Cancel"]
    await world.passes(5)
    assert not card.thread
    await world.passes(5)

    assert [reply.reads for reply in card.thread] == [f":white_check_mark: {APPROVED}"]


async def test_cards_that_are_asked_for_at_once_wait_for_their_turn(world: World) -> None:
    """A channel takes few messages at a time: nobody is told to try again, and Slack refuses none.

    Who would have to wait too long is told so.
    """
    maya = await world.person("maya")
    world.deploy.concurrent = True
    runs = [world.deploy.push(by=world.colleagues["maya"], message=f"{n}") for n in range(14)]
    asks = (maya.says(f"/buddy show shop/deploy#{run.id}", in_=world.deploys) for run in runs)
    await asyncio.gather(*asks)
    await world.settled()
    assert len(world.deploys.messages) == len(runs)
    assert all(card.reads for card in world.deploys.messages)
    assert not [note for note in maya.ephemerals if "slow down" in note.reads]

    busy = Fault(
        path="chat.postMessage",
        status=429,
        headers={"Retry-After": "21"},
        body=refused_as("ratelimited"),
    )
    world.slack.faults.order(busy)
    await world.card(maya, runs[0])
    assert "Slack asks me to slow down. Try again" in world.private(maya)
    assert len(world.deploys.messages) == len(runs)


async def test_a_busy_form_is_said(world: World) -> None:
    """A form that Slack has no time for is not silence."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    world.slack.faults.order(Fault(path="views.open", status=429, headers={"Retry-After": "9"}))

    await world.acts(maya.clicks(card, "Reject"))

    assert "Slack asks me to slow down. Try again" in world.private(maya)
    assert maya.modal is None
    assert not world.patches()
    assert card.reads


async def test_cards_that_show_the_same_are_not_sent_again(world: World) -> None:
    """An execution that waits for an hour costs reads of Buddy, and no update in Slack."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    copy = await world.card(maya, world.deploy.runs[0])
    await world.passes(5)
    before = sent(world.slack, "chat.update")
    asked = len(world.buddy.journal)

    await world.passes(600)

    assert sent(world.slack, "chat.update") == before
    assert len(world.buddy.journal) > asked + 20
    assert card.reads == copy.reads


# Messages and channels that are gone


async def test_a_deleted_card_is_let_go(world: World) -> None:
    """It is tried once, not for ever; other cards of the execution live on."""
    world.expected_refusals.add("chat.update: message_not_found")
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    other = await world.card(maya, run)
    card.deleted = True
    run.approve(by=world.colleagues["maya"])

    await world.passes(60)

    assert world.slack.refusals == ["chat.update: message_not_found"]
    assert "Successful" in other.reads
    assert "@maya approved" in other.thread[0].reads
    assert "Successful" in other.thread[1].reads


@pytest.mark.parametrize("gone", ["deleted", "archived", "bot removed", "cannot be edited"])
async def test_an_operation_from_a_card_that_is_gone(world: World, gone: str) -> None:
    """The click still counts, once, and the person is told by direct message."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    on_screen = card.snapshot()
    _take_away(world, card, gone)

    await world.acts(maya.clicks(on_screen, "Approve"))
    await world.passes(60)

    assert [effect.who for effect in run.history] == ["Maya"]
    assert len(world.patches()) == 1
    if gone == "cannot be edited":
        assert APPROVED in card.thread[0].reads
    else:
        assert [note.reads for note in maya.dms] == [f":white_check_mark: {APPROVED}"]
    assert ("maya", "approve", "done") in await world.audited()


async def test_everything_that_a_lost_thread_was_to_be_told_is_told(tmp_path: Path) -> None:
    """Two people acted while the thread was busy; then it was gone: each hears of their deed."""
    gates = Parallel([Gate("Legal"), Gate("Security")])
    async with world_of(tmp_path, [gates, Step("Deploy", seconds=600)]) as world:
        world.expected_refusals |= {MISSING, "chat.postMessage: thread_not_found"}
        maya, ben = await world.person("maya"), await world.person("ben")
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        card = await world.card(maya, run)
        busy = Fault(path="chat.postMessage", status=429, headers={"Retry-After": "9"}, times=2)
        world.slack.faults.order(busy)

        await world.acts(maya.clicks(card, "Approve: Legal"))
        await world.acts(ben.clicks(card, "Approve"))
        assert not card.thread
        card.deleted = True
        await world.passes(60)

        assert ["@maya approved Legal" in note.reads for note in maya.dms] == [True]
        assert ["@ben approved Security" in note.reads for note in ben.dms] == [True]


async def test_a_card_that_is_gone_is_noticed_before_its_thread_was_told(world: World) -> None:
    """Forgetting the card does not forget what its thread was still to be told."""
    world.expected_refusals |= {MISSING, "chat.postMessage: thread_not_found"}
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    on_screen = card.snapshot()
    card.deleted = True
    busy = Fault(path="chat.postMessage", status=429, headers={"Retry-After": "9"})
    world.slack.faults.order(busy)

    await world.acts(maya.clicks(on_screen, "Approve"))
    assert MISSING in world.slack.refusals
    assert not maya.dms
    await world.passes(60)

    assert [note.reads for note in maya.dms] == [f":white_check_mark: {APPROVED}"]
    assert run.status == "SUCCESSFUL"


async def test_a_command_in_an_archived_channel(world: World) -> None:
    """Nothing can be posted there; the operation works and is answered privately."""
    world.expected_refusals |= {"chat.postMessage: is_archived"}
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)
    world.deploys.archived = True

    assert "I cannot post in this channel" in await types(world, maya, "show shop/deploy#1")
    told = await types(world, maya, "approve shop/deploy#1")

    assert APPROVED in told
    assert run.is_running


# Private answers


async def test_a_dead_response_url_is_replaced_by_a_private_message(world: World) -> None:
    """The second way of the ladder: the same answer, where the person is."""
    maya = await world.person("maya")
    world.slack.faults.order(Fault(path="response_url", status=404))

    assert "you act as Maya" in await types(world, maya, "whoami")

    assert sent(world.slack, "chat.postEphemeral") == 1
    assert not maya.dms


async def test_where_nothing_private_can_be_shown_a_direct_message_is(world: World) -> None:
    """The third way: the bot is not in the channel, so it writes to the person."""
    world.expected_refusals.add("chat.postEphemeral: not_in_channel")
    maya = await world.person("maya")
    world.deploys.bot_is_member = False
    world.slack.faults.order(Fault(path="response_url", drop=True))

    assert not await types(world, maya, "whoami")

    assert "you act as Maya" in maya.dms[-1].reads


async def test_what_came_of_a_click_is_told_when_slack_answers_again(world: World) -> None:
    """A refusal waits in its row until some way works; nobody is left without an answer."""
    maya, ben = await world.person("maya"), await world.person("ben")
    _, card = await world.waiting(maya)
    old = card.snapshot()
    await world.acts(maya.clicks(old, "Approve"))
    world.slack.faults.order(Fault(path="response_url", status=503))
    world.slack.faults.order(Fault(path="chat.postEphemeral", status=503))
    world.slack.faults.order(
        Fault(path="conversations.open", status=429, headers={"Retry-After": "30"})
    )

    await world.acts(ben.clicks(old, "Approve"))
    assert not ben.ephemerals
    await world.passes(25)
    assert not ben.ephemerals
    await world.passes(10)

    assert "Already approved by @maya" in world.private(ben)
    assert counted(world, Metric.PRIVATE_ANSWER_LOST) == 0
    assert card.thread[0].reads
    assert "Successful" in card.thread[1].reads
    assert card.reads


async def test_what_no_way_brings_is_counted(world: World) -> None:
    """The operator can see that a person was left without an answer."""
    world.expected_errors.add("answer.lost")
    maya = await world.person("maya")
    world.slack.faults.order(Fault(path="response_url", status=500))
    refuse(world, "chat.postEphemeral", "user_not_in_channel")
    refuse(world, "conversations.open", "user_disabled")

    assert not await types(world, maya, "whoami")

    assert counted(world, Metric.PRIVATE_ANSWER_LOST) == 1
    [line] = [line for line in world.log if line["event"] == "answer.lost"]
    assert line["user"] == maya.id


async def test_an_old_response_url_is_not_tried(world: World) -> None:
    """A click that waited for half an hour is answered another way at once."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    slow = Fault(method="GET", path=f"/executions/{run.id}", delay=A_MOMENT)
    world.buddy.faults.order(slow)
    await maya.clicks(card, "Approve")
    await struck(world.buddy.faults, slow)
    run.cancel(by=world.colleagues["maya"])
    world.stage.clock.advance(timedelta(minutes=31))
    await world.settled()

    assert "Nothing was sent" in world.private(maya)
    assert sent(world.slack, "response_url") == 0
    assert sent(world.slack, "chat.postEphemeral") == 1
    assert "@maya cancelled this in Buddy" in card.thread[0].reads
    assert card.reads


# Answers that get lost, and slowness


HISTORY = {"channels:history", "groups:history"}
UNREADABLE = "conversations.replies: missing_scope"


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_a_reply_whose_answer_got_lost_is_looked_for(world: World, moment: Moment) -> None:
    """With the right to read the thread, it stands there exactly once, whatever got lost."""
    world.slack.scopes.update(HISTORY)
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    lost = Fault(path="chat.postMessage", moment=moment, drop=True)
    world.slack.faults.order(lost)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)

    told = [reply.reads for reply in card.thread]
    assert told[0] == f":white_check_mark: {APPROVED}"
    assert [text.partition(" after")[0] for text in told[1:]] == [":white_check_mark: Successful"]
    assert counted(world, Metric.REPLY_UNCLEAR) == 0
    assert card.reads


async def test_a_reply_that_may_stand_there_is_not_forgotten_while_slack_is_busy(
    world: World,
) -> None:
    """Neither the look nor the second try is made before its time, and nothing stands twice."""
    world.slack.scopes.update(HISTORY)
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    world.slack.faults.order(Fault(path="chat.postMessage", moment=Moment.AFTER, drop=True))
    busy = Fault(path="conversations.replies", status=429, headers={"Retry-After": "20"})
    world.slack.faults.order(busy)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(120)

    told = [reply.reads for reply in card.thread]
    assert told[0] == f":white_check_mark: {APPROVED}"
    assert [text.partition(" after")[0] for text in told[1:]] == [":white_check_mark: Successful"]
    assert counted(world, Metric.REPLY_UNCLEAR) == 0
    assert card.reads


async def test_a_reply_whose_answer_got_lost_is_not_posted_again(world: World) -> None:
    """Without the right to look nobody knows whether it stands there; the card says the same."""
    world.expected_refusals = {UNREADABLE}
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    lost = Fault(path="chat.postMessage", moment=Moment.AFTER, drop=True)
    world.slack.faults.order(lost)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(60)

    told = [reply.reads for reply in card.thread]
    assert told[0] == f":white_check_mark: {APPROVED}"
    assert [text.partition(" after")[0] for text in told[1:]] == [":white_check_mark: Successful"]
    assert counted(world, Metric.REPLY_UNCLEAR) == 1
    assert "Approved by @maya" in card.reads


async def test_a_reply_that_surely_was_not_posted_is_posted(world: World) -> None:
    """An error that Slack names means that nothing was done: the reply comes later."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    refuse(world, "chat.postMessage", "internal_error", times=2)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(20)

    assert [reply.reads for reply in card.thread] == [f":white_check_mark: {APPROVED}"]
    assert counted(world, Metric.REPLY_UNCLEAR) == 0
    assert card.reads


async def test_an_update_that_failed_is_made_up_for(world: World) -> None:
    """Painting a card twice does no harm, so it is done until Slack says that it stands there."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    for fault in (
        Fault(path="chat.update", status=503),
        Fault(path="chat.update", drop=True),
        Fault(path="chat.update", moment=Moment.AFTER, drop=True),
    ):
        world.slack.faults.order(fault)

    await world.acts(maya.clicks(card, "Approve"))
    await world.passes(90)

    assert run.status == "SUCCESSFUL"
    assert "Successful" in card.reads
    assert APPROVED in card.thread[0].reads
    assert "Successful" in card.thread[1].reads


async def test_a_slow_slack_loses_no_click(world: World) -> None:
    """The click is acknowledged at once and carried out, however slow the answers are."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.passes(200)
    for method in ("users.info", "chat.postMessage", "chat.update"):
        world.slack.faults.order(Fault(path=method, delay=A_MOMENT))

    ack = await maya.clicks(card, "Approve")
    assert ack.is_ok
    assert ack.elapsed < A_MOMENT.total_seconds()
    await world.settled()

    assert [effect.who for effect in run.history] == ["Maya"]
    assert APPROVED in card.thread[0].reads
    assert card.buttons == ["Cancel"]


async def test_a_form_that_came_too_late_is_said(world: World) -> None:
    """Slack gives three seconds to open a form; who waited longer is asked to click again."""
    world.expected_refusals.add("views.open: expired_trigger_id")
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    slow = Fault(path="views.open", delay=A_MOMENT)
    world.slack.faults.order(slow)

    await maya.clicks(card, "Reject")
    await struck(world.slack.faults, slow)
    world.stage.clock.advance(timedelta(seconds=4))
    await world.settled()
    assert "three seconds were over before the form was open. Try again" in (world.private(maya))

    await world.acts(maya.clicks(card, "Reject"))
    await world.acts(maya.submits({}))
    assert [effect.operation for effect in run.history] == ["CANCEL"]
    assert "@maya rejected" in card.thread[0].reads
    assert card.reads


def _take_away(world: World, card: Message, gone: str) -> None:
    if gone == "deleted":
        card.deleted = True
        world.expected_refusals |= {MISSING, "chat.postMessage: thread_not_found"}
    elif gone == "archived":
        card.channel.archived = True
        world.expected_refusals |= {"chat.update: is_inactive", "chat.postMessage: is_archived"}
    elif gone == "bot removed":
        card.channel.bot_is_member = False
        card.channel.private = True
        missing = ("chat.update", "chat.postMessage")
        world.expected_refusals |= {f"{method}: channel_not_found" for method in missing}
    else:
        refuse(world, "chat.update", "cant_update_message")
