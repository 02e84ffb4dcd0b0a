"""Who this installation is: made once, kept with everything else that it remembers."""

import secrets

from sqlalchemy import select

from bot.database import Transaction
from bot.store.tables import installation


async def own_id(transaction: Transaction) -> str:
    """Tell this installation's id; the first one to ask makes it."""
    # Not a UUID: the log masks those, since Buddy's tokens look the same.
    await transaction.insert_once(installation, {"number": 1, "id": secrets.token_hex(8)})
    rows = await transaction.run(select(installation.c.id))
    own: str = rows.scalar_one()
    return own
