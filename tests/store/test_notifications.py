"""Subscriptions, hooks, the inbox and what was announced, on every kind of database."""

from dataclasses import replace
from datetime import time, timedelta

from bot.database import Database
from bot.domain.alias import Alias
from bot.domain.catalog import PipelineRef
from bot.domain.command import Moment
from bot.domain.event import Event, Source
from bot.domain.person import Person
from bot.domain.quiet import QuietHours
from bot.domain.subscription import ONLY_FAILURES, Scope, Wish
from bot.store import (
    aliases,
    announcements,
    cards,
    deliveries,
    habits,
    hooks,
    listings,
    streaks,
    subscriptions,
)
from bot.store.announcements import State
from bot.store.cards import Message
from bot.store.habits import ChannelHabits
from bot.store.hooks import ROTATION, HookKind, hashed
from bot.store.listings import Listing
from bot.store.subscriptions import Asked
from tests.domain.samples import NOON, REF, RUNNING

MAYA, TOM = Person("T1", "MAYA"), Person("T1", "TOM")
AT = PipelineRef.of(REF)
ALONE = Scope(REF.host, REF.workspace, REF.project, REF.pipeline)
WHOLE = Scope(REF.host, REF.workspace, REF.project)
EVENT = Event(Source.WEBHOOK, "acme", "shop", REF.pipeline, REF.execution, hint="FAILED|1|2")
LATER = NOON + timedelta(hours=1)


def asked(channel: str = "C1", scope: Scope = ALONE, owner: Person = MAYA) -> Asked:
    """Ask for a subscription."""
    return Asked(channel, scope, "Shop", "Deploy", Wish(branch="main"), owner)


async def test_a_channel_has_one_subscription_for_a_topic(database: Database) -> None:
    """Asking again changes it; it keeps its number and its age, and gets a new owner."""
    async with database.transaction() as transaction:
        first = await subscriptions.save(transaction, asked(), NOON)
        again = replace(asked(owner=TOM), wish=Wish(ONLY_FAILURES, mention="<!here>"))
        second = await subscriptions.save(transaction, again, LATER)
        other = await subscriptions.save(transaction, asked("C2"), NOON)

    assert (first[1], second[1], other[1]) == (True, False, True)
    assert first[0] == second[0] != other[0]
    async with database.snapshot() as transaction:
        found = await subscriptions.get(transaction, first[0])
        assert found is not None
        assert (found.owner, found.created_at) == (TOM, NOON)
        assert found.wish == Wish(ONLY_FAILURES, mention="<!here>")
        assert await subscriptions.of_owner(transaction, TOM) == [found]


async def test_what_covers_a_pipeline(database: Database) -> None:
    """Its own subscriptions under whatever name, and those of its project by its name."""
    async with database.transaction() as transaction:
        await subscriptions.save(transaction, asked(), NOON)
        await subscriptions.save(transaction, asked("C2", WHOLE), NOON)
    async with database.snapshot() as transaction:
        places = [one.channel for one in await subscriptions.covering(transaction, AT)]
        assert places == ["C1", "C2"]
        renamed = replace(AT, project="storefront")
        assert [one.channel for one in await subscriptions.covering(transaction, renamed)] == ["C1"]
        assert await subscriptions.covers(transaction, replace(AT, pipeline=99))
        assert not await subscriptions.covers(transaction, replace(renamed, pipeline=99))
        space = ("T1", REF.host, REF.workspace)
        assert await subscriptions.count_in(transaction, *space) == 2


async def test_a_subscription_follows_its_channel_and_ends(database: Database) -> None:
    """What the new id has already counts."""
    async with database.transaction() as transaction:
        number, _ = await subscriptions.save(transaction, asked(), NOON)
        await subscriptions.save(transaction, asked("C9", WHOLE), NOON)
        await subscriptions.save(transaction, asked("C1", WHOLE), NOON)
        assert await subscriptions.move_channel(transaction, "C1", "C9") == 1
        assert await subscriptions.note_gone(transaction, number, LATER)
        assert not await subscriptions.note_gone(transaction, number, LATER)
        await subscriptions.note_back(transaction, number)
        assert await subscriptions.note_gone(transaction, number, LATER)
        await subscriptions.learn_names(transaction, [number], replace(AT, project="storefront"))
        [moved, _] = await subscriptions.of_channel(transaction, "T1", "C9")
        assert await subscriptions.change_wish(transaction, number, Wish())
        assert await subscriptions.remove(transaction, number)
        assert not await subscriptions.remove(transaction, number)
    names = {moved.scope.project}
    assert names <= {"storefront", REF.project}


