"""A channel stays quiet: one card for each execution, and one for what fails again and again."""

import pytest

from bot.database import StorageUnavailable, Transaction
from bot.domain.command import Moment
from bot.domain.subscription import ONLY_FAILURES
from bot.services.following.letters import Letter, Letters
from sandbox.buddy import Execution, Gate, Step
from sandbox.slack import Person
from tests.flows.acts import story
from tests.flows.heard import Told, cards, subscribe, webhook
from tests.world import World, both_databases

FAILURES = Told(moments=(Moment.FAILED,))


async def runs(world: World, person: Person, *, fails: bool, branch: str = "") -> Execution:
    """Let a run come to its end."""
    told = {"branch": branch} if branch else {}
    run = world.deploy.push(by=world.colleagues[person.name], message="Change", **told)
    if fails:
        run.fails_at("Build")
    await world.passes(25)
    return run


async def told_of_failures(world: World, told: Told = FAILURES) -> Person:
    """Let the channel be told of failures of a pipeline without gates."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=5), Step("Deploy", seconds=5)])
    await subscribe(world, maya, told=told)
    await webhook(world, maya)
    return maya


def letters(person: Person) -> list[str]:
    """Read what a person was told directly, each by its first line."""
    return [message.reads.partition("\n")[0] for message in person.dms]


async def test_what_fails_again_is_told_under_the_first(world: World) -> None:
    """Three failures are one card; each starter is told all the same."""
    maya = await told_of_failures(world)
    first = await runs(world, maya, fails=True)
    for _ in range(2):
        await runs(world, maya, fails=True)

    [card] = world.deploys.messages
    assert cards(world.deploys, first) == [card]
    assert "Failed" in card.reads
    assert [line[:60] for line in story(card)] == [
        ":x: Build failed after 5 s",
        ":x: shop / Deploy #2 failed again: the 2nd time since 2026-1",
        ":x: shop / Deploy #3 failed again: the 3rd time since 2026-1",
    ]
    assert len(letters(maya)) == 3


async def test_back_to_green_is_told_once(world: World) -> None:
    """In the thread of the first failure; the next failure has a card of its own."""
    maya = await told_of_failures(world)
    await runs(world, maya, fails=True)
    await runs(world, maya, fails=True)
    await runs(world, maya, fails=False)
    await runs(world, maya, fails=False)

    [card] = world.deploys.messages
    assert card.reads
    assert story(card)[2:] == [
        ":green_heart: Back to green with shop / Deploy #3, after 2 failures"
    ]
    again = await runs(world, maya, fails=True)
    [other] = cards(world.deploys, again)
    assert other is not card
    assert other.reads
    assert story(other)
    assert letters(maya)


async def test_two_successes_at_one_moment_mend_it_once(world: World) -> None:
    """Buddy could not tell of them, so one look at the list finds both."""
    maya = await told_of_failures(world)
    await runs(world, maya, fails=True)
    world.buddy.deliveries.mishaps.is_cut = True
    world.deploy.concurrent = True
    for _ in range(2):
        world.deploy.push(by=world.colleagues["maya"], message="Mended")
    await world.passes(700)

    [card] = world.deploys.messages
    assert card.reads
    assert [line[:14] for line in story(card)[1:]] == [":green_heart: "]
    assert letters(maya)


@both_databases
async def test_failures_of_one_moment_are_counted_one_by_one(world: World) -> None:
    """One look at the list finds four: each is told with a number of its own."""
    maya = await told_of_failures(world)
    await runs(world, maya, fails=True)
    world.buddy.deliveries.mishaps.is_cut = True
    world.deploy.concurrent = True
    for _ in range(4):
        world.deploy.push(by=world.colleagues["maya"], message="Change").fails_at("Build")
    await world.passes(700)

    [card] = world.deploys.messages
    assert card.reads
    counted = sorted(line.partition("again: the ")[2][:3] for line in story(card)[1:])
    assert counted == ["2nd", "3rd", "4th", "5th"]
    assert len(letters(maya)) == 5


async def test_fixed_has_a_card_where_it_was_asked_for(world: World) -> None:
    """And only the first success is it."""
    maya = await told_of_failures(world, Told(moments=ONLY_FAILURES))
    await runs(world, maya, fails=True)
    fixed = await runs(world, maya, fails=False)
    await runs(world, maya, fails=False)

    first, second = world.deploys.messages
    assert cards(world.deploys, fixed) == [second]
    assert "Successful" in second.reads
    assert first.reads
    assert "Back to green" in story(first)[1]
    assert letters(maya)


async def test_branches_fail_apart(world: World) -> None:
    """A failure of another branch is news."""
    maya = await told_of_failures(world)
    await runs(world, maya, fails=True)
    await runs(world, maya, fails=True, branch="release/2")
    assert len(world.deploys.messages) == 2
    for card in world.deploys.messages:
        assert card.reads
        assert len(story(card)) == 1
    assert letters(maya)


async def test_where_starts_are_told_each_has_its_card(world: World) -> None:
    """Somebody asked for a card of each."""
    maya = await told_of_failures(world, Told())
    await runs(world, maya, fails=True)
    await runs(world, maya, fails=True)
    assert len(world.deploys.messages) == 2
    for card in world.deploys.messages:
        assert "Failed" in card.reads
        assert story(card)
    assert letters(maya)


async def test_a_gate_that_opens_calls_its_people(world: World) -> None:
    """A channel that is told of gates alone: a card with buttons, and a reply that mentions."""
    maya, ben = await world.person("maya"), await world.person("ben")
    gate = Gate("Go live?", question="Is support informed?", approvers=[world.colleagues["ben"]])
    world.deploy.plan([Step("Build", seconds=5), gate])
    await subscribe(world, maya, told=Told(moments=(Moment.WAITING,)))
    await webhook(world, maya)
    world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(30)

    [card] = world.deploys.messages
    assert card.buttons == ["Approve", "Reject"]
    [reply] = card.thread
    assert reply.reads.endswith("May answer: @ben")
    assert "@ben" in {ping.target for ping in world.slack.pings if ping.ts == reply.ts}
    assert not ben.dms


async def test_a_success_between_two_looks_ends_the_streak(world: World) -> None:
    """Without a webhook as well; the next failure has a card of its own."""
    maya = await world.person("maya")
    world.deploy.plan([Step("Build", seconds=5)])
    await subscribe(world, maya, told=FAILURES)
    for fails in (True, False, True):
        await world.passes(1_800)
        await runs(world, maya, fails=fails)
        await world.passes(300)

    first, second = world.deploys.messages
    assert [line[:22] for line in story(first)[1:]] == [":green_heart: Back to "]
    assert first.reads
    assert second.reads
    assert story(second)
    assert letters(maya)


async def test_who_started_it_is_told_though_the_database_went_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a new card and under the first one: what the channel knows and its letter are one."""
    world.slack.scopes.add("channels:history")
    maya = await told_of_failures(world)
    puts, refused = Letters.put, []

    async def put(letters: Letters, transaction: Transaction, letter: Letter) -> None:
        if letter.ref.execution not in refused:
            refused.append(letter.ref.execution)
            raise StorageUnavailable("gone", is_sure=True)
        await puts(letters, transaction, letter)

    monkeypatch.setattr(Letters, "put", put)
    for number in (1, 2):
        await runs(world, maya, fails=True)
        await world.passes(30)
        assert refused == list(range(1, number + 1))
        assert len(letters(maya)) == number

    [card] = world.deploys.messages
    assert "Failed" in card.reads
    assert len(story(card)) == 2
