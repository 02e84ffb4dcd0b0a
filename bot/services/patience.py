"""Say that something takes longer, before the silence does.

Within three seconds a person sees that their click worked, or that it is being worked on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")

SILENCE = timedelta(seconds=2.5)
"""How long nothing may be seen. Real time, since it is a person who waits."""


async def soothed(work: Coroutine[Any, Any, T], say: Callable[[], Awaitable[object]]) -> T:
    """Do the work; if it takes longer than the silence may last, say so once meanwhile."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        await asyncio.wait({task}, timeout=SILENCE.total_seconds())
        if not task.done():
            await say()
        return await task
    finally:
        task.cancel()
