"""Cards, what their threads are told, and what is known of the execution they show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Table, bindparam, delete, select, update

from bot.cards.card import Block, Card
from bot.database import Transaction
from bot.domain.execution import Execution, ExecutionRef, Operation
from bot.domain.person import Person
from bot.domain.story import Bookmark, tales
from bot.store.tables import card, follow, reply, slack_team
from bot.store.variables import read_names


def _is_execution(table: Table) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(f"{name}_") for name in ("host", "pipeline", "execution")]


# Prebuilt, as everything on a click's way: building a statement costs more than running it.
_GET_FOLLOW = select(follow).where(*_is_execution(follow))
_CHANGE_FOLLOW = update(follow).where(*_is_execution(follow))
_SENT = _CHANGE_FOLLOW.values(
    mark=follow.c.mark + 1, retries=follow.c.retries + bindparam("more_retries")
)
_HINTED = _CHANGE_FOLLOW.values(hints=follow.c.hints + 1)
_TURN_PAGE = _CHANGE_FOLLOW.where(follow.c.bookmark == bindparam("old_bookmark"))
_CARDS_OF = select(card).where(*_is_execution(card)).order_by(card.c.id)
_CARD_AND_ASKER = (
    select(card, follow.c.team.label("asker_team"), follow.c.user.label("asker"))
    .join(
        follow,
        (follow.c.host == card.c.host)
        & (follow.c.pipeline == card.c.pipeline)
        & (follow.c.execution == card.c.execution),
    )
    .where(card.c.id == bindparam("id_"))
)
_CHANGE_CARD = update(card).where(card.c.id == bindparam("id_"))
_CHANGE_REPLY = update(reply).where(reply.c.id == bindparam("id_"))
_WAITING_REPLY = (
    select(reply, card.c.team.label("card_team"), card.c.channel, card.c.message_ts, card.c.digest)
    .join(card, card.c.id == reply.c.card_id)
    .where(reply.c.card_id == bindparam("card_id"), reply.c.is_posted.is_(False))
    .order_by(reply.c.id)
    .limit(1)
)
_TEAM = select(slack_team).where(slack_team.c.team == bindparam("team"))


@dataclass(frozen=True, slots=True)
class LastAct:
    """The last operation that took effect through the bot."""

    person: Person
    operation: Operation
    at: datetime
    reason: str
    variables: tuple[str, ...] = ()
    """Names of what was given to a gate."""


@dataclass(frozen=True, slots=True)
class Follow:
    """What is known of an execution that has a card."""

    ref: ExecutionRef
    asker: Person
    """Whose token reads when nobody clicks: the person who asked for the card."""

    since: datetime
    retries: int
    mark: int
    superseded_by: int | None
    last_act: LastAct | None
    pipeline_name: str
    url: str
    """The execution's page in Buddy; empty when Buddy gave none."""

    is_open: bool
    is_in_sight: bool
    """Whether somebody's account could read it at the last look."""
    bookmark: Bookmark
    """How far its story was told."""

    hints: int = field(default=0, compare=False)
    """How often Buddy said by itself that something happened; changes nothing but when to look."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message in Slack, by its address."""

    team: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A message of ours that shows an execution."""

    id: int
    team: str
    channel: str
    message_ts: str
    digest: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing a card's thread is told."""

    id: int
    about: str
    card: StoredCard
    content: Card
    person: Person
    """Who is told directly where the thread cannot be reached."""


