"""What a click holds for a gate that asks for variables: sealed until it is sent, once.

Values are sealed into the click's row when it is taken, bound to who gave them and to their gate.
The transaction that records them as sent or refused wipes them, and so does the upkeep after ten
minutes. Only while the process that took them lives are they sent at all: whatever a crash leaves
behind is asked for again.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.buddy.wire import BuddyOperation, Variable
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.click import Click
from bot.domain.execution import Binding, Execution, Gate, GateKind, Operation
from bot.domain.values import Entries, understand
from bot.errors import LinkUnreadable, ValuesLost
from bot.jobs.queue import Jobs
from bot.services.identity import Actor
from bot.services.operating.questions import Questions
from bot.store import clicks, keys
from bot.store.clicks import NO_VALUES, SealedValues, StoredClick
from bot.vault import Vault

KEPT = timedelta(minutes=10)
"""How long values are kept at most, sealed, until they are sent."""

_WIRE = {
    GateKind.VARIABLES: BuddyOperation.APPLY_VARIABLES,
    GateKind.SETTABLE_VARIABLES: BuddyOperation.SET_VARIABLES,
}


@dataclass(frozen=True, slots=True)
class Provided:
    """What is sent to a gate that asks for variables."""

    operation: BuddyOperation
    variables: tuple[Variable, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The variables' names, which may be told."""
        return tuple(each.key for each in self.variables)

    @property
    def encrypted(self) -> tuple[str, ...]:
        """Names of those that Buddy masks."""
        return tuple(each.key for each in self.variables if each.is_encrypted)


@dataclass(frozen=True, slots=True)
class Values:
    """Seals what was given, and opens it for the one time that it is sent."""

    database: Database
    vault: Vault
    jobs: Jobs
    questions: Questions
    clock: Clock

    def seal(self, asked: Click) -> SealedValues:
        """Seal what somebody gave, for its row."""
        if asked.entries is None:
            return NO_VALUES
        owner = _owner(asked, asked.binding)
        sealed = self.vault.seal(asked.entries.write(), owner)
        return SealedValues(sealed, self.clock.now() + KEPT, self.jobs.pulse.id)

    async def entries(self, asked: StoredClick) -> Entries:
        """Open what a click holds.

        Raises:
            ValuesLost: its time is over, its process is gone, or its key.
        """
        until = asked.values_until
        if not asked.sealed_values or until is None or self.clock.now() >= until:
            raise ValuesLost
        async with self.database.snapshot() as transaction:
            if not await self.jobs.is_alive(transaction, asked.taken_by):
                raise ValuesLost
        try:
            return Entries.read(self.vault.open(asked.sealed_values, _owner(asked, asked.binding)))
        except LinkUnreadable:
            raise ValuesLost from None

    async def bind(
        self, transaction: Transaction, asked: StoredClick, binding: Binding, entries: Entries
    ) -> None:
        """Bind what was typed to the gate that it turned out to mean."""
        sealed = self.vault.seal(entries.write(), _owner(asked, binding))
        await clicks.change(transaction, asked.id, sealed_values=sealed)

    async def understood(
        self, actor: Actor, execution: Execution, gate: Gate, entries: Entries
    ) -> Provided:
        """Tell what is sent to a gate: a value for each variable that it asks for.

        Raises:
            ValuesError: it is not what the gate takes.
            BuddyError: what the gate asks for cannot be read.
        """
        question = await self.questions.of(actor, execution, gate)
        masked = {each.key for each in question.fields if each.is_encrypted}
        return Provided(
            _WIRE[gate.kind],
            tuple(
                Variable(each.key, each.value, is_encrypted=each.key in masked)
                for each in understand(question.fields, entries)
            ),
        )

    async def provided(
        self, asked: StoredClick, actor: Actor, execution: Execution, binding: Binding
    ) -> Provided | None:
        """Open what a click sends, which was checked a moment ago; None if it takes a plain yes.

        Raises:
            ValuesError, BuddyError: it cannot be sent.
        """
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        if asked.operation is not Operation.PROVIDE or gate is None:
            return None
        return await self.understood(actor, execution, gate, await self.entries(asked))


def _owner(asked: Click | StoredClick, binding: Binding | None) -> str:
    person = asked.person
    written = clicks.written_binding(binding)
    return keys.gate_owner(person.team, person.user, asked.key, written)
