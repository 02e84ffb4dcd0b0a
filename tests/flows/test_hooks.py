"""Buddy tells the bot: its webhook is made, or shown to be pasted; rotated; taken away."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.click import Place
from bot.domain.person import Person as Asker
from bot.domain.wishes import SetUp
from bot.services.identity import Actor
from bot.services.subscribing.hooks import Hooks, Space
from bot.services.subscribing.wishing import Ask
from bot.store import subscriptions
from sandbox.buddy import StepCall
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.buddy.webhooks import EVENTS, Webhook
from sandbox.faults import Fault, Moment
from sandbox.slack import Person
from tests.flows.acts import A_MOMENT, refused_as, struck, types
from tests.flows.heard import cards
from tests.world import World, world_of

MANAGES = (*DEFAULT_SCOPES, "WEBHOOK_MANAGE")


@asynccontextmanager
async def reachable(folder: Path) -> AsyncIterator[World]:
    """Open a world whose bot Buddy can call."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    where = f"127.0.0.1:{port}"
    async with world_of(folder, public_url=f"http://{where}", listen=where) as world:
        yield world


def webhooks(world: World) -> list[Webhook]:
    """List the workspace's webhooks."""
    return list(world.buddy.state.webhooks.values())


def secret_in(shown: str) -> str:
    """Find the secret in what a person is shown: the last long word alone on its line."""
    found: list[str] = re.findall(r"(?m)^`*([A-Za-z0-9_-]{32})`*$", shown)
    assert found, shown
    return found[-1]


async def sees(world: World, person: Person, button: str) -> str:
    """Press a button of the last private message; what is shown then."""
    offered = [note for note in person.ephemerals if button in note.buttons]
    await world.acts(person.clicks(offered[-1], button))
    return "\n".join(note.reads for note in person.ephemerals[-2:])


async def test_the_webhook_is_made_and_taken_away(tmp_path: Path) -> None:
    """Where the person's token may; one serves the whole workspace."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES

        told = await types(world, maya, "subscribe shop/deploy")
        assert "I made a webhook in Buddy for it" in told
        [made] = webhooks(world)
        assert set(made.events) == set(EVENTS) - {"PUSH"}
        assert made.secret_key not in told
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        await world.settled()
        [card] = cards(world.deploys, run)
        assert card.reads

        assert "Buddy's webhook for it is there" in await types(world, maya, "subscribe shop")
        assert webhooks(world) == [made]
        assert "last called" in await types(world, maya, "settings")
        await types(world, maya, "unsubscribe shop/deploy")
        assert webhooks(world) == [made]
        await types(world, maya, "unsubscribe shop")
        assert webhooks(world) == []
        assert [message.reads for message in world.deploys.messages]


async def test_a_webhook_is_shown_to_be_pasted(tmp_path: Path) -> None:
    """Who is no admin gets what an admin must paste, once; a new secret leaves the old a day."""
    async with reachable(tmp_path) as world:
        await world.person("root")
        ben = await world.person("ben")
        told = await types(world, ben, "subscribe shop/deploy")
        assert "Your Buddy token may not make webhooks" in told
        assert not webhooks(world)

        shown = await sees(world, ben, "Show the webhook…")
        [url] = re.findall(rf"{world.stage.bot.url}/buddy/webhooks/[\w-]+", shown)
        first = secret_in(shown)
        workspace = world.buddy.state.workspaces["acme"]
        now = world.stage.clock.now()
        pasted = Webhook(1, workspace, url, first, EVENTS, since=now)
        world.buddy.state.webhooks[1] = pasted
        run = world.deploy.push(by=world.colleagues["ben"], message="One")
        await world.settled()
        assert len(cards(world.deploys, run)) == 1

        second = secret_in(await sees(world, ben, "Rotate secret"))
        assert second != first
        assert "good for another 24 hours" in world.private(ben)
        for secret in (first, second):
            pasted.secret_key = secret
            run = world.deploy.push(by=world.colleagues["ben"], message="More")
            await world.settled()
            assert len(cards(world.deploys, run)) == 1

        stored = (tmp_path / "greenlight.sqlite3").read_bytes()
        assert first.encode() not in stored
        assert second.encode() not in stored
        assert first not in str(world.log)
        assert [message.reads for message in world.deploys.messages]
        assert [note.reads for note in ben.ephemerals]


async def test_a_step_tells_of_gates(tmp_path: Path) -> None:
    """Its lines are shown with the address and the name of the secret, never the secret itself."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy on:waiting")

        shown = await sees(world, maya, "Show the step…")
        [url] = re.findall(rf"{world.stage.bot.url}/buddy/runs/[\w-]+", shown)
        assert 'Authorization: Bearer $GREENLIGHT_SECRET"' in shown
        world.deploy.on_wait = StepCall(url, secret_in(shown))
        run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
        await world.passes(25)

        [card] = cards(world.deploys, run)
        assert "Approve" in card.buttons
        assert [reply.reads for reply in card.thread]
        assert [message.reads for message in world.deploys.messages]
        assert [note.reads for note in maya.ephemerals]


