"""One bot process of the suite: the real, unmodified bot, and who watches it.

It is forked before any event loop or engine exists, and serves until it is ended.
"""

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import uvloop

from bot.app import serve
from bot.log import configure
from bot.settings import Settings
from tests.crash.boundaries import Watch

LOG = "log"


def live(name: str, folder: Path, told: dict[str, Any]) -> None:
    """Be a bot, whose log lies in the folder under its name."""
    log = os.open(folder / f"{name}.{LOG}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    # Forked from the same process, all of them would draw the same numbers.
    random.seed()
    Watch.over(name, folder)
    settings = Settings(**told)
    configure(settings.log_level, settings.log_format, secrets=settings.secrets())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
