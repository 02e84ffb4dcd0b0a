"""Who may act: full members of our team, as Slack says now, and nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.grammar import ACTIVE
from sandbox.buddy import Execution, Gate, Parallel, Step
from sandbox.faults import Fault
from sandbox.slack import Message, Person, Role
from tests.flows.acts import refused_as, types
from tests.world import TOKEN_FIELD, World

TWO: list[Step | Gate | Parallel] = [
    Parallel([Gate("Legal"), Gate("Security")]),
    Step("Deploy", seconds=5),
]
REFUSALS = {
    Role.GUEST: "Guests cannot do this. Nothing was sent.",
    Role.SINGLE_CHANNEL_GUEST: "Guests cannot do this. Nothing was sent.",
    Role.STRANGER: "you belong to another organisation. Nothing was sent.",
    Role.DEACTIVATED: "This Slack account is deactivated or is no person. Nothing was sent.",
    Role.BOT: "This Slack account is deactivated or is no person. Nothing was sent.",
}
USAGE = {usage.word: usage for usage in ACTIVE}
ACTING = sorted(USAGE.keys() - {"help", "disconnect"})
"""The commands that need somebody who may act."""

BUTTONS = (
    ("running", "Cancel"),
    ("waiting", "Approve"),
    ("waiting", "Reject"),
    ("failed", "Retry"),
    ("delayed", "Start now"),
)
"""Every button of a card, with a state that has it."""

refused_roles = pytest.mark.parametrize(
    ("role", "reason"), REFUSALS.items(), ids=[str(role) for role in REFUSALS]
)


async def somebody(world: World, role: Role) -> Person:
    """Let somebody in who once linked an account as a member: only the role speaks against them."""
    gia = await world.person("gia", connected=role is not Role.STRANGER)
    if role is Role.STRANGER:
        gia = world.slack.person("sam", role)
        gia.joins(world.deploys)
    gia.role = role
    world.deploys.shared = role is Role.STRANGER
    await world.passes(200)
    return gia


async def card_in(world: World, state: str, member: Person) -> tuple[Execution, Message]:
    """Show the card of an execution in some state."""
    by = world.colleagues[member.name]
    if state == "delayed":
        later = world.stage.clock.now() + timedelta(hours=3)
        run = world.deploy.run(by=by, delay_until=later)
    else:
        run = world.deploy.push(by=by, message="Fix login")
        await world.passes(5 if state == "running" else 25)
    if state == "failed":
        run.cancel(by=by)
        await world.passes(10)
    return run, await world.card(member, run)


@refused_roles
async def test_every_button_is_refused_privately(world: World, role: Role, reason: str) -> None:
    """Whoever may not act is told so, only they see it, no form opens and nothing is sent."""
    maya = await world.person("maya")
    gia = await somebody(world, role)

    for state, button in BUTTONS:
        run, card = await card_in(world, state, maya)
        before, told = len(run.history), len(gia.ephemerals)
        ack = await world.acts(gia.clicks(card, button))

        assert ack.is_ok
        assert reason in world.private(gia)
        assert len(gia.ephemerals) == told + 1
        assert gia.modal is None
        assert len(run.history) == before
        assert not card.thread
        assert button in card.buttons
    assert not world.patches()
    threads = [reply.reads for card in world.deploys.messages for reply in card.thread]
    assert not [told for told in threads if gia.name in told]


@pytest.mark.parametrize(
    ("role", "reason"), [pair for pair in REFUSALS.items() if pair[0] is not Role.STRANGER], ids=str
)
async def test_every_command_is_refused_privately(world: World, role: Role, reason: str) -> None:
    """Commands are no way around: the same refusal, no card, and Buddy is not even asked."""
    maya = await world.person("maya")
    gia = await somebody(world, role)
    world.deploy.push(by=world.colleagues[maya.name], message="Fix login")
    await world.passes(25)
    asked = len(world.buddy.journal)

    for word in ACTING:
        text = "shop/deploy#1" if "EXECUTION" in USAGE[word].arguments else ""
        assert reason in await types(world, gia, f"{word} {text}")

    assert gia.modal is None
    assert len(world.buddy.journal) == asked
    assert not world.deploys.messages


@refused_roles
async def test_even_somebody_refused_may_read_help_and_take_their_token_back(
    world: World, role: Role, reason: str
) -> None:
    """A former member can still make the bot forget; help helps everybody."""
    gia = await somebody(world, role)
    told = await types(world, gia, "help")
    if role is Role.STRANGER:
        assert "/buddy is not a valid command" in told
        assert reason
        return

    assert "What I can do for you" in told
    assert "I no longer hold your Buddy token" in await types(world, gia, "disconnect")


async def test_a_form_that_was_open_when_somebody_became_a_guest(world: World) -> None:
    """The reason form of somebody who may no longer act sends nothing, and they are told."""
    maya, gia = await world.person("maya"), await world.person("gia")
    run, card = await world.waiting(maya)
    await world.acts(gia.clicks(card, "Reject"))
    gia.role = Role.GUEST
    await world.passes(200)

    await world.acts(gia.submits({"Reason": "I am leaving"}))

    assert "Guests cannot do this" in world.private(gia)
    assert run.is_waiting
    assert not world.patches()
    assert not card.thread
    assert card.reads


async def test_the_choice_of_a_gate_is_no_way_around(world: World) -> None:
    """Buttons of a private answer are checked like any other."""
    world.deploy.plan(TWO)
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(5)
    await types(world, maya, "approve shop/deploy#1")
    choice = maya.ephemerals[-1]
    maya.role = Role.GUEST
    await world.passes(200)

    await world.acts(maya.clicks(choice, "Approve: Legal"))

    assert "Guests cannot do this" in world.private(maya)
    assert not run.history


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="users.info", status=500),
        Fault(path="users.info", status=429, headers={"Retry-After": "30"}),
        Fault(path="users.info", status=200, body=refused_as("internal_error")),
        Fault(path="users.info", status=200, body="<html>"),
        Fault(path="users.info", drop=True, times=2),  # a lone one is healed by the HTTP client
    ],
    ids=["5xx", "429", "error", "no JSON", "dropped"],
)
async def test_without_slacks_word_nobody_is_admitted(world: World, fault: Fault) -> None:
    """Slack does not say who somebody is: nothing is done, they are told, and may try again."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.passes(200)
    world.slack.faults.order(replace(fault))

    await world.acts(maya.clicks(card, "Approve"))
    assert "Slack did not tell me in time who you are" in world.private(maya)
    assert not world.patches()

    await world.acts(maya.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_a_person_unknown_to_slack_is_a_stranger(world: World) -> None:
    """«user_not_found» is an answer: nobody of ours."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    await world.passes(200)
    unknown = Fault(path="users.info", status=200, body=refused_as("user_not_found"))
    world.slack.faults.order(unknown)

    await world.acts(maya.clicks(card, "Approve"))

    assert "you belong to another organisation" in world.private(maya)
    assert not world.patches()
    assert card.reads


async def test_a_verdict_holds_for_minutes_only(world: World) -> None:
    """Slack is asked once in a while, not at every click, and a new guest is noticed soon."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    await world.passes(200)
    before = _asked(world)

    for _ in range(3):
        await types(world, maya, "whoami")
    assert _asked(world) == before + 1

    maya.role = Role.GUEST
    await world.passes(200)
    await world.acts(maya.clicks(card, "Approve"))
    assert "Guests cannot do this" in world.private(maya)
    assert _asked(world) == before + 2
    assert run.is_waiting

    maya.role = Role.MEMBER
    await world.passes(200)
    await world.acts(maya.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_a_refusal_is_remembered_as_briefly(world: World) -> None:
    """Somebody who was made a full member does not wait longer than that."""
    maya = await world.person("maya")
    gia = await world.person("gia", Role.GUEST, connected=False)
    _, card = await world.waiting(maya)
    before = _asked(world)
    for _ in range(2):
        await world.acts(gia.clicks(card, "Approve"))
        assert "Guests cannot do this" in world.private(gia)
    assert _asked(world) == before + 1

    gia.role = Role.MEMBER
    await world.passes(200)
    await world.acts(gia.clicks(card, "Approve"))

    assert "I do not know your Buddy account yet" in world.private(gia)
    await world.acts(gia.clicks(gia.ephemerals[-1], "Connect Buddy"))
    form = gia.modal
    assert form is not None
    await world.acts(gia.submits({TOKEN_FIELD: world.colleagues["gia"].token}))
    assert "now acts in Buddy" in form.reads
    assert "@gia approved" in card.thread[0].reads
    assert [note.reads for note in gia.ephemerals]
    assert card.reads


async def test_an_admin_is_a_member_like_any_other(world: World) -> None:
    """Slack's own roles above a member change nothing."""
    ada = await world.person("ada", Role.ADMIN)
    run, card = await world.waiting(ada)

    await world.acts(ada.clicks(card, "Approve"))

    assert [effect.who for effect in run.history] == ["Ada"]
    assert card.thread[0].reads
    assert card.reads


def _asked(world: World) -> int:
    return len(world.slack.journal.select(path="users.info"))