async def asks_for(world: World, person: Person, kind: str, key: str) -> str:
    """Press a button for a secret that may stand in anybody's sight; what is shown then."""
    async with world.stage.bot.database.snapshot() as transaction:
        [one, *_] = await subscriptions.everything(transaction)
    seen = len(person.ephemerals)
    asker, place = Asker(world.slack.team, person.id), Place(world.deploys.id)
    await world.stage.bot.services.wishing.take(Ask(key, asker, place, SetUp(one.id, kind)))
    await world.settled()
    return "\n".join(note.reads for note in person.ephemerals[seen:])


async def test_a_secret_is_for_who_sees_what_it_is_about(tmp_path: Path) -> None:
    """A linked member of the channel who sees another workspace gets none, and rotates none."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        world.buddy.workspace("other")
        eve = world.slack.person("eve")
        eve.joins(world.deploys)
        world.colleagues["eve"] = world.buddy.person("Eve", workspaces=["other"])
        await world.connect(eve)
        for topic in ("shop", "shop/deploy"):
            await types(world, maya, f"subscribe {topic}")
            [made] = webhooks(world)
            before = made.secret_key
            for kind in ("step", "webhook"):
                told = await asks_for(world, eve, kind, f"{topic}/{kind}")
                assert "Your Buddy account does not see what this channel is told of" in told
            assert made.secret_key == before
            await types(world, maya, f"unsubscribe {topic}")
        assert [message.reads for message in world.deploys.messages]


async def test_a_webhooks_secret_is_for_who_manages_it(tmp_path: Path) -> None:
    """Whoever only works on the pipeline gets a step's secret, and is told whom to ask."""
    async with reachable(tmp_path) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [made] = webhooks(world)
        before = made.secret_key

        told = await asks_for(world, ben, "webhook", "one")
        assert "may not manage this workspace's webhooks" in told
        assert made.secret_key == before
        assert secret_in(await asks_for(world, ben, "step", "two"))
        assert secret_in(await asks_for(world, maya, "webhook", "three")) == made.secret_key
        assert [message.reads for message in world.deploys.messages]


async def tells_of(world: World, message: str) -> bool:
    """Push something; whether what Buddy calls with lets the channel be told at once."""
    run = world.deploy.push(by=world.colleagues["maya"], message=message)
    await world.settled()
    return bool([card.reads for card in cards(world.deploys, run)])


