"""Linking: each acts with their own Buddy account, whose token nobody else ever sees."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from bot.store.tables import identity
from sandbox.clock import hold_up
from sandbox.faults import Fault
from sandbox.slack import Person, Role, View
from tests.flows.acts import A_MOMENT, struck, types
from tests.world import TOKEN_FIELD, World


async def form_of(world: World, person: Person) -> View:
    """Open the form by command."""
    await world.acts(person.says("/buddy connect", in_=world.deploys))
    assert person.modal is not None
    return person.modal


async def links(world: World) -> list[tuple[str, int, str]]:
    """Read who is linked: name, generation and sealed token."""
    columns = (identity.c.user, identity.c.generation, identity.c.sealed_token)
    async with world.stage.bot.database.snapshot() as transaction:
        rows = list(await transaction.run(select(*columns).order_by(identity.c.id)))
    return [(world.slack.name_of(row.user), row.generation, row.sealed_token) for row in rows]


def stored(folder: Path) -> bytes:
    """Read every byte that the bot keeps: the database file and those beside it."""
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def told_to_others(world: World) -> str:
    """Write down all that the bot logged and all that it sent to Slack."""
    return repr(world.log) + repr([call.body for call in world.slack.journal])


async def test_a_token_is_pasted_into_a_form_and_both_identities_are_named(world: World) -> None:
    """The form says what to do, and in the end who acts as whom, with which scopes."""
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)
    assert form.title == "Connect Buddy"
    assert "with your own Buddy account" in form.reads
    assert "WORKSPACE, EXECUTION_INFO, EXECUTION_RUN, USER_INFO" in form.reads

    await world.acts(maya.submits({TOKEN_FIELD: f"  {world.colleagues['maya'].token.upper()}\n"}))

    assert form.title == "Connected"
    assert "@maya now acts in Buddy as Maya" in form.reads
    assert "Scopes: WORKSPACE, EXECUTION_INFO, EXECUTION_RUN, USER_INFO" in form.reads
    assert [(name, generation) for name, generation, _ in await links(world)] == [("maya", 1)]
    assert {call.who for call in world.buddy.journal} == {"Maya"}


async def test_a_click_waits_for_the_account_of_who_made_it(world: World) -> None:
    """Who is unlinked connects with the answer's own button; the form names what is done then."""
    ben = await world.person("ben")
    maya = await world.person("maya", connected=False)
    run, card = await world.waiting(ben)
    await world.acts(maya.clicks(card, "Approve"))
    assert "I only ever act as you. Connect it within 15 minutes and I approve this then" in (
        world.private(maya)
    )
    await world.passes(60)
    assert not world.patches()

    await world.acts(maya.clicks(maya.ephemerals[-1], "Connect Buddy"))
    form = maya.modal
    assert form is not None
    await world.acts(maya.submits({TOKEN_FIELD: world.colleagues["maya"].token}))

    assert "@maya now acts in Buddy as Maya" in form.reads
    assert "carried out now:\n• Approve shop / Deploy #1" in form.reads
    assert [effect.who for effect in run.history] == ["Maya"]
    assert "@maya approved" in card.thread[0].reads
    assert len(maya.ephemerals) == 1
    assert card.reads


async def test_a_click_waits_no_longer_than_it_said(world: World) -> None:
    """Nothing is sent for somebody who connects an account later, for whatever reason."""
    ben = await world.person("ben")
    maya = await world.person("maya", connected=False)
    run, card = await world.waiting(ben)
    await world.acts(maya.clicks(card, "Approve"))
    assert maya.ephemerals[-1].reads

    await world.passes(15 * 60)
    assert "No Buddy account was connected in time, so nothing was sent" in world.private(maya)
    await world.connect(maya)
    await world.passes(60)

    assert run.is_waiting
    assert not world.patches()
    assert card.reads


async def test_an_account_that_comes_too_late_changes_nothing(world: World) -> None:
    """Connected after the fifteen minutes, but before anybody looked again: nothing is sent."""
    ben = await world.person("ben")
    maya = await world.person("maya", connected=False)
    run, card = await world.waiting(ben)
    await world.acts(maya.clicks(card, "Approve"))
    assert maya.ephemerals[-1].reads
    world.buddy.faults.order(Fault("GET", path="/user", delay=A_MOMENT))

    await maya.says("/buddy connect", in_=world.deploys)
    await world.settled()
    await maya.submits({TOKEN_FIELD: world.colleagues["maya"].token})
    world.stage.clock.advance(timedelta(minutes=15))
    await world.settled()
    await world.passes(60)

    assert run.is_waiting
    assert not world.patches()
    assert maya.modal is not None
    assert "carried out now" not in maya.modal.reads
    assert "No Buddy account was connected in time" in world.private(maya)
    assert card.reads


