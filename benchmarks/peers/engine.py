"""The jobs engine alone: what the bot's operations cost without being the bot's.

A request puts a job in one transaction and is acknowledged. The job claims what it is about to do
in a second transaction, sends one PATCH, and ends. Nothing is checked before, read after, told or
painted.
"""

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import click
import sqlalchemy as sa
from aiohttp import web

from benchmarks import stage
from bot.clock import SystemClock
from bot.database import Database, metadata
from bot.jobs.pulse import Pulse
from bot.jobs.queue import Job, Jobs, Outcome
from bot.jobs.worker import Worker

KIND = "effect"
SLOTS = 32
"""As many as the bot has for operations."""

CLAIM = sa.Table("claim", sa.MetaData(), sa.Column("key", sa.String(64), primary_key=True))


@dataclass(frozen=True, slots=True)
class Effects:
    """Takes requests, and sends the PATCH of each."""

    database: Database
    jobs: Jobs
    session: aiohttp.ClientSession

    async def take(self, request: web.Request) -> web.Response:
        """Store the job, and acknowledge it."""
        key = secrets.token_hex(8)
        job = Job(KIND, key, lane=f"lane/{key}", data=(await request.read()).decode())
        async with self.database.transaction() as transaction:
            held = await self.jobs.hold(transaction, job)
        assert held is not None
        held.start()
        return web.Response()

    async def carry_out(self, job: Job) -> Outcome:
        """Claim it, and send it."""
        told = json.loads(job.data)
        async with self.database.transaction() as transaction:
            assert await transaction.insert_once(CLAIM, {"key": job.key})
        headers = {"Authorization": f"Bearer {told['token']}", "Content-Type": "application/json"}
        async with self.session.patch(told["url"], data=told["body"], headers=headers) as response:
            await response.read()
            response.raise_for_status()
        return None


async def serve(url: str) -> None:
    """Serve until told to stop."""
    clock, database = SystemClock(), Database.open(url)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        async with database.transaction() as transaction:
            await transaction.connection.run_sync(metadata.create_all)
            await transaction.connection.run_sync(CLAIM.metadata.create_all)
        pulse = Pulse(database, clock, timedelta(seconds=10))
        await pulse.begin()
        jobs = Jobs(clock, pulse)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        effects = Effects(database, jobs, session)
        jobs.handle(KIND, effects.carry_out, slots=SLOTS)
        app = web.Application()
        app.router.add_post(stage.PATH, effects.take)
        worker = Worker(database, jobs, pulse, clock)
        async with asyncio.TaskGroup() as tasks:
            work, heart = tasks.create_task(worker.run()), tasks.create_task(pulse.run())
            await stage.serve_app(app)
            await worker.stop(timedelta(seconds=5))
            heart.cancel()
            await work


@click.command()
@click.option("--core", default=-1)
@click.option("--database", required=True)
def main(core: int, database: str) -> None:
    """Start the jobs engine on a database of its own."""
    stage.pin(core)
    stage.run(serve(database))


if __name__ == "__main__":
    main()
