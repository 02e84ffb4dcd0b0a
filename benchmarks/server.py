"""Start a measured server in its own process, and know how much processor time it used."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.stage import Ready

START_SECONDS = 60
STOP_SECONDS = 15
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of an answer: a click carries its card, and there are hundreds."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready."""

    ready: Ready
    process: asyncio.subprocess.Process = field(repr=False)
    """The one that was started; the one that serves may be its child."""

    async def tell(self, order: str) -> Any:  # noqa: ANN401 - what the order asks for
        """Give an order and wait for the answer: it is carried out."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n".encode())
        return json.loads(await self.process.stdout.readline())

    def cpu_seconds(self) -> float | None:
        """Tell the processor time of all its threads so far; None where the system cannot say."""
        return cpu_seconds(self.ready.pid)

    def waited_seconds(self) -> float | None:
        """Tell how long its main thread could have run and had to wait for its core."""
        return waited_seconds(self.ready.pid)


def cpu_seconds(pid: int) -> float | None:
    """Tell the processor time of a process's threads so far; None where the system cannot say.

    Source: Linux, «Scheduler Statistics»: nanoseconds on the processor come first.
    """
    nanoseconds = []
    for task in Path("/proc").glob(f"{pid}/task/*"):
        # A thread may end while it is looked at.
        with contextlib.suppress(OSError):
            nanoseconds.append(int((task / "schedstat").read_text().split()[0]))
    return sum(nanoseconds) / 1e9 if nanoseconds else None


def waited_seconds(pid: int) -> float | None:
    """Tell how long a process's main thread could have run and had to wait for its core.

    Source: the same, the second figure.
    """
    told = Path(f"/proc/{pid}/task/{pid}/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else None


@contextlib.asynccontextmanager
async def started(module: str, *options: str) -> AsyncIterator[Server]:
    """Run the module until the context ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise RuntimeError(f"{module} did not start")
        yield Server(Ready(**json.loads(line)), process)
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
