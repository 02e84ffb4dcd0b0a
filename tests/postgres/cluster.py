"""Run one PostgreSQL on a data folder of its own, and leave nothing behind.

    initdb ──► start ──► stop ──► start … ──► the pipe closes ──► stopped, folders removed

A guard, a small shell, waits for the end of a pipe whose other end only this process holds. So the
same thing happens when we close the pipe, when we die of an exception, and when we are killed
with -9: the guard stops the server at once and removes its folders.

The role of the tests may create databases and nothing more, since anybody on the machine could
connect as it. The superuser has no way in.
"""

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tests.postgres.programs import ENVIRONMENT, Account, NoPostgres, Places

Mode = Literal["fast", "immediate"]
"""How a server stops: in an orderly way, or as if it crashed."""

ROLE: Final = "greenlight"
PORTS: Final = range(20_000, 30_000)
"""Below those that systems hand out by themselves, so that nobody gets ours during a restart."""

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it have names of their own
"""Linux's file system in memory: a database is hundreds of files, and there they cost 10 ms, on a
busy disk 100 ms."""
ENOUGH_BYTES: Final = 2 * 1024**3
"""A server takes a tenth of this; containers have 64 MB by default, which is too little."""

_DEADLINE_S: Final = 90  # pg_ctl gives up after 60 by itself
_CHANCE: Final = random.SystemRandom()  # pytest-randomly seeds the usual one alike in every worker

_GUARD: Final = """
read -r _
{
  "$1/pg_ctl" stop -D "$2" -m immediate -w
  rm -rf "$2" "$3"
} 2>/dev/null
"""

_ACCESS: Final = f"host all {ROLE} 127.0.0.1/32 trust\n"

# Without fsync a commit survives the server's crash, though not the machine's: that is enough
# for a test, and for most restarts of a crash suite. synchronous_commit must stay on for it.
_CONFIGURATION: Final = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = {port}
shared_buffers = 32MB
max_wal_size = 128MB
fsync = {fsync}
timezone = 'UTC'
"""


@dataclass(slots=True)
class Cluster:
    """A data folder with its server, and another one for what else there is."""

    programs: Path
    data: Path
    folder: Path
    account: Account
    durable: bool
    port: int = 0

    def prepare(self) -> None:
        """Lay the data folder, with one role that may create databases, and start."""
        self._run(
            "initdb",
            "--no-sync",
            *("--username=postgres", "--auth=reject", "--encoding=UTF8", "--locale=C"),
        )
        (self.data / "pg_hba.conf").write_text(_ACCESS, "utf-8")
        # A server for one command needs no door that would have to be closed again.
        self._run("postgres", "--single", "postgres", says=f"CREATE ROLE {ROLE} LOGIN CREATEDB\n")
        self._start_on_a_free_port()

    def start(self) -> None:
        """Start on the same port as before, and wait until the server takes connections."""
        self._run("pg_ctl", "start", "-w", f"--log={self._log}")

    def stop(self, mode: Mode = "fast") -> None:
        """Stop, and wait until the last process is gone."""
        self._run("pg_ctl", "stop", "-w", f"--mode={mode}")

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _start_on_a_free_port(self) -> None:
        """Try ports, since only the server itself can tell for certain that one is free."""
        file = self.data / "postgresql.conf"
        usual = file.read_text("utf-8")
        for last in (False, False, False, False, True):
            self.port = _CHANCE.choice(PORTS)
            ours = _CONFIGURATION.format(port=self.port, fsync="on" if self.durable else "off")
            file.write_text(usual + ours, "utf-8")
            try:
                self.start()
            except NoPostgres as failed:
                if last or "could not bind" not in str(failed):
                    raise
            else:
                return

    def _run(self, program: str, first: str, *arguments: str, says: str = "") -> None:
        """Run one of the programs on the data folder, which is named after the first argument.

        Raises:
            NoPostgres: it failed; says what it wrote.
        """
        begun = self._log.stat().st_size
        with self._log.open("a") as log:
            status = subprocess.run(  # noqa: S603 - PostgreSQL, named by its full path
                [self.programs / program, first, "-D", self.data, *arguments],
                user=self.account.user,
                group=self.account.group,
                extra_groups=self.account.groups,
                env=ENVIRONMENT,
                cwd=self.folder,
                input=says.encode(),
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=_DEADLINE_S,
                check=False,
            ).returncode
        if status:
            wrote = self._log.read_bytes()[begun:].decode(errors="replace").strip()
            raise NoPostgres(f"{self.programs / program} {first} ended with {status}:\n{wrote}")


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a server in a temporary folder until the block ends.

    Raises:
        NoPostgres: there are no programs for it, or they fail.
    """
    account = Account.here()
    with _folder(account) as folder, _folder(account, None if durable else _memory()) as data:
        (folder / "log").touch()
        account.own(folder / "log")
        made = Cluster(Places.here().find(folder), data, folder, account, durable)
        with _guarded(made):
            made.prepare()
            yield made


def _memory() -> Path | None:
    """Find room in memory, or leave it to the disk."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES
    return MEMORY if roomy else None


@contextlib.contextmanager
def _folder(account: Account, within: Path | None = None) -> Iterator[Path]:
    """Make a folder for the account."""
    folder = Path(tempfile.mkdtemp(prefix="greenlight-postgres-", dir=within))
    account.own(folder)
    try:
        yield folder
    finally:
        # The guard's account can empty the folder, but not everywhere remove it.
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _guarded(made: Cluster) -> Iterator[None]:
    """Have the server stopped and its folder removed when the block ends, or the process."""
    guard = subprocess.Popen(  # noqa: S603 - a script of ours
        ["/bin/sh", "-c", _GUARD, "guard", made.programs, made.data, made.folder],
        user=made.account.user,
        group=made.account.group,
        extra_groups=made.account.groups,
        env=ENVIRONMENT,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # The shell keeps our standard error: whoever reads that to its end knows that all is gone.
        start_new_session=True,  # what interrupts or kills our group must not reach it
    )
    try:
        yield
    finally:
        guard.communicate(timeout=_DEADLINE_S)
