"""What waiting gates ask for, kept for a moment: a form and its submission need the same."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.domain.catalog import GateQuestion
from bot.domain.execution import Execution, ExecutionRef, Gate
from bot.domain.person import Person
from bot.errors import FieldsUnknown
from bot.services.identity import Actor

KEPT = timedelta(minutes=1)
"""How long what a gate asks for is not read again, though somebody may edit the pipeline."""

_MAX_KEPT = 1_000

_Key = tuple[Person, tuple[str, int, int], str]


@dataclass(slots=True)
class Questions:
    """Reads what gates ask for, with each person's own account."""

    clock: Clock
    _kept: dict[_Key, tuple[datetime, GateQuestion]] = field(default_factory=dict, repr=False)

    async def of(self, actor: Actor, execution: Execution, gate: Gate) -> GateQuestion:
        """Tell what a waiting gate asks for.

        Raises:
            FieldsUnknown: Buddy does not say where the gate's fields are.
            BuddyError: it cannot be read.
        """
        if gate.action_id is None:
            raise FieldsUnknown(execution.url)
        person = actor.link.person
        known = self.known(person, execution.ref, gate.id)
        if known is not None:
            return known
        question = await actor.buddy.gate_question(execution.ref, gate.action_id)
        while len(self._kept) >= _MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[person, execution.ref.identity, gate.id] = (self.clock.now(), question)
        return question

    def known(self, person: Person, ref: ExecutionRef, gate_id: str) -> GateQuestion | None:
        """Tell what a gate asked for a moment ago, as somebody was told; None without asking."""
        kept = self._kept.get((person, ref.identity, gate_id))
        if kept is None or self.clock.now() - kept[0] > KEPT:
            return None
        return kept[1]
