"""The price of durability alone: one transaction with one row, through the bot's own database.

The file lies where the bot's file lies, so both wait for the same disk.
"""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from aiohttp import web

from benchmarks import stage
from bot.database import Database

ROW = sa.Table(
    "row",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String, nullable=False),
)
INSERT = sa.insert(ROW)
TEXT = "x" * 500
"""About as much as a stored click."""


async def measure(database: Database, count: int, pause_seconds: float) -> list[float]:
    """Commit one row after the other, with a rest before each; return the seconds of each."""
    seconds = []
    for _ in range(count):
        await asyncio.sleep(pause_seconds)
        began = time.perf_counter()
        async with database.transaction(timedelta(seconds=5)) as transaction:
            await transaction.run(INSERT.values(text=TEXT))
        seconds.append(time.perf_counter() - began)
    return seconds


async def serve(directory: Path) -> None:
    """Measure on request until told to stop."""
    database = Database.open(f"sqlite:///{directory / 'commit.db'}")
    try:
        async with database.transaction() as transaction:
            await transaction.connection.run_sync(ROW.metadata.create_all)

        async def answer(request: web.Request) -> web.Response:
            count, pause = int(request.query["count"]), float(request.query["pause"])
            return web.json_response(await measure(database, count, pause))

        app = web.Application()
        app.router.add_get("/commits", answer)
        await stage.serve_app(app)
    finally:
        await database.close()


@click.command()
@click.option("--core", default=-1)
@click.option("--storage", type=click.Path(path_type=Path, exists=True), required=True)
def main(core: int, storage: Path) -> None:
    """Start measuring commits in the storage directory."""
    stage.pin(core)
    stage.run(serve(storage))


if __name__ == "__main__":
    main()
