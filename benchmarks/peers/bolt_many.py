"""Bare Bolt with as many listeners as the bot has routes; the one asked for comes last."""

import click

from benchmarks import stage
from benchmarks.peers.bolt_one import acknowledge, bare_app, serve


@click.command()
@click.option("--core", default=-1)
@click.option("--listeners", default=30, show_default=True)
def main(core: int, listeners: int) -> None:
    """Start Bolt with many listeners."""
    stage.pin(core)
    app = bare_app()
    for number in range(listeners - 1):
        register = app.action if number % 2 else app.command
        register(f"/other-{number}")(acknowledge)
    stage.run(serve(app))


if __name__ == "__main__":
    main()
