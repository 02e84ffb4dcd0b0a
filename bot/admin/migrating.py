"""``greenlight migrate``: bring the tables to this version, or say whether they are."""

from bot.admin.opened import Refused, reached
from bot.store import schema
from bot.store.schema import NewerSchema, Standing

_NEWER = (
    "The tables are at {found}, which this version does not know: it needs {needed}. Use the "
    "greenlight that made them, or a later one."
)


async def migrate(url: str) -> str:
    """Apply the migrations that are missing; a bot that starts does the same.

    Raises:
        Refused: the tables are of a newer version, a bot works on the SQLite file, or the database
            does not answer.
    """
    async with reached(url, alone=True) as database, database.transaction() as transaction:
        await schema.hold(transaction)
        before = await schema.revision_of(transaction)
        try:
            await schema.bring_up(transaction)
        except NewerSchema:
            raise Refused(_NEWER.format(found=before, needed=schema.newest())) from None
    if before == schema.newest():
        return f"The tables are at {before}, as this version needs: nothing to do."
    return f"The tables went from {before or 'none'} to {schema.newest()}."


async def check(url: str) -> str:
    """Say that the tables are those of this version; nothing is changed.

    Raises:
        Refused: they are not, or the database does not answer.
    """
    async with reached(url, may_make=False) as database, database.snapshot() as transaction:
        found = await schema.revision_of(transaction)
    needed = schema.newest()
    match schema.compare(found):
        case Standing.CURRENT:
            return f"The tables are at {found}, as this version needs."
        case Standing.NEWER:
            raise Refused(_NEWER.format(found=found, needed=needed))
        case Standing.EMPTY | Standing.OLDER:
            raise Refused(
                f"The tables are at {found or 'none'}, and this version needs {needed}. Run "
                "greenlight migrate, or start the bot: either brings them up."
            )
