"""What this process saw of each execution it follows, so that what did not change costs little.

Nothing of it has to be kept: whoever starts without it reads and compares everything once.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.cadence import Tempo, tempo
from bot.domain.execution import Execution
from bot.services.following.sharing import standing
from bot.store.follows import Identity, Known

MAX_REMEMBERED = 20_000

COMPARED_EVERY = timedelta(minutes=5)
"""How often a card is made anew although nothing changed: names of people change elsewhere."""


@dataclass(slots=True)
class Seen:
    """How an execution stood at the last look; as hashes, since there may be thousands of them."""

    rows: int
    execution: int
    weight: int | None
    """What of it people must see at once, as the cards show it."""

    standing: str
    tempo: Tempo
    changed_at: datetime
    read_at: datetime
    compared_at: datetime
    hints: int
    """How often Buddy had said by itself that something happened."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Remembers the executions that were looked at last."""

    _seen: OrderedDict[Identity, Seen] = field(default_factory=OrderedDict)

    def of(self, known: Known) -> Seen | None:
        """Recall an execution, if its rows say the same as at the last look.

        If they do not, somebody did something to it.
        """
        seen = self._seen.get(known.follow.ref.identity)
        return seen if seen is not None and seen.rows == rows_of(known) else None

    def knows(self, known: Known) -> bool:
        """Tell whether an execution was looked at before, whatever was done to it since."""
        return known.follow.ref.identity in self._seen

    def weight(self, known: Known) -> int | None:
        """Recall what of an execution its cards show for sure that people must see at once."""
        seen = self._seen.get(known.follow.ref.identity)
        return seen.weight if seen is not None else None

    def is_news(self, seen: Seen, execution: Execution, known: Known, at: datetime) -> bool:
        """Tell whether a card must be compared; what was read is noted if not."""
        if seen.execution != hash(execution) or at - seen.compared_at >= COMPARED_EVERY:
            return True
        seen.read_at, seen.hints = at, known.follow.hints
        return False

    def keep(
        self,
        known: Known,
        execution: Execution,
        at: datetime,
        weight: int,
        *,
        held_back: timedelta | None = None,
    ) -> Seen:
        """Remember what was read, with the weight its cards show.

        If they do not show it yet, since that can wait so long, it is compared again after that.
        """
        identity = known.follow.ref.identity
        before = self._seen.pop(identity, None)
        looks = hash(execution)
        is_same = before is not None and before.execution == looks
        while len(self._seen) >= MAX_REMEMBERED:
            self._seen.popitem(last=False)
        shown = weight if held_back is None else before.weight if before is not None else None
        kept = self._seen[identity] = Seen(
            rows=rows_of(known),
            execution=looks,
            weight=shown,
            standing=standing(execution),
            tempo=tempo(execution),
            changed_at=before.changed_at if before is not None and is_same else at,
            read_at=at,
            compared_at=at if held_back is None else at - COMPARED_EVERY + held_back,
            hints=known.follow.hints,
        )
        return kept

    def forget(self, identity: Identity) -> None:
        """Forget an execution that is not followed any more."""
        self._seen.pop(identity, None)


def rows_of(known: Known) -> int:
    """Tell apart what the rows say; without what the cards show, which only following changes."""
    shown = tuple((card.id, card.channel, card.message_ts) for card in known.cards)
    return hash((known.follow, known.pending, known.link, shown))
