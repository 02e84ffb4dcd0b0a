"""What a typed «approve» leaves open: which of several gates, or the values that one asks for."""

from dataclasses import dataclass

from bot.cards.answers import gate_choice_card, typed_secret_card, values_wanted_card
from bot.cards.names import names_told
from bot.database import Database, Transaction
from bot.domain.execution import Attempt, Binding
from bot.domain.rules import answerable
from bot.domain.values import Entries, check_names
from bot.errors import GateGone, GateNotNamed, ValuesMissing, ValuesNeeded
from bot.services.operating.asking import Asking
from bot.services.operating.checking import Case
from bot.services.operating.outcomes import Outcomes
from bot.services.operating.values import Values
from bot.store import cards
from bot.store.clicks import Step, StoredClick


@dataclass(frozen=True, slots=True)
class Complete:
    """Typed values, one for each variable that the gate asks for."""

    entries: Entries
    encrypted: tuple[str, ...]
    """Names of those that Buddy masks."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Completes typed commands, or ends them with a question."""

    database: Database
    outcomes: Outcomes
    values: Values
    asking: Asking
    installation: str

    async def ask_which(self, case: Case) -> None:
        """Offer a button for each waiting gate; the typed command itself ends here."""
        asked, execution = case.asked, case.execution
        assert execution is not None  # noqa: S101 - its gates were counted
        if asked.sealed_values:
            entries = await self.values.entries(asked)
            self.asking.drafts.keep(asked.person, execution.ref, execution.gates, entries)
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        attempt, ours = Attempt(execution.started_at, retries), self.installation
        choices = [
            (gate, Binding(execution.ref, attempt, gate.id, gate.started_at, ours))
            for gate in answerable(asked.operation, execution)
            if gate.is_bindable
        ]
        card = gate_choice_card(execution, choices, asked.reason, asked.person.user)
        async with self.database.transaction() as transaction:
            await self.outcomes.end(transaction, asked, Step.REFUSED, GateNotNamed.code)
            await self.outcomes.answer(transaction, asked, card)

    async def complete(self, case: Case, binding: Binding) -> Complete | None:
        """Find typed values that are all there; else ask for them in the form.

        Raises:
            ValuesError: something was typed that the gate does not take.
        """
        asked, actor, execution = case.asked, case.actor, case.execution
        assert actor is not None  # noqa: S101 - it was resolved a moment ago
        assert execution is not None  # noqa: S101 - it was resolved a moment ago
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        if gate is None:
            raise GateGone("", "")
        if asked.values_until is None:
            await self._ask(case, binding, ValuesNeeded.code)
            return None
        entries = await self.values.entries(asked)
        question = await self.values.questions.of(actor, execution, gate)
        check_names(question.fields, entries)
        try:
            provided = await self.values.understood(actor, execution, gate, entries)
        except ValuesMissing as missing:
            self.asking.drafts.keep(asked.person, execution.ref, [gate], entries)
            lacks = f"You did not type {names_told(missing.choices)}. "
            await self._ask(case, binding, missing.code, lacks)
            return None
        return Complete(entries, provided.encrypted)

    async def bind(
        self, transaction: Transaction, asked: StoredClick, binding: Binding, what: Complete
    ) -> None:
        """Bind typed values to the gate that they turned out to mean."""
        await self.values.bind(transaction, asked, binding, what.entries)
        if what.encrypted:
            card = typed_secret_card(what.encrypted)
            await self.outcomes.answer(transaction, asked, card, "typed")

    async def _ask(self, case: Case, binding: Binding, code: str, lacks: str = "") -> None:
        """Open the form while Slack lets us, else offer it; the typed command itself ends here."""
        asked, actor, execution = case.asked, case.actor, case.execution
        assert actor is not None  # noqa: S101 - it was resolved a moment ago
        assert execution is not None  # noqa: S101 - it was resolved a moment ago
        gate = execution.gate(binding.gate_id, binding.gate_started_at)
        assert gate is not None  # noqa: S101 - its caller found it
        is_open = await self.asking.open_for(asked, actor, execution, binding)
        async with self.database.transaction() as transaction:
            await self.outcomes.end(transaction, asked, Step.REFUSED, code)
            if not is_open:
                card = values_wanted_card(execution, gate, binding, lacks)
                await self.outcomes.answer(transaction, asked, card)