async def begin_follow(
    transaction: Transaction, execution: Execution, asker: Person, now: datetime
) -> None:
    """Remember an execution, unless it is known; new names are learnt.

    Whoever shows what nobody could read any more reads it from now on. What holds of it now is not
    worth telling any more: whatever card it has from now on says it.
    """
    ref = execution.ref
    mark = Bookmark().after(execution)
    host, pipeline, number = ref.identity
    told = {
        "workspace": ref.workspace,
        "project": ref.project,
        "pipeline_name": execution.pipeline_name,
        "url": execution.url,
        "is_open": True,
        "is_in_sight": True,
    }
    if execution.hash:
        told["hash"] = execution.hash
    values = {
        "host": host,
        "pipeline": pipeline,
        "execution": number,
        "team": asker.team,
        "user": asker.user,
        "since": now,
        "retries": 0,
        "mark": 0,
        "hash": "",
        "bookmark": mark.at(tales(execution, mark)).write(),
        **told,
    }
    if await transaction.insert_once(follow, values):
        return
    known = await get_follow(transaction, ref.identity)
    if known is not None and not known.is_in_sight:
        told |= {"team": asker.team, "user": asker.user}
    await change_follow(transaction, ref, **told)
    if known is not None and known.bookmark.page:
        # An end that is seen here is not missed, should it run again before the next read.
        await turn_page(transaction, ref, known.bookmark, known.bookmark.after(execution))


async def get_follow(transaction: Transaction, identity: tuple[str, int, int]) -> Follow | None:
    """Read what is known of an execution."""
    rows = await transaction.run(_GET_FOLLOW, _told(identity))
    row = rows.mappings().one_or_none()
    return None if row is None else read_follow(row)


async def retries_of(transaction: Transaction, ref: ExecutionRef) -> int:
    """Count the retries that were asked for through the bot."""
    found = await get_follow(transaction, ref.identity)
    return found.retries if found else 0


async def change_follow(transaction: Transaction, ref: ExecutionRef, **values: object) -> None:
    """Note something about an execution."""
    await transaction.run(_CHANGE_FOLLOW, {**_told(ref.identity), **values})


async def turn_page(
    transaction: Transaction, ref: ExecutionRef, old: Bookmark, new: Bookmark, **values: object
) -> None:
    """Move the bookmark of an execution, unless somebody else moved it meanwhile."""
    if new == old and not values:
        return
    told = {"old_bookmark": old.write() if old.page else "", "bookmark": new.write(), **values}
    await transaction.run(_TURN_PAGE, {**_told(ref.identity), **told})


async def sent(transaction: Transaction, ref: ExecutionRef, *, retries: int) -> None:
    """Note that an operation is sent: reads begun before it are out of date from now on."""
    await transaction.run(_SENT, {**_told(ref.identity), "more_retries": retries})


async def hinted(transaction: Transaction, ref: ExecutionRef) -> None:
    """Note that Buddy said that something happened: what its list says is not enough then."""
    await transaction.run(_HINTED, _told(ref.identity))


async def add_card(
    transaction: Transaction, ref: ExecutionRef, message: Message, digest: str = ""
) -> int | None:
    """Remember a message that shows an execution; its number, or None if it was known already."""
    host, pipeline, number = ref.identity
    values = {
        "team": message.team,
        "channel": message.channel,
        "message_ts": message.ts,
        "host": host,
        "pipeline": pipeline,
        "execution": number,
        "digest": digest,
    }
    return await transaction.insert_numbered(card, values)


async def move_channel(transaction: Transaction, old: str, new: str) -> int:
    """Follow a channel to its new id; how many cards it has."""
    # A card that was noticed under the new id before this was told is the same message.
    moving = select(card.c.message_ts).where(card.c.channel == old)
    await transaction.run(
        delete(card).where(card.c.channel == new, card.c.message_ts.in_(moving.scalar_subquery()))
    )
    moved = await transaction.run(update(card).where(card.c.channel == old).values(channel=new))
    return moved.rowcount


async def cards_of(transaction: Transaction, identity: tuple[str, int, int]) -> list[StoredCard]:
    """List the messages that show an execution, oldest first."""
    rows = await transaction.run(_CARDS_OF, _told(identity))
    return [read_card(row) for row in rows.mappings()]


async def get_card(transaction: Transaction, card_id: int) -> tuple[StoredCard, Person] | None:
    """Find a card by its number, and who asked for the first card of its execution."""
    rows = await transaction.run(_CARD_AND_ASKER, {"id_": card_id})
    row = rows.mappings().one_or_none()
    return None if row is None else (read_card(row), Person(row["asker_team"], row["asker"]))


