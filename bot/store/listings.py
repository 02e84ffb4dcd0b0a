"""How the newest executions of subscribed pipelines stood, so that only what moved on is news."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from bot.database import Transaction
from bot.store.tables import listing

_IS_PIPELINE = listing.c.host == bindparam("host_"), listing.c.pipeline == bindparam("pipeline_")
_GET = select(listing).where(*_IS_PIPELINE)
_CHANGE = update(listing).where(*_IS_PIPELINE)
_FORGET = delete(listing).where(*_IS_PIPELINE)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a pipeline's list said last."""

    standings: Mapping[int, str]
    """How each execution stood, by its number."""

    changed_at: datetime
    listed_at: datetime


async def get(transaction: Transaction, host: str, pipeline: int) -> Listing | None:
    """Recall what a pipeline's list said last."""
    told = {"host_": host, "pipeline_": pipeline}
    row = (await transaction.run(_GET, told)).mappings().one_or_none()
    if row is None:
        return None
    standings = {int(number): str(standing) for number, standing in row["standings"].items()}
    return Listing(standings, row["changed_at"], row["listed_at"])


async def keep(transaction: Transaction, host: str, pipeline: int, now: Listing) -> None:
    """Remember what a pipeline's list says."""
    standings = {str(number): standing for number, standing in now.standings.items()}
    told = {"standings": standings, "changed_at": now.changed_at, "listed_at": now.listed_at}
    if not await transaction.insert_once(listing, {"host": host, "pipeline": pipeline, **told}):
        await transaction.run(_CHANGE, {"host_": host, "pipeline_": pipeline, **told})


async def forget(transaction: Transaction, host: str, pipeline: int) -> None:
    """Forget a pipeline that nobody is told of any more."""
    await transaction.run(_FORGET, {"host_": host, "pipeline_": pipeline})
