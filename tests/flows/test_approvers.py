"""A gate finds its people: by their accounts, by their addresses, by name; never too many."""

from collections.abc import Sequence
from pathlib import Path

from sandbox.buddy import Gate, Group, Step
from sandbox.buddy import Person as Colleague
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.slack import Message, Person
from tests.world import World, world_of

ADDRESSES = (*DEFAULT_SCOPES, "MEMBER_EMAIL")


async def gate_reply(world: World, person: Person, gate: Gate) -> str:
    """Let a run come to its gate under a card of the person's; what the thread is told."""
    world.deploy.plan([Step("Build", seconds=5), gate, Step("Deploy")])
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    card: Message = await world.card(person, run)
    await world.passes(10)
    assert "May answer" in card.reads
    [told] = card.thread
    return told.reads.partition("May answer: ")[2]


def called(world: World) -> set[str]:
    """Name whom the thread notified; who started it is mentioned on its card."""
    told = {ping.target for ping in world.slack.pings if not ping.is_edit}
    return told - {"@maya"}


def stays_outside(world: World, name: str) -> tuple[Person, Colleague]:
    """Let somebody be in the channel and in Buddy who never connected the two."""
    person = world.slack.person(name)
    person.joins(world.deploys)
    return person, world.buddy.person(name.title(), workspaces=["acme"])


async def test_a_group_of_buddys_is_called_by_its_people(tmp_path: Path) -> None:
    """Who is in it and connected is mentioned; who left the workspace is not."""
    async with world_of(tmp_path) as world:
        maya, _, tom = [await world.person(name) for name in ("maya", "ben", "tom")]
        group = world.buddy.group("acme", "Release", [world.colleagues[n] for n in ("ben", "tom")])

        told = await gate_reply(world, maya, Gate("Go?", groups=[group]))

        assert told == "@ben, @tom"
        assert called(world) == {"@ben", "@tom"}
        assert not tom.ephemerals


async def test_who_never_connected_is_found_by_address(tmp_path: Path) -> None:
    """Where Buddy shows the address to the reader, and Slack lets us ask for it."""
    async with world_of(tmp_path) as world:
        maya = await world.person("maya")
        world.colleagues["maya"].scopes = ADDRESSES
        _, zoe = stays_outside(world, "zoe")

        told = await gate_reply(world, maya, Gate("Go?", approvers=[zoe]))

        assert told == "@zoe"
        assert called(world) == {"@zoe"}


async def test_without_addresses_people_are_named(tmp_path: Path) -> None:
    """Buddy keeps the address to itself: the name must do, and it pings nobody."""
    async with world_of(tmp_path) as world:
        maya = await world.person("maya")
        _, zoe = stays_outside(world, "zoe")
        zoe.name = "Zoe <!channel>"

        told = await gate_reply(world, maya, Gate("Go?", approvers=[zoe]))

        assert told.startswith("Zoe <")
        assert not called(world)


async def test_without_the_scope_slack_is_asked_once(tmp_path: Path) -> None:
    """An app that may not look people up names them; it does not ask for each of them."""
    async with world_of(tmp_path) as world:
        maya = await world.person("maya")
        world.slack.scopes.discard("users:read.email")
        world.expected_refusals = {"users.lookupByEmail: missing_scope"}
        world.colleagues["maya"].scopes = ADDRESSES
        people = [stays_outside(world, name)[1] for name in ("zoe", "ida", "kim")]

        told = await gate_reply(world, maya, Gate("Go?", approvers=people))

        assert told == "Zoe, Ida, Kim"
        asked = [c for c in world.slack.journal if c.path == "users.lookupByEmail"]
        assert len(asked) == 1


async def test_who_started_it_is_not_called_where_that_is_no_use(tmp_path: Path) -> None:
    """Buddy prevents self-approval: the starter may not answer, and is not bothered."""
    async with world_of(tmp_path) as world:
        maya, _ = await world.person("maya"), await world.person("ben")
        both = [world.colleagues["maya"], world.colleagues["ben"]]

        told = await gate_reply(
            world, maya, Gate("Go?", approvers=both, prevent_self_approval=True)
        )

        assert told == "@ben"
        assert called(world) == {"@ben"}


async def test_whoever_calls_everybody_calls_nobody(tmp_path: Path) -> None:
    """Of twelve approvers eight are called, and the rest is counted."""
    async with world_of(tmp_path) as world:
        maya = await world.person("maya")
        names: Sequence[str] = [f"approver{number}" for number in range(12)]
        people = [stays_outside(world, name)[1] for name in names]
        world.colleagues["maya"].scopes = ADDRESSES
        group: Group = world.buddy.group("acme", "Everybody", people)

        told = await gate_reply(world, maya, Gate("Go?", groups=[group]))

        assert told.endswith("@approver7 and 4 more")
        assert len(called(world)) == 8