async def test_a_secret_that_buddy_does_not_take_is_not_kept(tmp_path: Path) -> None:
    """However often it is tried, Buddy can go on calling with the one that it has."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [made] = webhooks(world)
        before = made.secret_key
        for key in ("one", "two"):
            refusal = Fault(method="PATCH", path="/webhooks", status=403, body="{}", times=2)
            world.buddy.faults.order(refusal)
            told = await asks_for(world, maya, "webhook", key)
            assert "Buddy did not take a new secret" in told
            world.buddy.faults.clear()
        assert made.secret_key == before
        assert await tells_of(world, "Still heard")
        assert [message.reads for message in world.deploys.messages]


async def test_a_secret_that_buddy_may_have_taken_counts(tmp_path: Path) -> None:
    """So does the one before, and the next rotation mends it."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [made] = webhooks(world)
        before = made.secret_key
        lost = Fault(method="PATCH", path="/webhooks", drop=True, moment=Moment.AFTER, times=9)
        world.buddy.faults.order(lost)
        told = await asks_for(world, maya, "webhook", "one")
        world.buddy.faults.clear()
        assert "Buddy's answer got lost" in told
        after = made.secret_key
        assert after != before
        for secret in (after, before):
            made.secret_key = secret
            assert await tells_of(world, secret)
        assert secret_in(await asks_for(world, maya, "webhook", "two")) == made.secret_key
        assert await tells_of(world, "Heard")
        assert [message.reads for message in world.deploys.messages]


async def test_secrets_made_at_one_moment_leave_the_one_that_buddy_has(tmp_path: Path) -> None:
    """Whose call reaches Buddy last is not whose was stored last; it is heard a day later, too."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        elsewhere = world.slack.channel("elsewhere", [maya])
        await types(world, maya, "subscribe shop/deploy")
        await maya.says("/buddy subscribe shop", in_=elsewhere)
        await world.settled()
        async with world.stage.bot.database.snapshot() as transaction:
            first, second = await subscriptions.everything(transaction)
        slow = Fault(method="PATCH", path="/webhooks", delay=A_MOMENT)
        world.buddy.faults.order(slow)
        for one in (first, second):
            ask = Ask(one.channel, one.owner, Place(one.channel), SetUp(one.id, "webhook"))
            await world.stage.bot.services.wishing.take(ask)
            await struck(world.buddy.faults, slow)
        await world.settled()
        world.stage.clock.advance(timedelta(hours=25))
        await world.settled()

        world.deploy.push(by=world.colleagues["maya"], message="Heard")
        await world.passes(5)

        [made] = webhooks(world)
        assert [request.status for request in made.requests] == [200]
        assert [m.reads for place in (elsewhere, world.deploys) for m in place.messages]
        assert [note.reads for note in maya.ephemerals]


async def test_an_end_that_slack_was_too_busy_for_goes_on(tmp_path: Path) -> None:
    """The channel and the person are told once, and the webhook is taken away."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        busy = Fault(
            path="chat.postMessage",
            status=429,
            body=refused_as("ratelimited"),
            headers={"Retry-After": "7"},
        )
        world.slack.faults.order(busy)
        await types(world, maya, "unsubscribe shop/deploy")
        await world.passes(60)

        assert "This channel is told no more of" in world.private(maya)
        assert "not told of" not in world.private(maya)
        assert webhooks(world) == []
        ends = [one for one in world.deploys.messages if "ended this channel's word" in one.reads]
        assert len(ends) == 1
        assert [message.reads for message in world.deploys.messages]


