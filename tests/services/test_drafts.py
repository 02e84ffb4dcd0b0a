"""What was typed begins one form, for one gate, for a while; then it is in memory no more."""

from datetime import timedelta

import pytest

from bot.domain.execution import Gate
from bot.domain.person import Person
from bot.domain.values import Entries
from bot.services.operating import drafts as module
from bot.services.operating.drafts import TYPED_FOR, Drafts
from sandbox.clock import SandboxClock, hold_up
from tests.domain.samples import REF, approval, waiting

MAYA, BEN = Person("T1", "U1"), Person("T1", "U2")
FIRST, LATER = waiting(approval(3), approval(4)).gates
SECRET = Entries({"PASSWORD": "hunter2"}, is_typed=True)


def draft(clock: SandboxClock, *gates: Gate) -> Drafts:
    """Let Maya have typed something for these gates."""
    drafts = Drafts(clock)
    drafts.keep(MAYA, REF, gates, SECRET)
    return drafts


async def test_it_is_for_the_gates_that_waited(clock: SandboxClock) -> None:
    """A gate that comes later begins with its own defaults; so does everybody else's form."""
    drafts = draft(clock, FIRST)

    assert drafts.typed(MAYA, REF, FIRST) == SECRET
    assert drafts.typed(MAYA, REF, LATER) is None
    assert drafts.typed(BEN, REF, FIRST) is None


async def test_what_was_sent_is_gone(clock: SandboxClock) -> None:
    """Of this execution, and of this person."""
    drafts = draft(clock, FIRST, LATER)

    drafts.forget(BEN, REF)
    assert drafts.typed(MAYA, REF, LATER) == SECRET
    drafts.forget(MAYA, REF)

    assert drafts.typed(MAYA, REF, LATER) is None
    assert drafts.count == 0


async def test_what_is_old_is_gone_with_the_next_look(clock: SandboxClock) -> None:
    """Whoever looks, and for whatever."""
    drafts = draft(clock, FIRST)
    clock.advance(TYPED_FOR - timedelta(seconds=1))
    assert drafts.typed(MAYA, REF, FIRST) == SECRET
    clock.advance(timedelta(seconds=1))

    assert drafts.typed(BEN, REF, FIRST) is None
    assert drafts.count == 0


async def test_what_is_old_is_gone_though_nobody_looks(
    clock: SandboxClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept until somebody types again."""
    monkeypatch.setattr(module, "TYPED_FOR", timedelta(0))
    monkeypatch.setattr(module, "_A_MOMENT", timedelta(0))
    drafts = draft(clock, FIRST)
    assert drafts.count == 1

    await hold_up(timedelta(milliseconds=50))

    assert drafts.count == 0
