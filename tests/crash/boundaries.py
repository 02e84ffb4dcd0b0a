"""Name every point between two statements of a bot process, and halt the process at a chosen one.

Nothing of the bot is changed: SQLAlchemy tells of each statement, commit and returned connection,
and the log's context and the task's name tell what for. A process that comes to the boundary that
the plan names takes the plan away, so that no other one halts there too, and stops itself; what
happens to it is up to the driver.
"""

import asyncio
import os
import re
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

TRACE = "trace"
PLAN = "plan"

_STATEMENT = re.compile(
    r"\s*(?:(INSERT|DELETE|UPDATE)\s+(?:INTO\s+|FROM\s+)?|(SELECT)\b.*?\bFROM\s+)([a-z]\w*)",
    re.IGNORECASE | re.DOTALL,
)
_ENDLESS = frozenset({"jobs", "heart"})
"""Tasks that live as long as the process: their transactions are told apart by what they do."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One transaction, and what it changed; several may be stored by one commit."""

    task: asyncio.Task[Any] | None
    name: str
    done: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Watch:
    """Watches one process."""

    name: str
    folder: Path
    trace: int
    counts: WeakKeyDictionary[asyncio.Task[Any], Counter[str]] = field(
        default_factory=WeakKeyDictionary
    )

    @classmethod
    def over(cls, name: str, folder: Path) -> "Watch":
        """Begin to watch this process."""
        trace = os.open(folder / TRACE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        watch = cls(name, folder, trace)
        event.listen(Engine, "begin", watch.begins)
        event.listen(Engine, "before_cursor_execute", watch.executes)
        event.listen(Engine, "after_cursor_execute", watch.executed)
        event.listen(Engine, "commit", watch.commits)
        event.listen(Pool, "checkin", watch.returns)
        return watch

    def begins(self, connection: Connection) -> None:
        """Number a transaction within its piece of work."""
        connection.info["works"] = []
        self._join(connection)

    def executes(
        self, connection: Connection, _cursor: object, statement: str, *_more: object
    ) -> None:
        """Come to a statement."""
        told = _named(statement)
        if told and (works := connection.info.get("works")):
            if works[-1].task is not _task():
                # Another one writes here, and is stored together with whoever began.
                self._join(connection)
            self.reach(f"{works[-1].name}: before {told}")

    def executed(
        self,
        connection: Connection,
        cursor: Any,  # noqa: ANN401 - the driver's own
        statement: str,
        *_more: object,
    ) -> None:
        """Remember what a transaction changed."""
        told = _named(statement)
        works = connection.info.get("works")
        if told and works and not told.startswith("SELECT") and cursor.rowcount != 0:
            works[-1].done.append(told)

    def commits(self, connection: Connection) -> None:
        """Come to a commit."""
        connection.info["stored"] = [
            f"{work.name}: {', '.join(dict.fromkeys(work.done))}"
            for work in connection.info.pop("works", [])
            if work.done
        ]
        for work in connection.info["stored"]:
            self.reach(f"{work}, not stored")

    def returns(self, _connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        """Come to what follows a commit."""
        for work in record.info.pop("stored", []):
            self.reach(f"{work}, stored")

    def reach(self, boundary: str) -> None:
        """Note a boundary, and stop here if the plan says so."""
        os.write(self.trace, f"{self.name}\t{boundary}\n".encode())
        plan = self.folder / PLAN
        try:
            if plan.read_text("utf-8") != boundary:
                return
            plan.unlink()
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGSTOP)

    def _join(self, connection: Connection) -> None:
        connection.info["works"].append(_Work(_task(), self._work()))

    def _work(self) -> str:
        """Tell what a transaction is for."""
        told = structlog.contextvars.get_contextvars()
        task = _task()
        if task is None or task.get_name() in _ENDLESS:
            return task.get_name() if task else "start"
        work = str(told.get("job") or told.get("kind") or "start")
        count = self.counts.setdefault(task, Counter())
        count[work] += 1
        return f"{work} {count[work]}"


def _task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def _named(statement: str) -> str:
    """Name a statement by its verb and its table; empty for what touches no table."""
    found = _STATEMENT.match(statement)
    return f"{(found[1] or found[2]).upper()} {found[3]}" if found else ""
