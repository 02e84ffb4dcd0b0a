"""Forget what clicks hold sealed, once it has had its time."""

from datetime import datetime

from sqlalchemy import update

from bot.database import Transaction
from bot.store.clicks import OPEN_STEPS
from bot.store.tables import click


async def forget_answer_urls(transaction: Transaction, before: datetime) -> None:
    """Forget response URLs that Slack no longer takes; a click that ended has none any more."""
    await transaction.run(
        update(click)
        .where(click.c.step.in_([step.value for step in OPEN_STEPS]))
        .where(click.c.taken_at < before, click.c.sealed_answer_url != "")
        .values(sealed_answer_url="")
    )


async def forget_values(transaction: Transaction, now: datetime) -> None:
    """Forget values whose time is over; a click that was sent or refused has none any more."""
    is_over = (click.c.values_until <= now, click.c.sealed_values != "")
    await transaction.run(update(click).where(*is_over).values(sealed_values=""))
