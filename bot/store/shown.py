"""What a message of ours shows."""

from sqlalchemy import bindparam, select

from bot.database import Transaction
from bot.domain.execution import ExecutionRef
from bot.store.tables import card, follow

_SHOWN = (
    select(follow)
    .join(
        card,
        (card.c.host == follow.c.host)
        & (card.c.pipeline == follow.c.pipeline)
        & (card.c.execution == follow.c.execution),
    )
    .where(
        card.c.channel == bindparam("channel"),
        card.c.message_ts == bindparam("ts"),
        follow.c.host == bindparam("host"),
    )
)


async def shown_by(
    transaction: Transaction, host: str, channel: str, ts: str
) -> ExecutionRef | None:
    """Tell which execution a message shows; None if it is no card."""
    rows = await transaction.run(_SHOWN, {"host": host, "channel": channel, "ts": ts})
    row = rows.first()
    if row is None:
        return None
    return ExecutionRef(row.host, row.workspace, row.project, row.pipeline, row.execution)
