"""Let an operator start the bot, try it, and prepare what it needs: the command ``greenlight``.

Exit codes: 0 is well, 1 failed at run time, 2 means wrong settings or wrong use.
"""

import asyncio
import importlib
import importlib.util
import re
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import click
import structlog
from cryptography.fernet import Fernet

from bot import __version__
from bot.admin import jobs as desk
from bot.admin import keys as ring
from bot.admin import migrating
from bot.admin.backup import backup as copy_file
from bot.admin.moving import move
from bot.admin.opened import Refused
from bot.app import serve as serve_until_stopped
from bot.entry import StartFailed
from bot.log import configure
from bot.settings import (
    SettingsProblems,
    Wrong,
    open_address,
    read_command,
    read_database,
    read_settings,
    read_storage,
)
from bot.vault import is_key_name, key_name

EXAMPLE_URL: Final = "https://greenlight.example.com"
"""What the manifest says where the operator's own address belongs."""

_Read = TypeVar("_Read")

log = structlog.get_logger()


class WrongSettings(click.ClickException):
    """The settings keep the command from its work."""

    exit_code = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="greenlight")
def main() -> None:
    """Approve, cancel and retry Buddy pipelines from Slack, as yourself."""


@main.command()
def serve() -> None:
    """Run the bot until it is told to stop (SIGTERM or Ctrl-C)."""
    settings = _or_explain(read_settings)
    configure(settings.log_level, settings.log_format, secrets=settings.secrets())
    try:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            runner.run(serve_until_stopped(settings))
    except StartFailed as failed:
        raise click.ClickException(str(failed)) from None
    except Exception:
        log.exception("bot.failed", chapter="The bot ended by itself")
        sys.exit(1)


@main.command(short_help="Try the bot without any account.")
@click.option("--story", is_flag=True, help="Play the main story, print it, and end.")
@click.option("--page", is_flag=True, help="Serve the page alone, until told to stop.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where the page is served.")
def sandbox(*, story: bool, page: bool, port: int | None) -> None:
    """Try the bot between a simulated Slack and a simulated Buddy; no account needed."""
    if story and (page or port):
        raise click.UsageError("The story has no page: leave out --page and --port.")
    # Only here: the bot itself never needs its simulators.
    from sandbox.demo import main as play

    sys.exit(play(story=story, page=page, port=port))


@main.command(short_help="Print the Slack app's manifest.")
@click.option(
    "--url",
    callback=lambda _context, _option, url: _public(url),
    help="Where Slack reaches the bot, for example https://greenlight.your-company.com",
)
@click.option("--socket", is_flag=True, help="For Socket Mode, where Slack calls no address.")
def manifest(url: str | None, *, socket: bool) -> None:
    """Print the Slack app's manifest, with your address and the configured command."""
    if url is not None and socket:
        raise click.UsageError("In Socket Mode Slack calls no address: leave out --url.")
    text = fill_in(_manifest().read_text("utf-8"), _or_explain(read_command), url)
    click.echo(by_socket(text) if socket else text, nl=False)
    if url is None and not socket:
        click.echo(f"Replace {EXAMPLE_URL} by your address, or name it with --url.", err=True)


