"""The real bot, put together as ``greenlight serve`` does, in a process that notes its lateness."""

import os

import click

from benchmarks import stage
from benchmarks.follow.followed import settings
from benchmarks.follow.lateness import Lateness
from benchmarks.slack import SECRET
from bot.app import Bot, running
from bot.clock import SystemClock
from bot.jobs.job import Job, Outcome
from bot.log import configure
from bot.services.following.tracker import KIND


def watched(bot: Bot, lateness: Lateness) -> None:
    """Note of each look how long after its moment it begins."""
    kind, pulse = bot.jobs.jobs.kinds[KIND], bot.jobs.pulse
    follow = kind.handler

    async def watch(job: Job) -> Outcome:
        lateness.note(pulse.now() - job.due)
        return await follow(job)

    kind.handler = watch


async def serve(database: str, far: str) -> None:
    """Follow until told to stop."""
    configure("error", "json")
    lateness = Lateness()
    async with running(settings(database, far), SystemClock()) as bot:
        watched(bot, lateness)
        port = int(bot.url.rpartition(":")[2])
        await stage.serve_until_told(stage.Ready(port, os.getpid(), SECRET), lateness.obey)


@click.command()
@click.option("--core", default=-1)
@click.option("--database", required=True)
@click.option("--far", required=True)
def main(core: int, database: str, far: str) -> None:
    """Start the bot between the far sides."""
    stage.pin(core)
    stage.run(serve(database, far))


if __name__ == "__main__":
    main()
