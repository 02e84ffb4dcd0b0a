"""Fork bots from a process that has imported everything, and bury them all when we are gone.

Importing takes longer than a bot takes to start. The driver writes one JSON object per line and
reads one per line; when its end of the pipe closes, whatever the reason, every bot is killed.

    {"start": name, "folder": …, "settings": {…}}      {"signal": number, "name": …}
    {"name": …, "state": "stopped" | "ended", "status": …}
"""

import asyncio
import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.victim import live

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Replica:
    """One bot process as the driver knows it."""

    name: str
    folder: Path
    zygote: "Zygote" = field(repr=False)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    status: int | None = None
    """How it ended: an exit code, or a signal as a negative number."""

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended hears nothing."""
        if number == signal.SIGCONT:
            self.stopped.clear()
        self.zygote.says({"signal": number, "name": self.name})


@dataclass(slots=True)
class Zygote:
    """The driver's end of the pipe."""

    process: Process
    replicas: dict[str, Replica] = field(default_factory=dict)

    def says(self, told: dict[str, Any]) -> None:
        """Send one order."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told).encode() + b"\n")

    def start(self, name: str, folder: Path, settings: dict[str, Any]) -> Replica:
        """Start a bot, whose name no other one ever had."""
        replica = self.replicas[name] = Replica(name, folder, self)
        self.says({"start": name, "folder": str(folder), "settings": settings})
        return replica

    async def listen(self) -> None:
        """Hear what becomes of the bots, until there is nothing to hear any more."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            told = json.loads(line)
            replica = self.replicas[told["name"]]
            if told["state"] == "stopped":
                replica.stopped.set()
            else:
                replica.status = told["status"]
                replica.ended.set()


@contextlib.asynccontextmanager
async def zygote() -> AsyncIterator[Zygote]:
    """Have bots forked inside the block; none is left after it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.crash.zygote"),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
        start_new_session=True,  # what interrupts us must not reach it before it has tidied up
    )
    made = Zygote(process)
    listening = asyncio.get_running_loop().create_task(made.listen())
    try:
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def main() -> None:
    """Fork and bury until the pipe closes."""
    children: dict[int, str] = {}
    awake, waker = socket.socketpair()
    for end in (awake, waker):
        end.setblocking(False)  # noqa: FBT003 - the library's own
    signal.set_wakeup_fd(waker.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(awake, selectors.EVENT_READ)
        for order in _orders(selector, awake, children):
            _obey(order, children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)


def _orders(
    selector: selectors.BaseSelector, awake: socket.socket, children: dict[int, str]
) -> Iterator[dict[str, Any]]:
    """Read orders until the pipe closes; bury in between."""
    rest = b""
    while True:
        ready = {key.fd for key, _ in selector.select()}
        if awake.fileno() in ready:
            awake.recv(4096)
            _bury(children)
        if 0 in ready:
            read = os.read(0, 1 << 16)
            if not read:
                return
            *lines, rest = (rest + read).split(b"\n")
            yield from map(json.loads, lines)


def _obey(order: dict[str, Any], children: dict[int, str]) -> None:
    if "start" not in order:
        for pid, name in children.items():
            if name == order["name"]:
                os.kill(pid, order["signal"])
        return
    pid = os.fork()
    if pid:
        children[pid] = order["start"]
        return
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        live(order["start"], Path(order["folder"]), order["settings"])
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it was, nobody above this line may see it
        traceback.print_exc()
    finally:
        os._exit(status)


def _bury(children: dict[int, str]) -> None:
    """Tell of every child that stopped or ended."""
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if not pid:
            return
        if os.WIFSTOPPED(status):
            told: dict[str, Any] = {"name": children[pid], "state": "stopped"}
        else:
            code = os.waitstatus_to_exitcode(status)
            told = {"name": children.pop(pid), "state": "ended", "status": code}
        os.write(1, json.dumps(told).encode() + b"\n")


if __name__ == "__main__":
    main()