def _open(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    try:
        return None if url is None else open_address(url)
    except Wrong as wrong:
        raise click.BadParameter(f"It {wrong}.") from None


@main.command(short_help="Bring the database up, or move to PostgreSQL.")
@click.option("--check", is_flag=True, help="Only say whether it is; ends with 1 if not.")
@click.option(
    "--to",
    "target",
    metavar="URL",
    callback=_open,
    help="Move everything there: postgresql://user@host/database, password in PGPASSWORD.",
)
def migrate(target: str | None, *, check: bool) -> None:
    """Bring the tables to this version, or move a SQLite installation to PostgreSQL.

    Each start of the bot brings the tables up too. docs/operations.md says more under «Moving up».
    """
    if target is None:
        _tell(migrating.check if check else migrating.migrate)
    elif check:
        raise click.UsageError("--check looks, --to moves: name one of them.")
    else:
        _tell(lambda url: move(url, target))


@main.command(short_help="Copy the SQLite file while the bot runs.")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the SQLite file while the bot runs; for PostgreSQL there is pg_dump."""
    _tell(lambda url: copy_file(url, file))


def _checked_name(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """Accept a key's name; what is none may be the key itself, and is not repeated."""
    if not is_key_name(name):
        raise click.BadParameter(
            "a key is named by eight of 0-9 and a-f; greenlight keys status lists them."
        )
    return name


_key_named = click.argument("name", callback=_checked_name)
_KEY_NAMED: Final = {"ignore_unknown_options": True}
"""A key may begin with a hyphen; as an unknown option it would be repeated."""


@main.group()
def keys() -> None:
    """Look after the keys that seal stored tokens, while the bot runs.

    In order: new, promote, rotate, retire. docs/operations.md says more under «Changing keys».
    """


@keys.command()
def new() -> None:
    """Print a fresh key for GREENLIGHT_TOKEN_KEYS."""
    key = Fernet.generate_key().decode()
    click.echo(key)
    click.echo(
        f"Its name is {key_name(key)}. Set it as GREENLIGHT_TOKEN_KEYS, or add it last to the keys "
        "that stand there.",
        err=True,
    )


@keys.command(context_settings=_KEY_NAMED)
@_key_named
def promote(name: str) -> None:
    """Let a key seal from now on, once every running bot knows it."""
    _say(lambda url, of: ring.promote(url, of, name))


@keys.command()
def rotate() -> None:
    """Seal everything anew with the key that seals now."""
    _say(ring.rotate)


@keys.command(context_settings=_KEY_NAMED)
@_key_named
@click.option("--lost", is_flag=True, help="Give up what is sealed with it and does not open.")
def retire(name: str, *, lost: bool) -> None:
    """Take a key out of use that nothing is sealed with any more."""
    _say(lambda url, of: ring.retire(url, of, name, lost=lost))


@keys.command()
def status() -> None:
    """List the keys by their names: who knows them and what they seal."""
    _say(ring.status)


@main.group()
def jobs() -> None:
    """Look after the work that is to be done, while the bot runs."""


@jobs.command("list")
@click.option("--dead", is_flag=True, help="Only what was given up.")
def list_jobs(*, dead: bool) -> None:
    """Count the jobs of each kind and list them, oldest first."""
    _say(lambda url, _keys: desk.jobs(url, only_dead=dead))


@jobs.command()
@click.argument("ids", nargs=-1, required=True, type=click.IntRange(min=1))
def retry(ids: tuple[int, ...]) -> None:
    """Let dead jobs be tried again, by their numbers."""
    _say(lambda url, _keys: desk.retry(url, ids))


def _say(ask: Callable[[str, Sequence[str]], Awaitable[str]]) -> None:
    """Ask something of the database and its keys, and print the answer."""
    settings = _or_explain(read_storage)
    of = [key.get_secret_value() for key in settings.token_keys]
    _print(lambda: ask(settings.database_url.get_secret_value(), of))


def _tell(ask: Callable[[str], Awaitable[str]]) -> None:
    """Ask something of the database, whoever has its keys, and print the answer."""
    url = _or_explain(read_database)
    _print(lambda: ask(url))


def _print(ask: Callable[[], Awaitable[str]]) -> None:
    async def answer() -> str:
        return await ask()

    try:
        click.echo(asyncio.run(answer()))
    except Refused as refused:
        raise click.ClickException(str(refused)) from None


def fill_in(text: str, command: str, url: str | None) -> str:
    """Put the operator's own command and address into the manifest."""
    # A word of its own: not the end of an address, not the beginning of a longer path.
    text = re.sub(r"(?<![\w/])/buddy(?![\w/.-])", lambda _: command, text)
    return text if url is None else text.replace(EXAMPLE_URL, url)


def by_socket(text: str) -> str:
    """Switch Socket Mode on in the manifest, and leave out the addresses."""
    text = re.sub(r"^ *(?:request_|message_menu_options_)?url: \S+\n", "", text, flags=re.MULTILINE)
    return text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def _public(url: str | None) -> str | None:
    """Accept an address with or without the path that Slack calls."""
    if url is None:
        return None
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[\w.~/-]*)?", url):
        raise click.BadParameter("Slack calls only https://host, maybe with a port and a path.")
    return url.rstrip("/").removesuffix("/slack/events").rstrip("/")


def _manifest() -> Path:
    """Find the manifest: packed beside this file in a wheel, one folder up in a checkout."""
    here = Path(__file__).parent
    packed = here / "manifest.yaml"
    return packed if packed.exists() else here.parent / "manifest.yaml"


def _or_explain(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except SettingsProblems as problems:
        raise WrongSettings(problems.report()) from None


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Choose uvloop where there is one; it does not run on Windows and on PyPy."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module(
        "uvloop"
    ).new_event_loop
    return factory


if __name__ == "__main__":
    main(prog_name="greenlight")
