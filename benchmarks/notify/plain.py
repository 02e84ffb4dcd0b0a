"""The script that everybody writes: take the webhook, post a line into the channel, answer.

It checks the secret and has one session to Slack. It stores nothing, reads nothing, and never
edits: a repeated delivery is a second message, a lost one is none, and what it says grows old.
"""

import json
import os
from pathlib import Path
from typing import Any

import click
import uvloop
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

SECRET_HEADER = "secret_key"  # noqa: S105 - a header's name  # pragma: allowlist secret


def line(body: dict[str, Any]) -> str:
    """Say what happened."""
    execution = body["execution"]
    pipeline = execution["pipeline"]
    return f"{body['project']['name']} / {pipeline['name']} #{execution['id']}: started"


def application(client: AsyncWebClient, channels: dict[str, str], secret: str) -> web.Application:
    """Serve the webhook's address, whatever it is, and say when it is ready."""

    async def take(request: web.Request) -> web.Response:
        if request.headers.get(SECRET_HEADER) != secret:
            return web.Response(status=403)
        body = json.loads(await request.read())
        channel = channels[body["execution"]["pipeline"]["name"]]
        await client.chat_postMessage(channel=channel, text=line(body))
        return web.Response(text="ok")

    async def is_ready(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/readyz", is_ready)
    app.router.add_post("/{rest:.*}", take)
    return app


@click.command()
@click.argument("told", type=click.Path(path_type=Path, exists=True))
def main(told: Path) -> None:
    """Serve; a file tells the channel of each pipeline, and the secret."""
    known = json.loads(told.read_text("utf-8"))
    host, _, port = os.environ["GREENLIGHT_LISTEN"].rpartition(":")

    async def serving() -> web.Application:
        client = AsyncWebClient(
            token=os.environ["GREENLIGHT_SLACK_BOT_TOKEN"],
            base_url=os.environ["GREENLIGHT_SLACK_API_URL"],
        )
        return application(client, known["channels"], known["secret"])

    uvloop.install()
    web.run_app(serving(), host=host, port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
