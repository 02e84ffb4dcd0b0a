"""Find out what an execution ships while its gates wait, with the reader's own rights.

Commits are read once for what stands; what stands is looked at again after a minute, as another
execution of the pipeline may have gone out meanwhile.

Nothing here is worth a call that people need: where a token has few left, nothing is said.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import structlog

from bot.buddy.client import BuddyClient
from bot.buddy.ledger import Ledger
from bot.clock import Clock
from bot.domain.execution import Execution
from bot.domain.shipping import Ships, last_success, shipped
from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable
from bot.services.finding.standing import may_ask

log = structlog.get_logger()

MAX_PAGES = 3
"""Pages of commits that are read; a longer list is not told."""

PATIENCE = timedelta(seconds=3)
"""How long a card waits for this; without it, it says nothing, and is painted again later."""

_PER_PAGE = 30
_REFUSED_FOR = timedelta(minutes=30)
_SILENT_FOR = timedelta(minutes=1)
_STANDS_FOR = timedelta(minutes=1)
_MAX_KEPT = 500
_Key = tuple[str, int, int, str, tuple[str, ...]]
"""Host, pipeline and execution, its revision, and the gates that wait."""

_Base = tuple[int, str]
"""What stands: the number of an execution, and its revision."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What was found out, and since what."""

    until: datetime
    ships: Ships | None
    base: _Base | None


_Kept = OrderedDict[_Key, _Told]


@dataclass(slots=True)
class Shipping:
    """Tells what executions ship; what was read with a token is told to that token alone."""

    clock: Clock
    _tokens: WeakKeyDictionary[Ledger, _Kept] = field(default_factory=WeakKeyDictionary)

    async def of(self, execution: Execution, buddy: BuddyClient) -> Ships | None:
        """Tell what an execution that waits ships; None if nobody can say for sure."""
        if not execution.gates or execution.revision is None:
            return None
        gates = tuple(gate.id for gate in execution.gates)
        key = (*execution.ref.identity, execution.revision.sha, gates)
        kept = self._tokens.setdefault(buddy.ledger, OrderedDict())
        now = self.clock.now()
        known = kept.get(key)
        if known is not None and now < known.until:
            return known.ships
        if not may_ask(buddy):
            return None
        ships, base, holds = None, None, _SILENT_FOR
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                ships, base = await _read(execution, buddy, known)
                holds = _STANDS_FOR
        except (TimeoutError, BuddyUnavailable, BuddyRateLimited):
            log.info("ships.not_read", code="silent")
        except BuddyError as refused:
            holds = _REFUSED_FOR
            log.info("ships.not_read", code=refused.code)
        while len(kept) >= _MAX_KEPT:
            kept.popitem(last=False)
        kept[key] = _Told(now + holds, ships, base)
        return ships


async def _read(
    execution: Execution, buddy: BuddyClient, known: _Told | None
) -> tuple[Ships | None, _Base | None]:
    ref, revision = execution.ref, execution.revision
    page = await buddy.executions(ref.workspace, ref.project, ref.pipeline, per_page=_PER_PAGE)
    base = last_success(execution, page.executions)
    if base is None or base.revision is None or revision is None:
        return None, None
    stands = (base.ref.execution, base.revision.sha)
    if known is not None and known.base == stands:
        return known.ships, stands
    if base.revision.sha == revision.sha:
        return shipped(execution, base, None), stands
    between = await buddy.comparison(
        ref.workspace, ref.project, base.revision.sha, revision.sha, most=MAX_PAGES
    )
    return shipped(execution, base, between), stands
