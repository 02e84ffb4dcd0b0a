"""Buddy and Slack as fast as can be: a socket, and answers that stand ready.

Every read of an execution is answered with all of it: what a simulated Buddy writes of a run with
nine actions, with other numbers in it. What its card shows stays as it is; what it does not show
is different each time.
"""

import asyncio
import json
import os
import socket
import time
from datetime import timedelta
from typing import cast

import click
from typing_extensions import override

from benchmarks import stage
from benchmarks.follow.followed import ACTIONS, PROJECT, TEAM, WORKSPACE
from benchmarks.slack import SECRET
from sandbox.buddy import SimulatedBuddy, Step
from sandbox.buddy.execution_shapes import ExecutionShapes
from sandbox.buddy.shapes import Shapes
from sandbox.clock import SandboxClock

_EXECUTION, _PIPELINE, _TIME = "987987987", "876876876", "765765765"
"""Stand in the written answer for what differs."""

_END = b"\r\n\r\n"
_NO_HEAD = -1


class Far:
    """What was asked, and what is answered."""

    def __init__(self, url: str) -> None:
        self.template = template(url)
        self.reads = 0
        self.wanted = 0
        self.seen: set[bytes] = set()
        self.all_seen_at: float | None = None
        self.edits = 0

    def answer(self, head: bytes) -> bytes:
        """Answer a request, given by its first lines."""
        method, target = head.split(b" ", 2)[:2]
        parts = target.partition(b"?")[0].split(b"/")
        if method == b"GET" and parts[-2] == b"executions":
            return _ok(self._execution(parts[-3], parts[-1]))
        if parts[-1] == b"auth.test":
            return _ok(b'{"ok":true,"team_id":"%b","user_id":"U0","bot_id":"B0"}' % TEAM.encode())
        if parts[-1] in {b"chat.update", b"chat.postMessage"}:
            self.edits += parts[-1] == b"chat.update"
            return _ok(b'{"ok":true,"channel":"C0","ts":"1.0"}')
        if parts[-1] == b"conversations.info":
            return _ok(b'{"ok":true,"channel":{"id":"C0","is_ext_shared":false}}')
        if parts[-1] == b"executions":
            return _ok(b'{"executions":[],"total_page_count":0}')
        return _answer(b"404 Not Found", b'{"errors":[{"message":"Not found"}]}')

    def _execution(self, pipeline: bytes, execution: bytes) -> bytes:
        self.reads += 1
        if len(self.seen) < self.wanted:
            self.seen.add(execution)
            if len(self.seen) == self.wanted:
                self.all_seen_at = time.perf_counter()
        told = self.template.replace(_EXECUTION.encode(), execution)
        told = told.replace(_PIPELINE.encode(), pipeline)
        return told.replace(_TIME.encode(), b"%09d" % self.reads)

    def watch(self, count: int) -> None:
        """Begin to count anew, and note when so many different executions were read."""
        self.seen, self.wanted, self.all_seen_at = set(), count, None

    def told(self) -> dict[str, float | None]:
        """Tell what was asked."""
        return {"reads": self.reads, "all_seen_at": self.all_seen_at, "edits": self.edits}


def template(url: str) -> bytes:
    """Let a simulated Buddy write about a run in the middle of its fifth action."""
    clock = SandboxClock()
    buddy = SimulatedBuddy(clock)
    buddy.url = url
    buddy.workspace(WORKSPACE)
    maya = buddy.person("Maya Lindt", workspaces=[WORKSPACE])
    buddy.project(WORKSPACE, PROJECT)
    steps = [Step(f"Step {number}", seconds=60) for number in range(1, ACTIONS + 1)]
    pipeline = buddy.pipeline(WORKSPACE, PROJECT, "Deploy", actions=steps)
    run = pipeline.push(
        by=maya, message=f"Fix the login of customer {_EXECUTION}", branch=f"fix-{_EXECUTION}"
    )
    clock.advance(timedelta(seconds=270))
    run.id, pipeline.id = int(_EXECUTION), int(_PIPELINE)
    told = ExecutionShapes(Shapes(buddy)).execution(run)
    told["pipeline"]["last_execution_revision"] = f"{_TIME:0>40}"
    text = json.dumps(told, separators=(",", ":"))
    # The first fourteen digits of every id of this run.
    return text.replace(run.hash[:14], f"{run.hash[:5]}{_EXECUTION}").encode()


def _ok(body: bytes) -> bytes:
    return _answer(b"200 OK", body)


def _answer(status: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


class Line(asyncio.Protocol):
    """One connection; its requests are answered in order."""

    def __init__(self, far: Far) -> None:
        self._far = far
        self._waiting = b""
        self._transport: asyncio.WriteTransport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own is of no class of asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)

    @override
    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(_END)) != _NO_HEAD:
            head = self._waiting[:end]
            whole = end + len(_END) + _length(head)
            if len(self._waiting) < whole:
                return
            self._waiting = self._waiting[whole:]
            assert self._transport is not None
            self._transport.write(self._far.answer(head))


def _length(head: bytes) -> int:
    if not head.startswith(b"POST"):
        return 0
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def serve() -> None:
    """Serve until told to stop."""
    listening = socket.create_server((stage.HOST, 0), backlog=512)
    port = listening.getsockname()[1]
    far = Far(f"http://{stage.HOST}:{port}")
    server = await asyncio.get_running_loop().create_server(lambda: Line(far), sock=listening)

    async def obey(order: str) -> object:
        match order.split():
            case ["watch", count]:
                far.watch(int(count))
            case ["told"]:
                return far.told()
            case _:
                raise ValueError(order)
        return None

    async with server:
        await stage.serve_until_told(stage.Ready(port, os.getpid(), SECRET), obey)


@click.command()
@click.option("--core", default=-1)
def main(core: int) -> None:
    """Start both far sides."""
    stage.pin(core)
    stage.run(serve())


if __name__ == "__main__":
    main()