async def test_what_waits_for_an_account_holds_nobody_up_and_must_still_hold(world: World) -> None:
    """Somebody else approves meanwhile; who connects then is told so, and sends nothing."""
    ben = await world.person("ben")
    maya = await world.person("maya", connected=False)
    run, card = await world.waiting(ben)
    await world.acts(maya.clicks(card, "Approve"))
    assert maya.ephemerals[-1].reads

    await world.acts(ben.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Ben"]
    await world.connect(maya)
    await world.settled()

    assert "@ben" in world.private(maya)
    assert [effect.who for effect in run.history] == ["Ben"]
    assert [reply.reads for reply in card.thread]
    assert card.reads


async def test_a_command_that_was_bound_to_nothing_does_not_wait(world: World) -> None:
    """Nobody approves what they did not see: typed without an account, it is asked for again."""
    ben = await world.person("ben")
    maya = await world.person("maya", connected=False)
    run, card = await world.waiting(ben)

    told = await types(world, maya, "approve shop/deploy#1")
    assert "Connect it, then do this again." in told
    await world.connect(maya)
    await world.passes(60)

    assert run.is_waiting
    assert not world.patches()
    assert card.reads


@pytest.mark.parametrize("pasted", ["my password", "0123", "ghp_0123456789abcdef", "<@U1> &amp;"])
async def test_what_is_no_token_is_refused_at_its_field(world: World, pasted: str) -> None:
    """The mistake stands at the field, Buddy is not asked, and the form can be sent again."""
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)

    await world.acts(maya.submits({TOKEN_FIELD: pasted}))
    assert "A Buddy token looks like" in maya.modal_errors[TOKEN_FIELD]
    assert not len(world.buddy.journal)
    assert pasted not in told_to_others(world)

    await world.acts(maya.submits({TOKEN_FIELD: world.colleagues["maya"].token}))
    assert "now acts in Buddy" in form.reads


@pytest.mark.parametrize("trouble", ["wrong", "expired", "revoked"])
async def test_a_token_that_buddy_refuses_brings_the_form_back(world: World, trouble: str) -> None:
    """The same form says why and takes another token; nothing was stored."""
    maya = await world.person("maya", connected=False)
    colleague = world.colleagues["maya"]
    token = str(uuid4()) if trouble == "wrong" else colleague.token
    if trouble == "expired":
        colleague.expires_at = world.stage.clock.now()
    if trouble == "revoked":
        colleague.revoke_token()
    form = await form_of(world, maya)

    await world.acts(maya.submits({TOKEN_FIELD: token}))

    assert "Buddy does not accept this token: it is wrong, expired" in form.reads
    assert form.labels == [TOKEN_FIELD]
    assert await links(world) == []

    await world.acts(maya.submits({TOKEN_FIELD: colleague.create_token()}))
    assert "now acts in Buddy" in form.reads


async def test_a_token_without_the_right_to_say_whose_it_is(world: World) -> None:
    """A token that lacks a scope is not stored; the form says what Buddy said."""
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)
    token = world.colleagues["maya"].create_token(scopes=["WORKSPACE"])

    await world.acts(maya.submits({TOKEN_FIELD: token}))

    assert "Buddy does not let you do this" in form.reads
    assert "your token's scopes" in form.reads
    assert await links(world) == []


async def test_buddy_is_down_while_somebody_connects(world: World) -> None:
    """The form says that Buddy does not answer, and works once it does."""
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)
    await world.buddy.stop()

    await world.acts(maya.submits({TOKEN_FIELD: world.colleagues["maya"].token}))
    assert "Buddy does not answer" in form.reads
    assert await links(world) == []

    await world.buddy.start()
    await world.acts(maya.submits({TOKEN_FIELD: world.colleagues["maya"].token}))
    assert "now acts in Buddy" in form.reads


@pytest.mark.parametrize("is_good", [True, False])
async def test_a_form_closed_while_the_token_is_checked(world: World, *, is_good: bool) -> None:
    """How it ended is told by direct message instead."""
    world.expected_refusals.add("views.update: not_found")
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)
    slow = Fault(method="GET", path="/user", delay=A_MOMENT)
    world.buddy.faults.order(slow)

    await maya.submits({TOKEN_FIELD: world.colleagues["maya"].token if is_good else str(uuid4())})
    assert "Checking with Buddy…" in form.reads
    await maya.closes_modal()
    await world.settled()

    told = maya.dms[-1].reads
    if is_good:
        assert "you act as Maya" in told
        assert [name for name, *_ in await links(world)] == ["maya"]
    else:
        assert "Buddy does not accept your token" in told
        assert maya.dms[-1].buttons == ["Connect Buddy"]
        assert await links(world) == []


