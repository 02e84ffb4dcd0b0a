"""Bare Bolt with its own aiohttp server and one listener: the smallest app of its tutorial."""

import click
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from benchmarks import stage
from benchmarks.slack import COMMAND, SECRET, TEAM


async def authorize() -> AuthorizeResult:
    """Know the only team; asking Slack is not what is measured."""
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="made-up")  # noqa: S106


def bare_app() -> AsyncApp:
    """Build an app without listeners."""
    return AsyncApp(name="bare", signing_secret=SECRET, authorize=authorize)


async def acknowledge(ack: AsyncAck) -> None:
    """Do what every listener does first, and nothing else."""
    await ack()


async def serve(app: AsyncApp) -> None:
    """Serve with Bolt's own aiohttp application until told to stop."""
    app.command(COMMAND)(acknowledge)
    await stage.serve_app(app.server().web_app)


@click.command()
@click.option("--core", default=-1)
def main(core: int) -> None:
    """Start Bolt with one listener."""
    stage.pin(core)
    stage.run(serve(bare_app()))


if __name__ == "__main__":
    main()
