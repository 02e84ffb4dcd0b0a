"""At a start the bot sees whether what Buddy sends arrives, and tells the operator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.flows.heard import free_port
from tests.world import world_of


@asynccontextmanager
async def proxy(to: int, *, drops: bool = False, passes: bool = True) -> AsyncIterator[str]:
    """Stand before the bot as an operator's proxy does; its address."""

    async def handle(request: web.Request) -> web.Response:
        if not passes:
            return web.Response(status=404)
        told = {name: value for name, value in request.headers.items() if "_" not in name}
        headers = told if drops else dict(request.headers)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"http://127.0.0.1:{to}{request.path}", data=await request.read(), headers=headers
            ) as answer,
        ):
            return web.Response(status=answer.status)

    app = web.Application()
    app.router.add_post("/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("manner", "line"),
    [
        ({}, "notifications.reachable"),
        ({"drops": True}, "notifications.header_dropped"),
        ({"passes": False}, "notifications.not_passed_on"),
    ],
)
async def test_the_way_through_the_proxy(
    tmp_path: Path, manner: dict[str, bool], line: str
) -> None:
    """It passes everything on, drops what has an underscore, or knows nothing of these paths."""
    port = free_port()
    async with (
        proxy(port, **manner) as url,
        world_of(tmp_path, listen=f"127.0.0.1:{port}", public_url=url) as world,
    ):
        await world.settled()
        assert [one["event"] for one in world.log if "notifications." in one["event"]] == [line]


async def test_nobody_answers_there(tmp_path: Path) -> None:
    """That says little: there may be a way from outside."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    async with world_of(tmp_path, public_url=nowhere) as world:
        await world.settled()
        assert "notifications.unreachable" in [one["event"] for one in world.log]
