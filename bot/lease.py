"""Whether the work at hand is still ours: asked before anything leaves for Slack or Buddy.

A process that was stopped and goes on, or that lost its database, may find that another one has
taken its work over. Whoever runs work sets ``current`` for it; whoever sends something calls
``guard`` at the last moment. Outside such work, nothing is refused.
"""

from collections.abc import Callable
from contextvars import ContextVar

current: ContextVar[Callable[[], None] | None] = ContextVar("lease", default=None)
"""Raises ``LeaseLost`` once the work at hand may be somebody else's."""


class LeaseLost(Exception):
    """This process was silent for too long: its work may have been taken over, so it stops."""


def guard() -> None:
    """Refuse to act on work that may have been taken over.

    Raises:
        LeaseLost: nothing may be sent any more.
    """
    if (check := current.get()) is not None:
        check()
