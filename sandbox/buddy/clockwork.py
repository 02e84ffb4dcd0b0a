"""How an attempt moves: by the passing of time, and by what people do to it.

    INITIAL (delayed) ─┐                       ┌→ SUCCESSFUL
    ENQUEUED ──────────┴→ INPROGRESS ⇄ WAITING ┴→ FAILED
        └───────────────────┴─ cancel ─┴→ TERMINATING → TERMINATED

Time passes lazily: nothing happens until somebody looks, then everything happens that should have,
each at its own moment.
"""

from datetime import datetime, timedelta

from sandbox.buddy.actions import Gate, Step, Value
from sandbox.buddy.attempts import ActionRun, Attempt, Status
from sandbox.buddy.people import Person

TERMINATION = timedelta(seconds=2)
"""How long TERMINATING lasts: unknown, chosen."""

RETRY_QUEUE = timedelta(seconds=1)
"""How long a retried execution is ENQUEUED at least: unknown, chosen."""


def settle(attempt: Attempt, now: datetime) -> None:
    """Let everything happen that should have happened by now."""
    while not attempt.is_forced and (moment := _next_moment(attempt)) and moment <= now:
        _pass(attempt, moment)
    for run in attempt.actions:
        if run.due is not None:
            run.progress = _progress(run, now)


def answer(
    attempt: Attempt, run: ActionRun, person: Person, values: tuple[Value, ...], now: datetime
) -> None:
    """Let a waiting gate be answered, and the line go on."""
    run.status, run.progress, run.finished = Status.SUCCESSFUL, 100, now
    run.approver, run.approved_at, run.passed = person, now, values
    run.last_words = (f"Approved by {person.name}",)
    attempt.is_forced = False
    _move_on(attempt, now)


def terminate(attempt: Attempt, person: Person, now: datetime) -> None:
    """Begin to stop: what runs or waits is stopped, what has not begun never will."""
    attempt.status, attempt.ends, attempt.is_forced = Status.TERMINATING, now + TERMINATION, False
    for run in attempt.actions:
        if run.started is not None and not run.is_final:
            run.status, run.terminator = Status.TERMINATING, person
            run.last_words = (f"Terminated by {person.name}",)


def force(attempt: Attempt, status: str, now: datetime) -> None:
    """Let the status be whatever a story says; time changes nothing any more."""
    attempt.status, attempt.is_forced = status, True
    attempt.started = attempt.started or now
    attempt.finished = now if attempt.is_final else None


def _next_moment(attempt: Attempt) -> datetime | None:
    match attempt.status:
        case Status.INITIAL | Status.ENQUEUED:
            return attempt.begins
        case Status.TERMINATING:
            return attempt.ends
        case _ if attempt.is_final:
            return None
        case _:
            return min((run.due for run in attempt.actions if run.due), default=None)


def _pass(attempt: Attempt, moment: datetime) -> None:
    match attempt.status:
        case Status.INITIAL | Status.ENQUEUED:
            attempt.started = attempt.started or moment
            _move_on(attempt, moment)
        case Status.TERMINATING:
            _end(attempt, Status.TERMINATED, moment)
        case _:
            for run in attempt.actions:
                if run.due is not None and run.due <= moment:
                    _finish(run, moment)
            _move_on(attempt, moment)


def _move_on(attempt: Attempt, moment: datetime) -> None:
    """Start the next group if the current one is through, and tell how the whole stands."""
    for group in attempt.groups:
        # A parallel group ends when all of its members have, whatever became of them: unknown,
        # chosen.
        if not all(run.is_final for run in group):
            for run in group:
                _start(run, moment)
            break
        if any(run.status == Status.FAILED for run in group):
            _end(attempt, Status.FAILED, moment)
            return
    else:
        _end(attempt, Status.SUCCESSFUL, moment)
        return
    # INPROGRESS while one action runs, though another one waits: inferred.
    waiting = attempt.waiting
    busy = any(run.status == Status.INPROGRESS for run in attempt.actions)
    attempt.status = waiting[0].status if waiting and not busy else Status.INPROGRESS


def _start(run: ActionRun, moment: datetime) -> None:
    if run.status != Status.INITIAL:
        return
    run.started = moment
    match run.action.what:
        case Step():
            run.status = Status.INPROGRESS
        case Gate(kind=kind):
            run.status = kind.status


def _finish(run: ActionRun, moment: datetime) -> None:
    # A failed action's progress is documented nowhere; 100 is chosen.
    run.progress, run.finished = 100, moment
    if run.fails:
        run.status = Status.FAILED
        run.last_words = run.failure or (f"{run.action.name} failed with exit code 1",)
    else:
        run.status = Status.SUCCESSFUL


def _end(attempt: Attempt, status: Status, moment: datetime) -> None:
    attempt.status, attempt.finished = status, moment
    for run in attempt.actions:
        if run.status == Status.INITIAL:
            run.status = Status.NOT_EXECUTED
        elif run.status == Status.TERMINATING:
            run.status, run.finished, run.terminated_at = Status.TERMINATED, moment, moment


def _progress(run: ActionRun, now: datetime) -> int:
    if run.started is None or run.due is None:
        return run.progress
    return min(99, int(100 * (now - run.started) / (run.due - run.started)))
