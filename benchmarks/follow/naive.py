"""The naive way: a task for each execution, which sleeps, reads, renders the card, and compares.

It reads with the bot's own readers and renders the bot's own card. It keeps nothing: what it
follows is gone with it.
"""

import asyncio
import os

import aiohttp
import click
from pydantic_core import from_json

from benchmarks import stage
from benchmarks.follow.followed import EVERY_SECONDS, PEOPLE, executions, token
from benchmarks.follow.lateness import Lateness
from benchmarks.slack import SECRET
from bot.buddy import wire
from bot.buddy.links import Links
from bot.buddy.readers import Readers
from bot.cards.execution import execution_card
from bot.cards.facts import CardFacts
from bot.domain.execution import ExecutionRef


class Changed(Exception):
    """Nothing changes here, so a card that does was not read or rendered alike."""


async def follow(
    session: aiohttp.ClientSession,
    far: str,
    readers: Readers,
    ref: ExecutionRef,
    person: int,
    lateness: Lateness,
) -> None:
    """Look at one execution for ever."""
    loop = asyncio.get_running_loop()
    url = f"{far}{wire.execution(ref).target}"
    shown = ""
    due = loop.time()
    while True:
        lateness.note(loop.time() - due)
        headers = {"Authorization": f"Bearer {token(person)}"}
        async with session.get(url, headers=headers) as response:
            response.raise_for_status()
            raw = from_json(await response.read())
        execution = readers.execution(raw, ref)
        card = execution_card(CardFacts(execution, installation="benchmark"))
        if shown and shown != card.digest:
            raise Changed
        shown = card.digest
        due = loop.time() + EVERY_SECONDS
        await asyncio.sleep(EVERY_SECONDS)


async def serve(far: str, count: int) -> None:
    """Follow until told to stop."""
    host, lateness = far.partition("//")[2], Lateness()
    readers = Readers(host, Links.beside(far, far))
    timeout = aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as tasks:
        following = [
            tasks.create_task(follow(session, far, readers, ref, number % PEOPLE, lateness))
            for number, ref in enumerate(executions(host, count))
        ]
        await stage.serve_until_told(stage.Ready(0, os.getpid(), SECRET), lateness.obey)
        for task in following:
            task.cancel()


@click.command()
@click.option("--core", default=-1)
@click.option("--far", required=True)
@click.option("--count", required=True, type=int)
def main(core: int, far: str, count: int) -> None:
    """Start a task for each execution."""
    stage.pin(core)
    stage.run(serve(far, count))


if __name__ == "__main__":
    main()
