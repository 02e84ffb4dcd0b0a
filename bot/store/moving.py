"""Follow a channel to its new id, in whichever table names it; a second time changes nothing."""

from sqlalchemy import ColumnElement, Table, and_, delete, select, update

from bot.database import Transaction


async def move_channel(
    transaction: Transaction, table: Table, old: str, new: str, *same: str, new_stays: bool
) -> int:
    """Give the rows of a channel its new id; how many there are.

    A row that is the ``same`` as one under the new id, by these columns, cannot stand beside it:
    which of both stays is ``new_stays``.
    """
    there = table.alias("there")
    gone, stays = (old, new) if new_stays else (new, old)
    equal: list[ColumnElement[bool]] = [there.c[name] == table.c[name] for name in same]
    is_there = select(there.c.channel).where(and_(there.c.channel == stays, *equal)).exists()
    await transaction.run(delete(table).where(table.c.channel == gone, is_there))
    moved = await transaction.run(update(table).where(table.c.channel == old).values(channel=new))
    return moved.rowcount