async def test_a_token_typed_as_a_command_is_refused_and_kept_nowhere(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The advice is to revoke it: the token is not used, not stored, not logged, not repeated."""
    maya = await world.person("maya", connected=False)
    token = world.colleagues["maya"].token

    told = await types(world, maya, f"connect {token}")
    told += await types(world, maya, f"my token is {token.upper()}, help")

    assert told.count("I did not store it. Revoke it in Buddy") == 2
    assert maya.modal is None
    assert not len(world.buddy.journal)
    assert await links(world) == []
    everywhere = told + told_to_others(world) + caplog.text
    assert token not in everywhere.lower()
    assert token.encode() not in stored(tmp_path).lower()


async def test_a_pasted_token_is_stored_sealed_and_told_to_nobody(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the database's files nor the log nor any call to Slack hold it in clear."""
    maya = await world.person("maya")
    token = world.colleagues["maya"].token
    run, card = await world.waiting(maya)
    await world.acts(maya.clicks(card, "Approve"))

    [(_, _, sealed)] = await links(world)

    assert sealed.encode() in stored(tmp_path)
    for written in (token, token.replace("-", "")):
        assert written.encode() not in stored(tmp_path).lower()
        assert written not in (told_to_others(world) + caplog.text).lower()
    assert run.history
    assert card.thread[0].reads
    assert card.reads


async def test_connecting_again_replaces_the_account(world: World) -> None:
    """The new token counts from now on, the link's generation grows, the old token is forgotten."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    [(_, _, old)] = await links(world)
    world.colleagues["maya"].revoke_token()
    world.colleagues["maya"].create_token()

    await world.connect(maya)

    [(name, generation, sealed)] = await links(world)
    assert (name, generation) == ("maya", 2)
    assert sealed != old
    await world.acts(maya.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Maya"]
    assert card.thread[0].reads
    assert card.reads


async def test_disconnecting_forgets_the_account(world: World, tmp_path: Path) -> None:
    """Nothing of the token is left, and no click is carried out with it any more."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    [(_, _, sealed)] = await links(world)

    told = await types(world, maya, "disconnect")
    assert "I no longer hold your Buddy token" in told
    assert "delete it in Buddy too" in told
    assert await links(world) == []
    await world.acts(maya.clicks(card, "Approve"))

    assert "I do not know your Buddy account yet" in world.private(maya)
    await world.passes(10)
    assert "Out of sight" in card.reads
    assert run.is_waiting
    assert not world.patches()
    told = await types(world, maya, "disconnect")
    assert "There was no Buddy account to forget" in told
    await world.stage.bot.database.close()
    assert sealed.encode() not in (tmp_path / "greenlight.sqlite3").read_bytes()


@pytest.mark.parametrize("meanwhile", ["disconnect", "connect"])
async def test_an_operation_is_pinned_to_the_account_it_began_with(
    world: World, meanwhile: str
) -> None:
    """Relinked or disconnected while a click waits: nothing is sent, and the person is asked."""
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    slow = Fault(method="GET", path=f"/executions/{run.id}", delay=A_MOMENT)
    world.buddy.faults.order(slow)

    await maya.clicks(card, "Approve")
    await struck(world.buddy.faults, slow)
    await maya.says(f"/buddy {meanwhile}", in_=world.deploys)
    if meanwhile == "connect":
        while maya.modal is None:
            await world.stage.bot.inflight.idle()
        form = maya.modal
        await maya.submits({TOKEN_FIELD: world.colleagues["maya"].token})
        while "now acts in Buddy" not in form.reads:
            await hold_up(timedelta(milliseconds=5))
    await world.settled()

    told = "\n".join(note.reads for note in maya.ephemerals)
    assert "Your Buddy account was changed while this waited for its turn" in told
    assert not world.patches()
    assert run.is_waiting
    if meanwhile == "disconnect":
        assert card.buttons == ["Connect Buddy"]
    else:
        assert card.buttons == ["Approve", "Reject"]


async def test_whoami_tells_the_account_with_scopes_and_expiry(world: World) -> None:
    """The answer is what Buddy says now, not what was stored once."""
    maya = await world.person("maya")
    colleague = world.colleagues["maya"]
    colleague.scopes = ["WORKSPACE", "EXECUTION_RUN", "USER_INFO"]
    colleague.expires_at = datetime.fromisoformat("2027-01-31T12:00:00Z")
    colleague.restrict_token("acme")

    told = await types(world, maya, "whoami")

    assert "you act as Maya" in told
    assert "Scopes: WORKSPACE, EXECUTION_RUN, USER_INFO" in told
    assert "Workspaces: acme" in told
    assert "Expires: 2027-01-31 12:00 UTC" in told


async def test_whoami_of_somebody_unlinked_or_with_a_dead_token(world: World) -> None:
    """It says what is wrong and offers the way out as a button."""
    maya = await world.person("maya")
    ben = await world.person("ben", connected=False)
    world.colleagues["maya"].revoke_token()

    assert "Buddy does not accept your token" in await types(world, maya, "whoami")
    assert "I do not know your Buddy account yet" in await types(world, ben, "whoami")

    for person in (maya, ben):
        assert person.ephemerals[-1].buttons == ["Connect Buddy"]


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        (Role.GUEST, "Guests cannot do this"),
        (Role.SINGLE_CHANNEL_GUEST, "Guests cannot do this"),
        (Role.DEACTIVATED, "This Slack account is deactivated or is no person"),
        (Role.BOT, "This Slack account is deactivated or is no person"),
    ],
)
async def test_who_may_not_act_cannot_connect(world: World, role: Role, reason: str) -> None:
    """No form opens, by command or by one that was open before."""
    gia = await world.person("gia", role, connected=False)
    maya = await world.person("maya", connected=False)
    form = await form_of(world, maya)

    assert reason in await types(world, gia, "connect")
    assert gia.modal is None
    maya.role = role
    await world.passes(200)
    await world.acts(maya.submits({TOKEN_FIELD: world.colleagues["maya"].token}))

    assert form.title == "Not connected"
    assert reason in form.reads
    assert await links(world) == []
    assert not len(world.buddy.journal)


