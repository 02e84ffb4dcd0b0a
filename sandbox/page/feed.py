"""Everything that changes, numbered: what a page fetched once, and then follows.

Only the latest changes are kept, and only what they happened to: a page is sent how that stands
now, so a change that was overtaken by another one costs nothing.
"""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

KEPT = 2000
"""How many changes a page may have missed before it must begin anew."""


class Topic(StrEnum):
    """What changed; the name of the event in the stream."""

    MESSAGE = "message"
    EPHEMERAL = "ephemeral"
    CHANNEL = "channel"
    PERSON = "person"
    UNREAD = "unread"
    MODALS = "modals"
    HOME = "home"
    EXECUTION = "execution"
    TROUBLE = "trouble"
    CLOCK = "clock"
    EXCHANGE = "exchange"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of something; an id or the thing itself, depending on the topic."""

    seq: int
    topic: Topic
    subject: object

    @property
    def key(self) -> tuple[Topic, object]:
        """The same for changes of the same thing."""
        told = isinstance(self.subject, str | tuple)
        return self.topic, self.subject if told else id(self.subject)


@dataclass(slots=True)
class Feed:
    """The numbered changes of one world, and who waits for the next one."""

    world: str = field(default_factory=lambda: secrets.token_hex(4))
    """Another sandbox, or the same after a restart, has another name: its numbers mean nothing."""

    seq: int = 0
    is_closed: bool = False
    _kept: deque[Change] = field(default_factory=lambda: deque(maxlen=KEPT), repr=False)
    _waiting: set[asyncio.Event] = field(default_factory=set, repr=False)

    def add(self, topic: Topic, subject: object = "") -> None:
        """Number a change."""
        self.seq += 1
        self._kept.append(Change(self.seq, topic, subject))
        self._wake()

    def since(self, seq: int) -> list[Change] | None:
        """List what came after this number, once for each thing; None if nobody knows any more."""
        oldest = self._kept[0].seq if self._kept else self.seq + 1
        if not oldest - 1 <= seq <= self.seq:
            return None
        missed = self.seq - seq
        latest = {change.key: change for change in list(self._kept)[len(self._kept) - missed :]}
        return sorted(latest.values(), key=lambda change: change.seq)

    async def news(self, seq: int, within: timedelta) -> bool:
        """Wait for a change after this number, or for the end; False if nothing came in time."""
        wake = asyncio.Event()
        self._waiting.add(wake)
        try:
            if self.seq == seq and not self.is_closed:
                async with asyncio.timeout(within.total_seconds()):
                    await wake.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(wake)
        return True

    def close(self) -> None:
        """Send everybody home."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        for wake in self._waiting:
            wake.set()
