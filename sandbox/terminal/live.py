"""Sit somebody down before the sandbox: a terminal and a session."""

import asyncio
import sys
from datetime import timedelta

from sandbox.clock import hold_up
from sandbox.shop import Shop
from sandbox.terminal.commands import welcome
from sandbox.terminal.console import Console, Prompt
from sandbox.terminal.logtail import LogTail
from sandbox.terminal.screen import Screen
from sandbox.terminal.session import Session
from sandbox.terminal.style import can_move_cursor, style_for

GLANCE = timedelta(seconds=0.2)
"""How often the screen follows what happens, in real time."""


def has_terminal() -> bool:
    """Whether there is somebody who can type, on something that can be drawn on."""
    return sys.stdin.isatty() and can_move_cursor(sys.stdout)


async def live(shop: Shop, log: LogTail) -> None:
    """Let somebody type until they leave."""
    style = style_for(sys.stdout)
    console = Console(sys.stdin, sys.stdout, style)
    screen = Screen(console.write, style, lambda: console.width)
    session = Session(shop, screen, log)
    console.prompt = lambda: Prompt(session.prompt, is_for_commands=session.dialog is None)
    console.complete = session.completions
    with console.opened():
        welcome(screen)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(_watch(session, console))
            while not session.is_over and (line := await console.lines.get()) is not None:
                console.busy = tasks.create_task(session.takes(line))
                await asyncio.wait({console.busy})
                if console.busy.cancelled():
                    screen.says("Stopped.")
                console.refresh()
            watching.cancel()


async def _watch(session: Session, console: Console) -> None:
    while True:
        await hold_up(GLANCE)
        session.look_around()
        console.refresh()
