"""What is asked of the jobs table, prebuilt; the same on SQLite and PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import ReturningUpdate

from bot.jobs.table import IS_ALIVE, job, process

WAITING, HELD, RUNNING, DEAD = "waiting", "held", "running", "dead"

_now: BindParameter[Any] = bindparam("now")
_me: BindParameter[Any] = bindparam("me")
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_is_ours = and_(job.c.id.in_(_ids), job.c.owner == _me)
_is_named = and_(job.c.kind == bindparam("kind_"), job.c.key == bindparam("key_"), IS_ALIVE)
_is_this = and_(job.c.id == bindparam("id_"), job.c.owner == _me)
_FREE = {"state": WAITING, "owner": ""}


def _earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one < other, one), else_=other)


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((one > other, one), else_=other)


def _poked(moment: ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    """Make a waiting job due at a moment, or earlier; have a running one run once more then."""
    soon = _later(_earlier(job.c.due, moment), job.c.not_before)
    again = _earlier(func.coalesce(job.c.poked_for, moment), moment)
    return {
        "due": case((job.c.state == WAITING, soon), else_=job.c.due),
        "poked_for": case((job.c.state == WAITING, job.c.poked_for), else_=again),
    }


put = postgresql.insert(job)
# What to do when a job of this kind and key is alive already:
_clash: dict[str, Any] = {"index_elements": [job.c.kind, job.c.key], "index_where": IS_ALIVE}
put_or_keep = put.on_conflict_do_nothing(**_clash)
put_or_poke = put.on_conflict_do_update(**_clash, set_=_poked(put.excluded.due))
put_or_replace = put.on_conflict_do_update(
    **_clash,
    set_={
        "data": put.excluded.data,
        "sealed": put.excluded.sealed,
        "sealed_until": put.excluded.sealed_until,
        "due": case((job.c.state == WAITING, put.excluded.due), else_=job.c.due),
        "poked_for": case((job.c.state == WAITING, null()), else_=put.excluded.due),
    },
)

begin = put.on_conflict_do_nothing().returning(job.c.id)
"""Add a job that its own process holds or runs at once; no id if its key or its lane is taken."""

poke = update(job).where(_is_named).values(_poked(bindparam("moment")))
drop = delete(job).where(_is_named)
wipe = update(job).where(_is_this).values(sealed="", sealed_until=None)
forget_dead = delete(job).where(job.c.state == DEAD, job.c.due < bindparam("since"))
wipe_expired = update(job).where(job.c.sealed_until <= _now).values(sealed="", sealed_until=None)

still_ours = select(job.c.id).where(_is_this).with_for_update(read=True)
"""Finds a job while it is this process's, and keeps others from freeing it meanwhile."""


def claim(kinds: Iterable[str]) -> ReturningUpdate[Any]:
    """Take what is due, at most ``slots_<kind>`` of each kind, the longest due first.

    Of a lane only the first waiting job is taken, and none while one runs. What another process
    takes at the same moment is passed over.
    """
    due = union_all(*(select(_due(kind).subquery(f"due_{kind}").c.id) for kind in kinds))
    return (
        update(job)
        # Whoever was taken for dead and does not know it yet would only keep it from the others.
        .where(job.c.id.in_(due), exists().where(process.c.id == _me))
        .values(state=RUNNING, owner=_me, attempt=job.c.attempt + 1, poked_for=None)
        .returning(
            *(job.c.id, job.c.kind, job.c.key, job.c.lane, job.c.data, job.c.attempt, job.c.due),
            case((job.c.sealed_until <= _now, ""), else_=job.c.sealed).label("sealed"),
        )
    )


def _due(kind: str) -> Select[Any]:
    # Written out, so that the planner knows the partial indexes to fit.
    before, holder = job.alias("before"), job.alias("holder")
    is_first = ~exists().where(
        text("before.state = 'waiting'"),
        before.c.lane == job.c.lane,
        before.c.due <= _now,
        before.c.id < job.c.id,
    )
    is_free = ~exists().where(
        text("holder.state = 'running' AND holder.lane <> ''"), holder.c.lane == job.c.lane
    )
    return (
        select(job.c.id)
        .where(text("job.state = 'waiting'"), job.c.kind == kind, job.c.due <= _now)
        .where(or_(job.c.lane == "", and_(is_first, is_free)))
        .order_by(job.c.due)
        .limit(bindparam(f"slots_{kind}"))
        .with_for_update(skip_locked=True, of=job)
    )