async def test_a_webhook_whose_answer_got_lost_is_found_again(tmp_path: Path) -> None:
    """There is one, and what it calls is known."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        world.buddy.faults.order(
            Fault(method="POST", path="/webhooks", drop=True, moment=Moment.AFTER, times=9)
        )
        assert "did not take my webhook" in await types(world, maya, "subscribe shop/deploy")
        world.buddy.faults.clear()
        await types(world, maya, "subscribe shop/deploy")
        assert len(webhooks(world)) == 1
        assert await tells_of(world, "Heard")
        assert [message.reads for message in world.deploys.messages]


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_webhook_whose_answer_got_lost_is_taken_away(
    tmp_path: Path, *, is_down: bool
) -> None:
    """Nobody noted its number: it is found by its address; if Buddy does not answer, that is said.

    Another one that calls somebody else stays.
    """
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        workspace, now = world.buddy.state.workspaces["acme"], world.stage.clock.now()
        other = Webhook(99, workspace, "http://127.0.0.1:1/", "x", EVENTS, since=now)
        world.buddy.state.webhooks[99] = other
        lost = Fault(method="POST", path="/webhooks", drop=True, moment=Moment.AFTER, times=9)
        world.buddy.faults.order(lost)
        assert "did not take my webhook" in await types(world, maya, "subscribe shop/deploy")
        world.buddy.faults.clear()
        assert len(webhooks(world)) == 2
        if is_down:
            world.buddy.faults.order(Fault(path="/webhooks", status=503, body="{}", times=100))

        told = await types(world, maya, "unsubscribe shop/deploy")

        world.buddy.faults.clear()
        assert ("may still stand in Buddy and call me in vain" in told) is is_down
        assert (webhooks(world) == [other]) is not is_down
        assert [message.reads for message in world.deploys.messages]


@pytest.mark.parametrize("status", [503, 403])
async def test_a_webhook_of_channels_that_end_at_one_moment_is_taken_away(
    tmp_path: Path, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each took the other for needing it; where Buddy lets nobody, whoever ended it is told."""
    tidies, both = Hooks.tidy, asyncio.Barrier(2)

    async def tidy(
        hooks: Hooks, actor: Actor | None, space: Space, besides: int = 0
    ) -> bool | None:
        is_clean = await tidies(hooks, actor, space, besides)
        if besides:
            await both.wait()
        return is_clean

    monkeypatch.setattr(Hooks, "tidy", tidy)
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        elsewhere = world.slack.channel("elsewhere", [maya])
        places = (world.deploys, elsewhere)
        for topic, place in zip(("shop/deploy", "shop"), places, strict=True):
            await maya.says(f"/buddy subscribe {topic}", in_=place)
            await world.settled()
        refusal = Fault(method="DELETE", path="/webhooks", status=status, body="{}", times=1_000)
        world.buddy.faults.order(refusal)
        await asyncio.gather(*(maya.says("/buddy unsubscribe", in_=each) for each in places))
        await world.settled()
        if status == 503:
            world.buddy.faults.clear()
        await world.passes(120)

        told = "\n".join(note.reads for note in (*maya.ephemerals, *maya.dms))
        may_stand = "The webhook of acme may still stand in Buddy and call me in vain" in told
        assert may_stand is (status == 403)
        assert bool(webhooks(world)) is may_stand
        assert [message.reads for place in places for message in place.messages]


@pytest.mark.parametrize("may_make", [True, False])
async def test_a_webhook_that_was_deleted_in_buddy_is_made_anew(
    tmp_path: Path, *, may_make: bool
) -> None:
    """By whoever rotates its secret, if their token may; else they are shown what to paste."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [made] = webhooks(world)
        world.buddy.state.webhooks.clear()
        if not may_make:
            refusal = Fault(method="POST", path="/webhooks", status=403, body="{}")
            world.buddy.faults.order(refusal)

        told = await asks_for(world, maya, "webhook", "one")

        if may_make:
            assert "was gone, so I made another one, with a new secret" in told
        else:
            assert "The webhook is gone: somebody deleted it in Buddy" in told
            assert made.target_url in told
            made.secret_key = secret_in(told)
            world.buddy.state.webhooks[made.id] = made
        [there] = webhooks(world)
        assert there.target_url == made.target_url
        assert await tells_of(world, "Heard")
        assert secret_in(await asks_for(world, maya, "webhook", "two"))
        assert [message.reads for message in world.deploys.messages]


async def test_who_subscribes_again_has_a_deleted_webhook_made_anew(tmp_path: Path) -> None:
    """If their token may see that it is gone; else it is taken to be there."""
    async with reachable(tmp_path) as world:
        maya, ben = await world.person("maya"), await world.person("ben")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        world.buddy.state.webhooks.clear()
        assert "Buddy's webhook for it is there" in await types(world, ben, "subscribe shop")
        assert "I made a webhook in Buddy for it" in await types(world, maya, "subscribe shop")
        assert len(webhooks(world)) == 1
        assert await tells_of(world, "Heard")
        assert [message.reads for message in world.deploys.messages]


async def test_a_webhook_that_somebody_set_up_anew_takes_the_secret(tmp_path: Path) -> None:
    """It calls the same address, whatever number it has."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [made] = webhooks(world)
        world.buddy.state.webhooks.clear()
        made.id = world.buddy.number("webhook")
        world.buddy.state.webhooks[made.id] = made

        assert secret_in(await asks_for(world, maya, "webhook", "one")) == made.secret_key
        assert await tells_of(world, "Heard")
        await types(world, maya, "unsubscribe shop/deploy")
        assert webhooks(world) == []
        assert [message.reads for message in world.deploys.messages]


