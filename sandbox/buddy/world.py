"""What everything in one simulated Buddy shares: time, ids, addresses, and what is switchable.

A switch stands for a thing that differs between installations or that no source settles.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sandbox.clock import SandboxClock

Generation = Literal["v1.0", "v1.1", "v1.2"]
"""The age of the field names in answers: ``mode``, ``triggeredOn``, ``triggered_on``."""


@dataclass(eq=False)
class World:
    """Time, ids, addresses and switches."""

    clock: SandboxClock
    app_url: str = ""
    """Where links for people lead; once started, the API's own address unless told otherwise."""

    url: str = field(default="", init=False)
    """Where the API is; known once the server listens."""

    generation: Generation = field(default="v1.2", init=False)

    retry_keeps_start_date: bool = field(default=False, init=False)
    """Unknown, chosen: a retry moves ``start_date``, as one documented sample suggests (S2)."""

    shows_secrets: bool = field(default=False, init=False)
    """What an encrypted value looks like when it is read back is unknown; hidden is chosen."""

    rate_limit: int = field(default=1000, init=False)
    """Calls per token and hour. The number is from S12, the window is inferred."""

    rate_limit_status: Literal[403, 429] = field(default=429, init=False)
    """S11 and S12 have 429, S27 has 403."""

    lag: timedelta = field(default=timedelta(0), init=False)
    queue: timedelta = field(default=timedelta(0), init=False)
    _made: Counter[str] = field(default_factory=Counter, init=False, repr=False)

    def lags(self, seconds: float) -> None:
        """Let reads show the effect of the operations from now on only after so long."""
        self.lag = timedelta(seconds=seconds)

    def queues(self, seconds: float) -> None:
        """Let the runs from now on wait in the queue for so long before they start."""
        self.queue = timedelta(seconds=seconds)

    @property
    def links_url(self) -> str:
        """Where links for people lead."""
        return self.app_url or self.url

    def number(self, kind: str) -> int:
        """Make the next number of a kind, from 1."""
        self._made[kind] += 1
        return self._made[kind]

    def hash(self, at: datetime) -> str:
        """Make 24 hex digits whose first eight are the moment in seconds. Inferred from samples."""
        return f"{int(at.timestamp()):08x}592ab1{self.number('hash'):010x}"

    def revision(self) -> str:
        """Make a commit's 40 hex digits, the same in every telling of a story."""
        return hashlib.sha256(f"commit {self.number('commit')}".encode()).hexdigest()[:40]