async def test_a_channel_that_moves_takes_each_teams_wishes_along(database: Database) -> None:
    """What one team has under the new id is not another's; a second time changes nothing."""
    theirs = Person("T2", "EVE")
    quiet = ChannelHabits(QuietHours(time(22), time(7), "UTC"))
    async with database.transaction() as transaction:
        await subscriptions.save(transaction, asked("C9"), NOON)
        await subscriptions.save(transaction, asked("C1", owner=theirs), NOON)
        await habits.set_channel(transaction, "T1", "C9", quiet)
        await habits.set_channel(transaction, "T2", "C1", quiet)
        await streaks.begin(transaction, "T2", "C1", RUNNING, 1, NOON)
        for person, channel in ((MAYA, "C9"), (theirs, "C1")):
            named = Alias(channel, "prod", AT, "Deploy", person, NOON)
            await aliases.put(transaction, named)
        for _ in range(2):
            await subscriptions.move_channel(transaction, "C1", "C9")
            await habits.move_channel(transaction, "C1", "C9")
            await streaks.move_channel(transaction, "C1", "C9")
            await aliases.move_channel(transaction, "C1", "C9")
        told = await subscriptions.in_channel(transaction, "C9")
        assert {one.team for one in told} == {"T1", "T2"}
        places = [("T1", "C9"), ("T2", "C9")]
        assert await habits.of_places(transaction, places) == dict.fromkeys(places, quiet)
        for team, _ in places:
            assert await aliases.own(transaction, team, "C9", "prod") is not None
        [streak] = await streaks.of_branch(transaction, RUNNING)
        assert (streak.team, streak.channel) == ("T2", "C9")


async def test_a_secret_is_known_by_its_hash_alone(database: Database) -> None:
    """The one before counts for a day; nothing that could be sent stands in the row."""
    async with database.transaction() as transaction:
        made = await hooks.issue(transaction, HookKind.WEBHOOK, MAYA, REF.host, "acme", NOON)
        new = await hooks.rotate(transaction, made.hook_id, NOON)
        assert await hooks.rotate(transaction, "nobodys", NOON) is None
        await hooks.note_webhook(transaction, made.hook_id, 7)
        await hooks.note_delivery(transaction, made.hook_id, LATER)
        found = await hooks.get(transaction, made.hook_id)
        assert await hooks.of_workspace(transaction, "T1", REF.host, "acme") == [found]
    assert new is not None
    assert found is not None
    assert (found.webhook, found.last_delivery_at) == (7, LATER)
    for secret in (made.secret, new.secret):
        assert hooks.is_secret(found, secret, NOON)
        assert secret not in repr((made, new, found))
        assert secret not in str(vars(found) if hasattr(found, "__dict__") else found)
    assert not hooks.is_secret(found, made.secret, NOON + ROTATION)
    assert hooks.is_secret(found, new.secret, NOON + ROTATION)
    for wrong in ("", "\ud800", found.secret_hash, hashed(new.secret)):
        assert not hooks.is_secret(found, wrong, NOON)
        assert not hooks.is_secret(None, wrong, NOON)
    assert made.url("https://bot.example") == f"https://bot.example/buddy/webhooks/{made.hook_id}"
    async with database.transaction() as transaction:
        assert await hooks.remove(transaction, made.hook_id)


async def test_a_rotation_done_anew_keeps_the_secret_of_before(database: Database) -> None:
    """What nobody was shown does not count; nor does what Buddy refused, unless made since."""
    async with database.transaction() as transaction:
        made = await hooks.issue(transaction, HookKind.WEBHOOK, MAYA, REF.host, "acme", NOON)
        before = await hooks.get(transaction, made.hook_id)
        await hooks.rotate(transaction, made.hook_id, LATER, since=LATER)
        new = await hooks.rotate(transaction, made.hook_id, LATER, since=LATER)
        again = await hooks.get(transaction, made.hook_id)
        assert before is not None
        assert new is not None
        for secret in (made.secret, new.secret):
            assert hooks.is_secret(again, secret, LATER)
        await hooks.restore(transaction, before, made)
        assert await hooks.get(transaction, made.hook_id) == again
        await hooks.restore(transaction, before, new)
        assert await hooks.get(transaction, made.hook_id) == before
        assert await hooks.remove(transaction, made.hook_id)


async def test_the_same_is_stored_once(database: Database) -> None:
    """Whoever tells it; what was looked at and is old is forgotten, the rest once it is older."""
    async with database.transaction() as transaction:
        assert await deliveries.take(transaction, "T1", REF.host, EVENT, NOON)
        assert not await deliveries.take(transaction, "T2", REF.host, EVENT, LATER)
        ended = replace(EVENT, hint="x" * 200)
        assert await deliveries.take(transaction, "T1", REF.host, ended, NOON)
        assert await deliveries.is_known(transaction, REF.host, ended)
        waiting = await deliveries.waiting(transaction, REF.host, EVENT.pipeline, EVENT.named)
        assert [one.event.hint for one in waiting] == [EVENT.hint, "x" * 96]
        await deliveries.seen(transaction, waiting[:1])
        await deliveries.forget(transaction, seen_before=LATER, any_before=NOON)
        assert not await deliveries.is_known(transaction, REF.host, EVENT)
        [left] = await deliveries.latest(transaction, 10)
        assert left.is_new
        await deliveries.forget(transaction, seen_before=LATER, any_before=LATER)
        assert await deliveries.latest(transaction, 10) == []


