"""The command ``greenlight keys`` leads through a change of keys, and shows no secret."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import select

from bot.__main__ import main
from bot.clock import SystemClock
from bot.database import Database
from bot.services.keyring import Keyring
from bot.vault import Vault, key_name
from tests.environment import KEY, environment
from tests.sealed_rows import COLUMNS, Secrets, put_account, put_process
from tests.store.opened import address_of, opened

KEYS = [Fernet.generate_key().decode() for _ in range(3)]
OLD, NEW, THIRD = (key_name(key) for key in KEYS)


@dataclass
class Operator:
    """Somebody at the machine on which the bot runs."""

    folder: Path
    keys: list[str]
    """What stands in the setting."""

    said: list[str] = field(default_factory=list)
    """Everything that was printed."""

    @property
    def file(self) -> Path:
        """Where the bot remembers."""
        return self.folder / "bot.sqlite3"

    def keys_command(self, *arguments: str, code: int = 0) -> str:
        """Run a command and read what it says."""
        variables = {
            "GREENLIGHT_TOKEN_KEYS": ",".join(self.keys),
            "GREENLIGHT_DATABASE_URL": f"sqlite:///{self.file}",
        }
        with contextlib.chdir(self.folder), environment(variables):
            result: Result = CliRunner().invoke(main, ["keys", *arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert (result.stderr == "") is (code == 0)
        self.said.append(result.output)
        return result.output

    def with_database(self, work: Callable[[Database], Coroutine[Any, Any, None]]) -> None:
        """Do something with the database."""

        async def do() -> None:
            async with opened(self.file) as database:
                await work(database)

        asyncio.run(do())

    def bot_starts(self, *numbers: int) -> None:
        """Let a bot start, seal some secrets, and end."""

        async def work(database: Database) -> None:
            ring = Keyring(database, Vault(self.keys), SystemClock())
            await ring.begin()
            await Secrets(database).put(ring.vault, *numbers)

        self.with_database(work)

    def process_runs(self, name: str, *known: str, sealing: str = "") -> None:
        """Let a process have given a sign of life."""

        async def work(database: Database) -> None:
            at = SystemClock().now().timestamp()
            await put_process(database, name, *known, at=at, sealing=sealing)

        self.with_database(work)

    def sealed(self) -> set[str]:
        """Read every sealed value."""
        found: set[str] = set()

        async def work(database: Database) -> None:
            async with database.snapshot() as transaction:
                for column in COLUMNS:
                    rows = await transaction.run(select(column.table.c[column.column]))
                    found.update(filter(None, rows.scalars()))

        self.with_database(work)
        return found


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    """Have one key in the setting."""
    return Operator(tmp_path, KEYS[:1])


def test_a_change_of_keys_from_its_first_step_to_its_last(operator: Operator) -> None:
    """Each step says what was done and what comes next; none shows a key or a sealed value."""
    operator.bot_starts(1, 2, 3)
    before = operator.sealed()
    operator.keys = KEYS[:2]
    assert "Nothing is sealed with" in operator.keys_command("status")

    assert operator.keys_command("promote", NEW) == (
        f"Key {NEW} seals from now on; running bots follow within a few seconds.\n"
        "Next: greenlight keys rotate.\n"
    )
    assert "seals already" in operator.keys_command("promote", NEW)
    assert "Next: greenlight keys rotate." in operator.keys_command("status")
    assert operator.keys_command("rotate") == (
        f"Sealed anew with key {NEW}: 3 accounts, 3 clicks, 3 jobs.\n"
        f"Nothing is sealed with {OLD} any more. Next: greenlight keys retire {OLD}.\n"
    )
    assert operator.keys_command("rotate").startswith(
        f"Sealed anew with key {NEW}: 0 accounts, 0 clicks, 0 jobs.\n"
    )
    for _ in range(2):
        assert operator.keys_command("retire", OLD) == (
            f"Key {OLD} is retired: nothing is sealed with it. Next: take it out of "
            "GREENLIGHT_TOKEN_KEYS of every replica, and restart them one by one.\n"
        )
    operator.keys = KEYS[1:2]
    operator.bot_starts()
    assert "Next" not in operator.keys_command("status")

    everything = "".join(operator.said)
    for secret in (*KEYS, *before, *operator.sealed()):
        assert secret not in everything
        assert secret[9:29] not in everything


def test_the_status_is_a_table(operator: Operator) -> None:
    """One line for each key, by its name."""
    operator.bot_starts(1)
    operator.keys = KEYS[:2]
    operator.process_runs("replica-1", OLD, NEW)
    operator.process_runs("replica-2", OLD)

    lines = operator.keys_command("status").splitlines()

    assert [" ".join(line.split()) for line in lines[:3]] == [
        "key in this setting known to bots does accounts clicks jobs",
        f"{OLD} yes 2 of 2 seals 1 1 1",
        f"{NEW} yes 1 of 2 opens 0 0 0",
    ]
    assert lines[3].startswith(f"Nothing is sealed with {NEW}.")
    assert len(lines) == 4


def test_before_the_first_start_no_key_seals(operator: Operator) -> None:
    """The status changes nothing."""

    async def nothing(_: Database) -> None:
        pass

    operator.with_database(nothing)

    for _ in range(2):
        assert "No key seals yet" in operator.keys_command("status")


def test_a_promotion_that_is_too_early_is_refused(operator: Operator) -> None:
    """It names the replica that does not know the key, and what to do."""
    operator.bot_starts(1)
    operator.keys = KEYS[:2]
    operator.process_runs("replica-2", OLD)

    said = operator.keys_command("promote", NEW, code=1)

    assert "not known yet to replica-2 (id-of-replica-2)" in said
    assert "Add it last to GREENLIGHT_TOKEN_KEYS of every replica" in said


def test_a_key_that_is_needed_is_not_retired(operator: Operator) -> None:
    """It says what needs it and which command comes first."""
    operator.keys = KEYS[:2]
    operator.bot_starts(1)
    operator.keys_command("promote", NEW)

    assert "1 account, 1 click and 1 job are sealed" in operator.keys_command("retire", OLD, code=1)
    assert f"Key {NEW} seals now" in operator.keys_command("retire", NEW, code=1)


def test_a_machine_without_the_keys_says_which_it_lacks(operator: Operator) -> None:
    """The status leads to the way out, also where a key is gone for good."""
    operator.keys = KEYS[:2]
    operator.bot_starts(1)
    operator.keys_command("promote", NEW)

    operator.keys = KEYS[:1]
    assert f"lacks key {NEW}, which seals" in operator.keys_command("status")
    assert f"lacks key {NEW}" in operator.keys_command("rotate", code=1)

    operator.keys = KEYS[1:]
    for said in (operator.keys_command("status"), operator.keys_command("rotate")):
        assert f"3 values of key {OLD}, which this machine does not know" in said
    said = operator.keys_command("retire", OLD, "--lost")
    assert f"Key {OLD} is given up" in said
    assert "/buddy connect" in said
    assert " lost " in operator.keys_command("status")


def test_damaged_values_are_told_by_their_number(operator: Operator) -> None:
    """They are left as they are, and never shown."""
    operator.keys = KEYS[:2]
    operator.bot_starts(1)

    async def damage(database: Database) -> None:
        async with database.transaction() as transaction:
            await put_account(transaction, "TOM", "damaged-token")
            await put_account(transaction, "JO", f"{OLD}:altered")

    operator.with_database(damage)
    operator.keys_command("promote", NEW)

    rotated, status = operator.keys_command("rotate"), operator.keys_command("status")

    for said in (rotated, status):
        assert "1 value of no key: damaged" in said
        assert "damaged-t" not in said
    assert f"1 value of key {OLD} did not open" in rotated
    assert {"damaged-token", f"{OLD}:altered"} <= operator.sealed()


def test_what_is_written_all_the_time_is_told(operator: Operator) -> None:
    """Nobody takes a rotation for finished that is not."""
    operator.keys = KEYS[:2]
    operator.bot_starts(1, 2)
    operator.keys_command("promote", NEW)

    async def always_first(database: Database) -> None:
        async with database.transaction() as transaction:
            await transaction.connection.exec_driver_sql(
                "CREATE TRIGGER busy BEFORE UPDATE ON identity BEGIN SELECT RAISE(IGNORE); END"
            )

    operator.with_database(always_first)

    assert operator.keys_command("rotate") == (
        f"Sealed anew with key {NEW}: 0 accounts, 2 clicks, 2 jobs.\n"
        "2 were being written all the time. Run greenlight keys rotate again.\n"
    )


def test_without_a_database_none_is_made(operator: Operator) -> None:
    """In the wrong folder the command says so."""
    said = operator.keys_command("status", code=1)

    assert "there is no file bot.sqlite3 yet" in said
    assert list(operator.folder.iterdir()) == []


@pytest.mark.parametrize("revision", ["", "0001"])
def test_an_older_database_is_left_to_the_bot(operator: Operator, revision: str) -> None:
    """A command never changes the schema under a running bot."""

    async def make() -> None:
        if revision:
            async with opened(operator.file, revision):
                return
        database = Database.open(address_of(operator.file))
        await database.is_ready()
        await database.close()

    asyncio.run(make())

    for command in (["status"], ["rotate"], ["promote", OLD], ["retire", OLD]):
        said = operator.keys_command(*command, code=1)
        assert "Start the bot once" in said or "Start this version of the bot once" in said


def test_a_file_that_is_no_database_is_said_to_be_none(operator: Operator) -> None:
    """Without a traceback."""
    operator.file.write_text("This is no database, but it is long enough to look like one." * 20)

    assert "the database cannot be used" in operator.keys_command("status", code=1)


@pytest.mark.parametrize(
    "name",
    [KEY, f"-{KEY[1:]}", "OLD", "1a2b3c4", "1A2B3C4D"],
    ids=["key", "hyphen", "word", "short", "capitals"],
)
@pytest.mark.parametrize("command", ["promote", "retire"])
def test_what_is_no_name_is_refused_and_not_repeated(
    operator: Operator, command: str, name: str
) -> None:
    """Somebody may have pasted the key itself."""
    said = operator.keys_command(command, name, code=2)

    assert "greenlight keys status lists them" in said
    assert name not in said


def test_wrong_settings_end_with_2(operator: Operator) -> None:
    """Only what the command needs is asked for: no Slack tokens."""
    operator.keys = ["no-key"]
    said = operator.keys_command("status", code=2)

    assert "GREENLIGHT_TOKEN_KEYS has something at position 1 that is not a key." in said
    assert "Add a new key last" in said
    assert "SLACK" not in said
    assert "no-key" not in said


def test_a_new_key_comes_with_its_name() -> None:
    """The key can be set as it is; its name is what the other commands ask for."""
    with environment({}):
        result = CliRunner().invoke(main, ["keys", "new"])

    key = result.stdout.strip()
    Fernet(key)
    assert f"Its name is {key_name(key)}." in result.stderr
    assert key not in result.stderr