done = delete(job).where(_is_ours, job.c.poked_for.is_(None)).returning(job.c.id)
"""Those that were poked meanwhile are left, for ``once_more``."""

once_more = (
    update(job)
    .where(_is_ours)
    .values(**_FREE, due=_later(job.c.poked_for, job.c.not_before), poked_for=None, attempt=0)
)

_is_early = and_(job.c.poked_for < bindparam("until"), bindparam("firm_until") == 0)
_wait: dict[str, Any] = {
    **_FREE,
    "due": case((_is_early, job.c.poked_for), else_=bindparam("until")),
    "not_before": bindparam("firm_until"),
    "poked_for": None,
}
_in_order = select(job.c.id).where(_is_ours).order_by(job.c.id).with_for_update()
snooze = update(job).where(job.c.id.in_(_in_order)).values(**_wait, attempt=0, error="")
"""``firm_until`` is 0 where a poke may come before ``until``, else the same.

Rows are locked in the order of their numbers, as by everybody who locks several.
"""

again = update(job).where(_is_this).values(**_wait, error=bindparam("error_"))
"""The same after a failure: the attempt stays counted."""

bury = update(job).where(_is_this).values(state=DEAD, owner="", error=bindparam("error_"))
release = update(job).where(_is_ours).values(**_FREE)
release_others = (
    update(job)
    .where(job.c.owner == _me, job.c.state == RUNNING, job.c.id.not_in(_ids))
    .values(**_FREE)
)
"""Free what this process took without knowing it, since the answer got lost."""


def _uncounted(least: ColumnElement[Any]) -> ColumnElement[Any]:
    """Do not count an attempt in which nothing went wrong.

    Where something may have been sent, ``least`` is 1: whoever begins the job next must know that
    it is not the first.
    """
    return _later(job.c.attempt - 1, least)


interrupt = (
    update(job)
    .where(_is_this)
    .values(
        **_FREE,
        due=bindparam("until"),
        attempt=_uncounted(bindparam("least", type_=Integer())),
    )
)
give_back = (
    update(job)
    .where(job.c.owner == _me, job.c.id.not_in(_ids))
    .values(**_FREE, attempt=_uncounted(case((job.c.state == RUNNING, 1), else_=0)))
)
forget_held = delete(job).where(_is_ours)
"""Take back what never counted: its person was told so, or nobody was told anything."""

register = postgresql.insert(process).on_conflict_do_nothing()
beat = (
    update(process)
    .where(process.c.id == _me)
    .values(beat_at=_now, sealing_key=bindparam("sealing"))
)
living = select(func.count()).select_from(process)
is_living = select(func.count()).select_from(process).where(process.c.id == bindparam("id_"))
silent = select(process.c.id).where(process.c.beat_at < bindparam("since"))
forget_silent = (
    delete(process)
    .where(process.c.id.in_(silent.with_for_update(skip_locked=True)))
    .returning(process.c.id)
)
"""A process that stands still in the middle of a transaction keeps rows locked: whoever buries it
passes those over until the server lets go of them, rather than fall silent too.
"""

forget_others = delete(process).where(process.c.id != _me).returning(process.c.id)
"""A SQLite file is held by one process: whoever else is written there is gone."""

forget = delete(process).where(process.c.id == _me)
_orphaned = select(job.c.id).where(job.c.owner != "", job.c.owner.not_in(select(process.c.id)))
rescue = (
    update(job)
    .where(job.c.id.in_(_orphaned.with_for_update(skip_locked=True, of=job)))
    .values(**_FREE)
    .returning(job.c.id)
)
"""Free what belongs to processes that are gone, as far as they do not have it locked."""
