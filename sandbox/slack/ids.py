"""Ids and time stamps that look like Slack's; the same story gets the same ones.

Only what a stranger must not guess is random: trigger ids, response URLs, tokens.
"""

import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta

from sandbox.clock import SandboxClock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Ids:
    """Makes every id of one workspace."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._made: Counter[str] = Counter()
        self._last = _EPOCH

    def stamp(self) -> str:
        """Make a message or action time stamp: seconds and microseconds, never the same twice."""
        self._last = max(self._clock.now(), self._last + _MICROSECOND)
        since = self._last - _EPOCH
        return f"{since // timedelta(seconds=1)}.{since.microseconds:06d}"

    def make(self, prefix: str, name: str = "") -> str:
        """Make the id of a person, channel, view or event, recognisable by its name."""
        # Letters only: with a digit at its end, a stem and its count could read like another's.
        stem = prefix + "0" + "".join(filter(str.isalpha, name.upper()))[:6]
        return f"{stem}{self._count(stem):0{max(3, 10 - len(stem))}d}"

    def block(self) -> str:
        """Make the ``block_id`` or ``action_id`` that a sender left out."""
        return f"b{self._count('block'):04x}"

    def trigger(self) -> str:
        """Make a ``trigger_id``: two numbers and a secret."""
        return f"{9100000000000 + self._count('trigger')}.8100000000002.{secrets.token_hex(16)}"

    def view_hash(self) -> str:
        """Make the ``hash`` of a view, new for each of its states."""
        return f"{int(self._clock.now().timestamp())}.{self._count('hash'):08x}"

    def _count(self, kind: str) -> int:
        self._made[kind] += 1
        return self._made[kind]
