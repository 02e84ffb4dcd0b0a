"""The floor: an aiohttp handler that checks Slack's signature and answers 200, nothing else.

Nothing that is a web server in Python and checks whom it talks to can be much quicker.
"""

import hashlib
import hmac
import time

import click
from aiohttp import web

from benchmarks import stage
from benchmarks.slack import SECRET

MAX_AGE_SECONDS = 300
"""Older requests may be replays. Source: Slack, «Verifying requests from Slack»."""


async def answer(request: web.Request) -> web.Response:
    """Answer what Slack signed; refuse anything else."""
    body = await request.read()
    timestamp = request.headers["X-Slack-Request-Timestamp"]
    base = b"v0:" + timestamp.encode() + b":" + body
    signature = "v0=" + hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest()
    is_signed = hmac.compare_digest(signature, request.headers["X-Slack-Signature"])
    is_fresh = abs(time.time() - int(timestamp)) < MAX_AGE_SECONDS
    return web.Response(status=200 if is_signed and is_fresh else 401)


async def serve() -> None:
    """Serve until told to stop."""
    app = web.Application()
    app.router.add_post("/slack/events", answer)
    await stage.serve_app(app)


@click.command()
@click.option("--core", default=-1)
def main(core: int) -> None:
    """Start the floor."""
    stage.pin(core)
    stage.run(serve())


if __name__ == "__main__":
    main()
