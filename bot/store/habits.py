"""When channels are quiet and reminded, and what people are told directly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, delete, literal, or_, select, update

from bot.database import Transaction
from bot.domain.ladder import Ladder, LadderUnreadable, read_ladder, write_ladder
from bot.domain.person import Person
from bot.domain.quiet import QuietHours, read_quiet
from bot.store import moving
from bot.store.tables import card, channel_setting, follow, notice, person_setting, subscription

_CHANNELS = select(channel_setting).where(
    channel_setting.c.team.in_(bindparam("teams", expanding=True)),
    channel_setting.c.channel.in_(bindparam("channels", expanding=True)),
)
_CHANGE_CHANNEL = update(channel_setting).where(
    channel_setting.c.team == bindparam("team_"),
    channel_setting.c.channel == bindparam("channel_"),
)
_IS_PERSON = (
    person_setting.c.team == bindparam("team_"),
    person_setting.c.user == bindparam("user_"),
)
_PERSON = select(person_setting.c.tells_failures).where(*_IS_PERSON)
_CHANGE_PERSON = update(person_setting).where(*_IS_PERSON)
_IS_NOTICE = (
    notice.c.team == bindparam("team_"),
    notice.c.user == bindparam("user_"),
    notice.c.about == bindparam("about_"),
)
_NOTED = select(notice.c.at).where(*_IS_NOTICE)
_STILL_NOTED = update(notice).where(*_IS_NOTICE, notice.c.at < bindparam("before"))
_UNNOTE = delete(notice).where(*_IS_NOTICE)
_FORGET = delete(notice).where(notice.c.at < bindparam("before"))

_TOPIC = or_(
    subscription.c.topic == literal("pipeline/").concat(card.c.pipeline),
    subscription.c.topic
    == literal("project/").concat(follow.c.workspace).concat("/").concat(follow.c.project),
)
_WISHES = (
    select(subscription.c.broadcasts_failures, subscription.c.mention)
    .select_from(card)
    .join(
        follow,
        and_(
            follow.c.host == card.c.host,
            follow.c.pipeline == card.c.pipeline,
            follow.c.execution == card.c.execution,
        ),
    )
    .join(
        subscription,
        and_(
            subscription.c.team == card.c.team,
            subscription.c.channel == card.c.channel,
            subscription.c.host == card.c.host,
            _TOPIC,
        ),
    )
    .where(card.c.id == bindparam("card_id"))
    .order_by(subscription.c.id)
)

_DAILY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChannelHabits:
    """When a channel is quiet and reminded."""

    quiet: QuietHours | None = None
    ladder: Ladder | None = None
    """None for the operator's."""


@dataclass(frozen=True, slots=True)
class ReplyWish:
    """How a channel wants to be told of what somebody must do something about."""

    is_broadcast: bool = False
    mentions: tuple[str, ...] = ()


async def of_places(
    transaction: Transaction, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], ChannelHabits]:
    """Read the habits of channels, by team and channel; one that has none is left out.

    A channel that several teams share has habits for each of them.
    """
    wanted = set(places)
    if not wanted:
        return {}
    teams, channels = (sorted(set(column)) for column in zip(*wanted, strict=True))
    rows = await transaction.run(_CHANNELS, {"teams": teams, "channels": channels})
    found = {
        (row["team"], row["channel"]): ChannelHabits(
            read_quiet(row["quiet"]), _ladder(row["ladder"])
        )
        for row in rows.mappings()
    }
    return {place: kept for place, kept in found.items() if place in wanted}


async def set_channel(
    transaction: Transaction, team: str, channel: str, habits: ChannelHabits
) -> None:
    """Store when a channel is quiet and reminded."""
    told = {
        "quiet": str(habits.quiet) if habits.quiet is not None else "",
        "ladder": None if habits.ladder is None else write_ladder(habits.ladder),
    }
    key = {"team": team, "channel": channel}
    if not await transaction.insert_once(channel_setting, {**key, **told}):
        await transaction.run(_CHANGE_CHANNEL, {"team_": team, "channel_": channel, **told})


async def move_channel(transaction: Transaction, old: str, new: str) -> None:
    """Follow a channel to its new id."""
    await moving.move_channel(transaction, channel_setting, old, new, "team", new_stays=False)


async def tells_failures(transaction: Transaction, person: Person) -> bool:
    """Tell whether a person wants to know directly of what failed that they started."""
    told = {"team_": person.team, "user_": person.user}
    wants: bool | None = (await transaction.run(_PERSON, told)).scalar_one_or_none()
    return True if wants is None else wants


async def set_tells_failures(transaction: Transaction, person: Person, *, wants: bool) -> None:
    """Store whether a person wants to know directly of what failed that they started."""
    key = {"team": person.team, "user": person.user}
    if not await transaction.insert_once(person_setting, {**key, "tells_failures": wants}):
        told = {"team_": person.team, "user_": person.user, "tells_failures": wants}
        await transaction.run(_CHANGE_PERSON, told)


async def note(transaction: Transaction, person: Person, about: str, now: datetime) -> bool:
    """Note that a person is told something directly; False if they were told it already."""
    values = {"team": person.team, "user": person.user, "about": about, "at": now}
    return await transaction.insert_once(notice, values)


async def note_standing(
    transaction: Transaction, person: Person, about: str, now: datetime
) -> bool:
    """Note the same of what goes on: it is not forgotten while this is called at least daily."""
    if await note(transaction, person, about, now):
        return True
    told = {**_named(person, about), "before": now - _DAILY, "at": now}
    await transaction.run(_STILL_NOTED, told)
    return False


async def is_noted(transaction: Transaction, person: Person, about: str) -> bool:
    """Tell whether a person was told something directly."""
    return (await transaction.run(_NOTED, _named(person, about))).first() is not None


async def unnote(transaction: Transaction, person: Person, about: str) -> None:
    """Forget that a person was told something: it does not hold any more."""
    await transaction.run(_UNNOTE, _named(person, about))


async def forget(transaction: Transaction, before: datetime) -> None:
    """Forget what people were told long ago."""
    await transaction.run(_FORGET, {"before": before})


async def reply_wish(transaction: Transaction, card_id: int) -> ReplyWish:
    """Tell how a card's channel wants to be told of what somebody must do something about."""
    rows = (await transaction.run(_WISHES, {"card_id": card_id})).all()
    mentions = dict.fromkeys(word for row in rows for word in row.mention.split())
    return ReplyWish(any(row.broadcasts_failures for row in rows), tuple(mentions))


def _named(person: Person, about: str) -> dict[str, str]:
    return {"team_": person.team, "user_": person.user, "about_": about}


def _ladder(text: str | None) -> Ladder | None:
    if text is None:
        return None
    try:
        return read_ladder(text)
    except LadderUnreadable:
        return None