@pytest.mark.parametrize("is_gone", [True, False])
async def test_whoever_may_not_see_a_webhook_is_not_believed(
    tmp_path: Path, *, is_gone: bool
) -> None:
    """Buddy answers 404 for what is gone and for what is hidden; its list tells which it is."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        if is_gone:
            world.buddy.state.webhooks.clear()
        else:
            world.buddy.faults.order(Fault(path="/webhooks", status=404, body="{}", times=100))
            told = await asks_for(world, maya, "webhook", "one")
            assert "Look in Buddy under Settings → Webhooks whether the webhook still" in told
        told = await types(world, maya, "unsubscribe shop/deploy")
        world.buddy.faults.clear()
        may_stand = "The webhook of acme may still stand in Buddy and call me in vain" in told
        assert may_stand is not is_gone
        assert [message.reads for message in world.deploys.messages]


@pytest.mark.parametrize("silences", [0, 3])
async def test_a_webhook_that_is_needed_again_is_made_again(tmp_path: Path, silences: int) -> None:
    """Somebody subscribes in another channel while it is being taken away; Buddy may be down."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        [first] = webhooks(world)
        slow = Fault(method="DELETE", path="/webhooks", delay=A_MOMENT)
        world.buddy.faults.order(slow)
        await maya.says("/buddy unsubscribe shop/deploy", in_=world.deploys)
        await struck(world.buddy.faults, slow)
        if silences:
            down = Fault(method="POST", path="/webhooks", status=503, times=silences)
            world.buddy.faults.order(down)
        elsewhere = world.slack.channel("elsewhere", [maya])
        await maya.says("/buddy subscribe shop", in_=elsewhere)
        await world.settled()
        await world.passes(60)

        [made] = webhooks(world)
        assert made != first
        run = world.deploy.push(by=world.colleagues["maya"], message="Heard")
        await world.settled()
        assert [card.reads for card in cards(elsewhere, run)]
        assert [m.reads for place in (elsewhere, world.deploys) for m in place.messages]
        assert [note.reads for note in maya.ephemerals]


async def test_a_workspace_that_was_renamed_keeps_its_webhook(tmp_path: Path) -> None:
    """It calls the same address; all of the channel's wishes go on, and its end takes it away."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        await types(world, maya, "subscribe shop")
        [made] = webhooks(world)
        world.buddy.rename_workspace(made.workspace, "acme-two")

        assert await tells_of(world, "One")
        assert "webhook of acme-two: last called" in await types(world, maya, "settings")
        await types(world, maya, "unsubscribe shop/deploy")
        assert webhooks(world) == [made]
        assert await tells_of(world, "Two")
        await types(world, maya, "unsubscribe shop")
        assert webhooks(world) == []
        assert [message.reads for message in world.deploys.messages]


async def test_a_project_that_moved_takes_no_webhook_along(tmp_path: Path) -> None:
    """Who reads it sees both workspaces: the old one has its name still, and its webhook."""
    async with reachable(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = MANAGES
        await types(world, maya, "subscribe shop/deploy")
        other = world.buddy.workspace("other")
        other.join(world.colleagues["maya"], is_admin=True)
        project = world.deploy.project
        del world.buddy.state.projects["acme", "shop"]
        project.workspace = other
        world.buddy.state.projects["other", "shop"] = project

        world.deploy.push(by=world.colleagues["maya"], message="Moved")
        await world.passes(180)
        told = await types(world, maya, "settings")
        assert "webhook of other" not in told
        assert "Approve" in world.deploys.messages[-1].buttons
        assert [reply.reads for reply in world.deploys.messages[-1].thread]
        assert [message.reads for message in world.deploys.messages]
