"""Say that something takes longer, before the silence does.

Within three seconds a person sees that their click worked, or that it is being worked on.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from typing import Any

SILENCE = timedelta(seconds=2.5)
"""How long nothing may be seen. Real time, since it is a person who waits."""


@contextlib.asynccontextmanager
async def soothing(say: Callable[[], Coroutine[Any, Any, object]]) -> AsyncIterator[None]:
    """Do what stands inside; if it takes longer than silence may last, say so once meanwhile."""
    loop = asyncio.get_running_loop()
    saying: list[asyncio.Task[object]] = []
    timer = loop.call_later(SILENCE.total_seconds(), lambda: saying.append(loop.create_task(say())))
    try:
        yield
    finally:
        timer.cancel()
        for said in saying:
            await said