async def painted(transaction: Transaction, card_id: int, digest: str) -> None:
    """Note what a card shows now."""
    await transaction.run(_CHANGE_CARD, {"id_": card_id, "digest": digest})


async def drop_card(transaction: Transaction, card_id: int) -> None:
    """Forget a message that is gone, once nobody is left to be told what its thread was to say."""
    left = select(reply.c.id).where(reply.c.card_id == card_id, reply.c.is_posted.is_(False))
    await transaction.run(delete(card).where(card.c.id == card_id, ~left.exists()))


async def add_replies(
    transaction: Transaction,
    cards: Sequence[StoredCard],
    about: str,
    content: Card,
    person: Person,
) -> int:
    """Write down what the cards' threads are told; how many of them were not told it before."""
    instead = content.discreet
    values = {
        "about": about,
        "team": person.team,
        "user": person.user,
        "text": content.text,
        "blocks": list(content.blocks),
        "is_posted": False,
        "discreet": instead and {"text": instead.text, "blocks": list(instead.blocks)},
    }
    news = 0
    for shown in cards:
        news += await transaction.insert_once(reply, {**values, "card_id": shown.id})
    return news


async def waiting_reply(transaction: Transaction, card_id: int) -> Reply | None:
    """Find the first thing a card's thread was not told yet."""
    rows = await transaction.run(_WAITING_REPLY, {"card_id": card_id})
    row = rows.mappings().one_or_none()
    if row is None:
        return None
    blocks: list[Block] = row["blocks"]
    shown = StoredCard(card_id, row["card_team"], row["channel"], row["message_ts"], row["digest"])
    person = Person(row["team"], row["user"])
    instead = row["discreet"]
    discreet = None if instead is None else Card(instead["text"], tuple(instead["blocks"]))
    return Reply(
        row["id"], row["about"], shown, Card(row["text"], tuple(blocks), discreet=discreet), person
    )


async def posted(transaction: Transaction, reply_id: int, ts: str) -> None:
    """Note that a reply stands in its thread."""
    await transaction.run(_CHANGE_REPLY, {"id_": reply_id, "is_posted": True, "posted_ts": ts})


async def lacks_plan(transaction: Transaction, team: str) -> bool:
    """Tell whether a Slack team refused the plan block before."""
    rows = await transaction.run(_TEAM, {"team": team})
    return rows.one_or_none() is not None


async def note_lack_of_plan(transaction: Transaction, team: str) -> None:
    """Remember that a Slack team refuses the plan block."""
    await transaction.insert_once(slack_team, {"team": team, "lacks_plan": True})


def _told(identity: tuple[str, int, int]) -> dict[str, Any]:
    host, pipeline, number = identity
    return {"host_": host, "pipeline_": pipeline, "execution_": number}


def read_follow(row: RowMapping) -> Follow:
    """Read a row of the table."""
    ref = ExecutionRef(
        row["host"], row["workspace"], row["project"], row["pipeline"], row["execution"]
    )
    last_act = None
    if row["last_user"]:
        last_act = LastAct(
            Person(row["last_team"], row["last_user"]),
            Operation(row["last_operation"]),
            row["last_at"],
            row["last_reason"] or "",
            read_names(row["last_variables"]),
        )
    return Follow(
        ref=ref,
        asker=Person(row["team"], row["user"]),
        since=row["since"],
        retries=row["retries"],
        mark=row["mark"],
        superseded_by=row["superseded_by"],
        last_act=last_act,
        pipeline_name=row["pipeline_name"],
        url=row["url"],
        is_open=row["is_open"],
        is_in_sight=row["is_in_sight"],
        bookmark=Bookmark.read(row["bookmark"]),
        hints=row["hints"],
    )


def read_card(row: RowMapping) -> StoredCard:
    """Read a row of the table."""
    return StoredCard(row["id"], row["team"], row["channel"], row["message_ts"], row["digest"])
