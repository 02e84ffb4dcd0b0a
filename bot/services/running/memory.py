"""Remember what somebody ran a pipeline with, so that they need not type it a second time.

Of variables only those that the pipeline itself asks for and that Buddy does not keep masked, and
never one whose name says that it is a secret. They are sealed for their person and their pipeline.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, StorageUnavailable, Transaction
from bot.domain.catalog import PipelineRef, VariableField
from bot.domain.command import Assignment, Run
from bot.domain.person import Person
from bot.domain.run import RunRequest
from bot.domain.run_entries import Entries
from bot.errors import LinkUnreadable
from bot.store import keys, run_memory
from bot.store.runs import StoredRun
from bot.vault import Vault

log = structlog.get_logger()

KEPT_FOR = timedelta(days=90)
"""How long it is remembered what nobody ran again."""

_SECRET = re.compile(
    r"pass|pwd|secret|token|credential|private|(?:^|_)(?:api|auth|key)(?:_|$)", re.IGNORECASE
)
"""Names of what may be a secret, whether Buddy keeps it masked or not."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last run of a pipeline by somebody."""

    entries: Entries
    at: datetime
    execution: int


@dataclass(frozen=True, slots=True)
class RunMemory:
    """Keeps and finds what was run the last time."""

    database: Database
    vault: Vault
    clock: Clock

    async def keep(
        self,
        transaction: Transaction,
        sent: StoredRun,
        variables: Sequence[Assignment],
        inputs: Sequence[VariableField],
    ) -> None:
        """Remember a run in the transaction that records it as sent."""
        told = {one.key: one.value for one in variables if is_kept(one, inputs)}
        owner = keys.memory_owner(
            sent.person.team, sent.person.user, sent.pipeline.host, sent.pipeline.pipeline
        )
        sealed = self.vault.seal(json.dumps(told), owner) if told else ""
        await run_memory.keep(transaction, sent, sealed)

    async def find(self, person: Person, at: PipelineRef) -> Remembered | None:
        """Find the last run that this person started; None if there is none, or it is forgotten."""
        try:
            async with self.database.snapshot() as transaction:
                found = await run_memory.find(transaction, person, at)
        except StorageUnavailable:
            log.warning("run.memory_not_read")
            return None
        if found is None or found[0].taken_at < self.clock.now() - KEPT_FOR:
            return None
        ran, sealed = found
        owner = keys.memory_owner(person.team, person.user, at.host, at.pipeline)
        try:
            told = json.loads(self.vault.open(sealed, owner)) if sealed else {}
        except LinkUnreadable:
            told = {}
        variables = tuple(Assignment(key, value) for key, value in told.items())
        return Remembered(_entries(ran, variables), ran.taken_at, ran.execution)


def is_kept(one: Assignment, inputs: Sequence[VariableField]) -> bool:
    """Whether a value may be remembered."""
    asked = next((known for known in inputs if known.key == one.key), None)
    is_open = asked is not None and not asked.is_encrypted and not one.is_encrypted
    return is_open and not _SECRET.search(one.key)


def _entries(ran: StoredRun, variables: tuple[Assignment, ...]) -> Entries:
    """Take what was run; when it was to start is over."""
    wanted: Run | RunRequest = ran.wanted
    return replace(Entries.of(wanted), variables=variables, starts_at=None)
