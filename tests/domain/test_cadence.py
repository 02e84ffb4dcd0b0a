"""How often an execution is looked at."""

from datetime import timedelta

import pytest

from bot.domain.cadence import Tempo, pause, tempo
from bot.domain.execution import Execution, Status
from tests.domain.samples import action, approval, execution, waiting


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        (execution(action(1, Status.INPROGRESS)), Tempo.RUNNING),
        (execution(status=Status.ENQUEUED), Tempo.RUNNING),
        (execution(status=Status.UNKNOWN), Tempo.RUNNING),
        (waiting(), Tempo.WAITING),
        (execution(status=Status.WAITING_FOR_APPLY), Tempo.WAITING),
        (execution(action(1, Status.INPROGRESS), approval()), Tempo.RUNNING),
        (execution(status=Status.FAILED), Tempo.ENDED_BADLY),
        (execution(status=Status.TERMINATED), Tempo.ENDED_BADLY),
        (execution(status=Status.SUCCESSFUL), Tempo.OVER),
        (execution(status=Status.SKIPPED), Tempo.OVER),
    ],
)
def test_tempo(stands: Execution, expected: Tempo) -> None:
    """What may happen by itself tells how soon to look."""
    assert tempo(stands) is expected


@pytest.mark.parametrize(
    ("at", "quiet_minutes", "seconds"),
    [
        (Tempo.RUNNING, 0, 5),
        (Tempo.RUNNING, 5, 10),
        (Tempo.RUNNING, 30, 30),
        (Tempo.RUNNING, 10_000, 30),
        (Tempo.WAITING, 0, 5),
        (Tempo.WAITING, 2, 10),
        (Tempo.WAITING, 10, 30),
        (Tempo.WAITING, 10_000, 60),
        (Tempo.ENDED_BADLY, 0, 60),
        (Tempo.ENDED_BADLY, 10, 300),
        (Tempo.ENDED_BADLY, 60, None),
        (Tempo.OVER, 0, None),
    ],
)
def test_pauses(at: Tempo, quiet_minutes: int, seconds: int | None) -> None:
    """The longer nothing changed, the longer the pause."""
    told = pause(at, timedelta(minutes=quiet_minutes))

    assert told == (None if seconds is None else timedelta(seconds=seconds))
