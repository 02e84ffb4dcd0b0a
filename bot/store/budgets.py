"""How often all processes together called Slack: one row for each of Slack's limits.

A row is locked while one more call is written into it, so that two replicas never both take what
only one may have.
"""

from sqlalchemy import RowMapping, bindparam, delete, select, update

from bot.database import Transaction
from bot.domain.allowance import Allowance
from bot.store.tables import slack_budget

_FIND = select(slack_budget).where(slack_budget.c.name == bindparam("name_")).with_for_update()
_CHANGE = update(slack_budget).where(slack_budget.c.name == bindparam("name_"))
_FORGET = delete(slack_budget).where(slack_budget.c.closed_until < bindparam("before"))


async def take(
    transaction: Transaction,
    name: str,
    allowance: Allowance,
    now: float,
    *,
    kept_free: int = 0,
    is_forced: bool = False,
) -> float:
    """Take one call of a limit, or tell in how many seconds to ask again.

    What was forced is made all the same, and only counted.
    """
    row = await _held(transaction, name)
    if not is_forced:
        closed_for: float = row["closed_until"] - now
        wait = max(closed_for, allowance.wait(row["calls"], now, kept_free=kept_free))
        if wait > 0:
            return wait
    calls = allowance.after(row["calls"], now)
    # Kept until nobody needs it any more: ``forget`` looks at the same column.
    until = max(row["closed_until"], now)
    await transaction.run(_CHANGE, {"name_": name, "calls": calls, "closed_until": until})
    return 0.0


async def close(transaction: Transaction, name: str, until: float) -> None:
    """Take no more calls of a limit before a moment: Slack said so."""
    fresh = {"name": name, "calls": [], "closed_until": until}
    if not await transaction.insert_once(slack_budget, fresh):
        await transaction.run(_CHANGE, {"name_": name, "closed_until": until})


async def _held(transaction: Transaction, name: str) -> RowMapping:
    """Lock the row of a limit; it is made where there is none."""
    told = {"name_": name}
    found = (await transaction.run(_FIND, told)).mappings().one_or_none()
    if found is None:
        # Somebody else may make it at the same moment: whoever is second waits, and finds it.
        fresh = {"name": name, "calls": [], "closed_until": 0.0}
        await transaction.insert_once(slack_budget, fresh)
        found = (await transaction.run(_FIND, told)).mappings().one()
    return found


async def forget(transaction: Transaction, before: float) -> None:
    """Forget limits that were last used before a moment."""
    await transaction.run(_FORGET, {"before": before})