async def test_a_channel_is_told_of_an_execution_once(database: Database) -> None:
    """What it was told for grows; its card is found by whoever put it there."""
    async with database.transaction() as transaction:
        number, _ = await subscriptions.save(transaction, asked(), NOON)
        subscription = await subscriptions.get(transaction, number)
        assert subscription is not None
        started = (Moment.STARTED,)
        assert await announcements.want(transaction, subscription, REF, started, NOON)
        assert not await announcements.want(transaction, subscription, REF, started, NOON)
        known = await announcements.get(transaction, "T1", "C1", REF.identity)
        assert known is not None
        await announcements.note_moments(transaction, known, (Moment.FAILED,))
        assert await announcements.card_in(transaction, "T1", "C1", REF.identity) is None
        await cards.begin_follow(transaction, RUNNING, MAYA, NOON)
        card_id = await cards.add_card(transaction, REF, Message("T1", "C1", "1.0"))
        assert await announcements.card_in(transaction, "T1", "C1", REF.identity) == card_id
        await announcements.change(transaction, known.id, card_id=card_id, state=State.TOLD.value)
        await announcements.move_channel(transaction, "C1", "C9")
        [told] = await announcements.of_execution(transaction, REF.identity)
        assert (told.channel, told.state, told.card_id) == ("C9", State.TOLD, card_id)
        assert told.moments == (Moment.STARTED, Moment.FAILED)
        await announcements.forget(transaction, LATER)
        assert await announcements.of_execution(transaction, REF.identity) == []


async def test_what_goes_on_is_told_once(database: Database) -> None:
    """However long it goes on; once it is over it may be told again."""
    month = timedelta(days=30)
    async with database.transaction() as transaction:
        assert await habits.note_standing(transaction, MAYA, "lost/1", NOON)
        assert await habits.note_standing(transaction, TOM, "lost/1", NOON)
        for days in (1, 20, 40, 60):
            now = NOON + timedelta(days=days)
            assert not await habits.note_standing(transaction, MAYA, "lost/1", now)
            await habits.forget(transaction, now - month)
        assert not await habits.is_noted(transaction, TOM, "lost/1")
        assert await habits.is_noted(transaction, MAYA, "lost/1")
        await habits.unnote(transaction, MAYA, "lost/1")
        assert await habits.note_standing(transaction, MAYA, "lost/1", NOON)


async def test_a_workspace_gets_another_name(database: Database) -> None:
    """All that is known of it by its name: addresses, pipelines, and whole projects."""
    host, new = REF.host, "acme-two"
    async with database.transaction() as transaction:
        await hooks.issue(transaction, HookKind.WEBHOOK, MAYA, host, "acme", NOON)
        other = await hooks.issue(
            transaction, HookKind.WEBHOOK, Person("T2", "EVE"), host, "acme", NOON
        )
        for channel, scope in (("C1", ALONE), ("C1", WHOLE), ("C2", WHOLE)):
            await subscriptions.save(transaction, asked(channel, scope), NOON)
        anew, _ = await subscriptions.save(
            transaction, asked("C2", replace(WHOLE, workspace=new)), LATER
        )
        await subscriptions.learn_workspace(transaction, "T1", host, "acme", new)
        await hooks.learn_workspace(transaction, "T1", host, "acme", new)

        assert len(await hooks.of_workspace(transaction, "T1", host, new)) == 1
        [left] = await hooks.of_workspace(transaction, "T2", host, "acme")
        assert left.id == other.hook_id
        told = await subscriptions.covering(transaction, replace(AT, workspace=new))
        assert [one.channel for one in told] == ["C1", "C1", "C2"]
        assert {one.scope.workspace for one in told} == {new}
        assert told[-1].id == anew


async def test_a_list_is_remembered(database: Database) -> None:
    """As it was read last."""
    async with database.transaction() as transaction:
        assert await listings.get(transaction, REF.host, REF.pipeline) is None
        for standing in ("INPROGRESS||", "FAILED||"):
            now = Listing({12: standing}, NOON, LATER)
            await listings.keep(transaction, REF.host, REF.pipeline, now)
            assert await listings.get(transaction, REF.host, REF.pipeline) == now
        await listings.forget(transaction, REF.host, REF.pipeline)
        assert await listings.get(transaction, REF.host, REF.pipeline) is None
