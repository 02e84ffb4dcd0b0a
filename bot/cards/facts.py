"""What stands on a card: everything it shows, gathered before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cards.approvers import Approvers
from bot.domain.execution import Execution, Operation
from bot.domain.history import TimeLeft
from bot.domain.shipping import Ships


@dataclass(frozen=True, slots=True)
class LastAct:
    """The last operation through the bot."""

    by: str
    """A mention, or an escaped name."""

    did: str
    """A past participle."""

    at: datetime
    reason: str = ""
    variables: tuple[str, ...] = ()
    """Names of what was given to a gate; never a value."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An operation that is on its way and has not shown its effect yet."""

    by: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Everything the card shows."""

    execution: Execution
    retries: int = 0
    last_act: LastAct | None = None
    superseded_by: int | None = None
    pending: Pending | None = None
    """While an operation is on its way there are no buttons: the state is about to change."""

    installation: str = ""
    """Whose buttons the card carries."""

    questions: Mapping[str, str] = field(default_factory=dict)
    """What a gate asks, by gate id."""

    approvers: Mapping[str, Approvers] = field(default_factory=dict)
    """Who may answer a gate by Buddy's own list, by gate id; nobody where it has none."""

    people: Mapping[int, str] = field(default_factory=dict)
    """Mentions of linked people, by their Buddy user number."""

    usual: timedelta | None = None
    """How long executions of this pipeline take, once there are enough to tell."""

    left: TimeLeft | None = None
    """About how much time is left."""

    ships: Ships | None = None
    """What goes out if its gates are answered; None if nobody can say for sure."""

    is_discreet: bool = False
    """Whether other organisations may read it: then it leaves out what people wrote, and names."""

    @property
    def weight(self) -> int:
        """Tell apart what people must see at once; what merely moves on makes no difference."""
        execution = self.execution
        end = execution.status if execution.status.is_final else None
        gates = tuple(gate.id for gate in execution.gates)
        standing = (end, execution.started_at, gates, execution.is_delayed)
        return hash((standing, self.pending, self.superseded_by, self.last_act))