@pytest.mark.parametrize("named_team", ["T0PARTNER9", "ours"])
async def test_a_stranger_cannot_connect(world: World, named_team: str) -> None:
    """Whatever team a request names, an account of another organisation gets no form."""
    sam = await world.person("sam", Role.STRANGER, connected=False)
    fields = {
        "team_id": world.slack.team if named_team == "ours" else named_team,
        "user_id": sam.id,
        "channel_id": world.deploys.id,
        "command": "/buddy",
        "text": "connect",
        "trigger_id": "1.2.3",
    }
    body = urlencode(fields).encode()

    ack = await world.slack.sends(body, world.slack.sign(body))
    await world.settled()

    assert ack.is_ok
    assert "you belong to another organisation" in world.private(sam)
    assert sam.modal is None
    assert await links(world) == []


async def test_a_stored_token_opens_for_its_owner_only(world: World) -> None:
    """Rows that were swapped in the database do not open: nobody acts as somebody else."""
    maya, ben = await world.person("maya"), await world.person("ben")
    run, card = await world.waiting(maya)
    (_, _, of_maya), (_, _, of_ben) = await links(world)
    async with world.stage.bot.database.transaction() as transaction:
        for person, token in ((maya, of_ben), (ben, of_maya)):
            await transaction.run(
                update(identity).where(identity.c.user == person.id).values(sealed_token=token)
            )

    seen = card.snapshot()
    for person in (maya, ben):
        await world.acts(person.clicks(seen, "Approve"))
        assert "I can no longer open your stored token" in world.private(person)
        assert person.ephemerals[-1].buttons == ["Connect Buddy"]

    assert not world.patches()
    assert run.is_waiting
    assert "Out of sight" in card.reads
    await world.connect(maya)
    await world.acts(maya.clicks(card, "Approve"))
    assert [effect.who for effect in run.history] == ["Maya"]
    assert "@maya approved" in card.thread[0].reads


async def test_a_slow_start_does_not_lose_the_form(world: World) -> None:
    """A trigger that expired while Slack was slow is said, and typing it again works."""
    world.expected_refusals.add("views.open: expired_trigger_id")
    maya = await world.person("maya", connected=False)
    slow = Fault(path="views.open", delay=A_MOMENT)
    world.slack.faults.order(slow)

    await maya.says("/buddy connect", in_=world.deploys)
    await struck(world.slack.faults, slow)
    world.stage.clock.advance(timedelta(seconds=4))
    await world.settled()

    assert "three seconds were over before the form was open" in world.private(maya)
    assert (await form_of(world, maya)).title == "Connect Buddy"
