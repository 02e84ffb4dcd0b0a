"""Send signed requests over connections that stay open, and measure until each answer is read.

The client is as thin as it can be, a socket and the least of HTTP, because its own time is part of
every figure and would make slow servers look better beside quick ones.
"""

import asyncio
import gc
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.server import Server
from benchmarks.slack import UNIQUE, signed_headers
from benchmarks.stage import HOST

OK = 200


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of request to one server."""

    name: str
    server: Server
    body: str
    requests: int = 0
    """In each round; 0 for as many as the rest of its scene has."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: how long each answer took, all of them together, and the server's work."""

    seconds: list[float]
    elapsed: float
    cpu_seconds: float | None


class NotAcknowledged(Exception):
    """The server answered something else than 200."""


class Connection:
    """A connection that stays open from request to request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send the request; return the answer's status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, *headers = head.decode("latin-1").split("\r\n")
        length = next(
            (int(line[15:]) for line in headers if line.lower().startswith("content-length:")), 0
        )
        return int(status.split(" ", 2)[1]), await self._reader.readexactly(length)


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[Connection]:
    """Keep a connection open."""
    reader, writer = await asyncio.open_connection(HOST, server.ready.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


_numbers = itertools.count(1)


def request_to(target: Target) -> bytes:
    """Write and sign a request like no other."""
    ready = target.server.ready
    body = target.body.replace(UNIQUE, f"{next(_numbers):06d}").encode()
    headers = {
        "Host": f"{HOST}:{ready.port}",
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept": "application/json,*/*",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        **signed_headers(ready.secret, body),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {ready.path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def measure(
    target: Target, requests: int, concurrency: int, pause_seconds: float = 0.0
) -> Sample:
    """Send the requests, so many at a time, with a rest before each if asked for.

    The first request of each connection is not counted.

    Raises:
        NotAcknowledged: an answer was not 200.
    """
    prepared = iter([request_to(target) for _ in range(requests)])
    gc.collect()
    begin = asyncio.Barrier(concurrency + 1)
    async with asyncio.TaskGroup() as tasks:
        senders = [
            tasks.create_task(_send(target, prepared, begin, pause_seconds))
            for _ in range(concurrency)
        ]
        await begin.wait()
        cpu, began = target.server.cpu_seconds(), time.perf_counter()
    elapsed = time.perf_counter() - began
    cpu_after = target.server.cpu_seconds()
    return Sample(
        seconds=[seconds for sender in senders for seconds in sender.result()],
        elapsed=elapsed,
        cpu_seconds=None if cpu is None or cpu_after is None else cpu_after - cpu,
    )


async def _send(
    target: Target, prepared: Iterator[bytes], begin: asyncio.Barrier, pause_seconds: float
) -> list[float]:
    seconds = []
    async with connected(target.server) as connection:
        await _expect_ok(connection, request_to(target))
        await begin.wait()
        for request in prepared:
            if pause_seconds:
                await asyncio.sleep(pause_seconds)
            began = time.perf_counter()
            await _expect_ok(connection, request)
            seconds.append(time.perf_counter() - began)
    return seconds


async def _expect_ok(connection: Connection, request: bytes) -> None:
    status, body = await connection.exchange(request)
    if status != OK:
        raise NotAcknowledged(f"{status}: {body[:200]!r}")


async def commits(server: Server, count: int, pause_seconds: float) -> list[float]:
    """Let the server commit so many one-row transactions, with a rest before each; time them."""
    request = f"GET /commits?count={count}&pause={pause_seconds} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    async with connected(server) as connection:
        status, body = await connection.exchange(request.encode())
    assert status == OK
    return [float(seconds) for seconds in json.loads(body)]
