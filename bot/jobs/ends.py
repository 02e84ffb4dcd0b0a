"""Write down how jobs ended; what was taken over meanwhile is not touched."""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.database import Transaction, filled
from bot.jobs import statements
from bot.jobs.job import Again, Job, Outcome, Snooze

LONGEST_PAUSE = timedelta(minutes=5)
DATABASE_AGAIN = timedelta(seconds=0.5)
"""How long to wait when the database did not answer."""


@dataclass(frozen=True, slots=True)
class Dead:
    """A job that is out of attempts."""

    error: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A job that did not fail, and goes on where it was once the database answers."""

    has_acted: bool
    """Whether it may have sent something: whoever goes on must know that it is not the first."""


End = Outcome | Dead | Interrupted

_NAMES: dict[type[Any], str] = {
    type(None): "done",
    Snooze: "snoozed",
    Again: "failed",
    Dead: "dead",
    Interrupted: "interrupted",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """One run of a job, and its end."""

    job: Job
    end: End
    at: float
    """When it ended, in seconds since 1970."""

    @property
    def name(self) -> str:
        """What such an end is called among the metrics."""
        return _NAMES[type(self.end)]

    @property
    def again_at(self) -> float | None:
        """Tell when the job is due again, by itself."""
        match self.end:
            case Snooze(duration):
                return self.at + duration.total_seconds()
            case Again(_, after):
                pause = _pause(self.job.attempt) if after is None else after
                return self.at + pause.total_seconds()
            case Interrupted():
                return self.at + DATABASE_AGAIN.total_seconds()
            case _:
                return None


async def store(transaction: Transaction, owner: str, ended: list[Ended]) -> list[float]:
    """Write all of it down; when something of it may be due again."""
    done = [one.job.id for one in ended if one.end is None]
    moments = []
    if done:
        told = {"ids": done, "me": owner}
        gone = (await transaction.run(statements.done, told)).all()
        if len(gone) < len(done):
            await transaction.run(statements.once_more, told)
            moments.append(0.0)
    moments += await _snooze(transaction, owner, ended)
    for kind, statement in _STATEMENTS.items():
        # In the order of their numbers, as everybody locks rows who locks several.
        fitting = sorted((one for one in ended if type(one.end) is kind), key=lambda o: o.job.id)
        values = [_values(one) | {"id_": one.job.id, "me": owner} for one in fitting]
        if values:
            await transaction.run(statement, values)
            moments += [value["until"] for value in values if "until" in value]
    return moments


async def _snooze(transaction: Transaction, owner: str, ended: list[Ended]) -> list[float]:
    """Let all wait together that wait equally long: thousands may come to an end in a second.

    They count as if they had ended with the last of them, a moment ago.
    """
    alike: defaultdict[Snooze, list[Ended]] = defaultdict(list)
    for one in ended:
        if isinstance(one.end, Snooze):
            alike[one.end].append(one)
    moments = []
    for end, several in alike.items():
        until = max(one.at for one in several) + end.duration.total_seconds()
        told = {"ids": filled([one.job.id for one in several]), "me": owner}
        firm_until = until if end.is_firm else 0.0
        await transaction.run(statements.snooze, {**told, "until": until, "firm_until": firm_until})
        moments.append(until)
    return moments


_STATEMENTS = {
    Again: statements.again,
    Dead: statements.bury,
    Interrupted: statements.interrupt,
}


def _values(one: Ended) -> dict[str, Any]:
    until = one.again_at
    match one.end:
        case Again(error, after):
            firm_until = 0.0 if after is None else until
            return {"until": until, "firm_until": firm_until, "error_": error[:64]}
        case Dead(error):
            return {"error_": error[:64]}
        case Interrupted(has_acted):
            return {"until": until, "least": int(has_acted)}
        case Snooze() | None:
            return {}


def _pause(attempt: int) -> timedelta:
    """Back off exponentially, with full jitter so that failures do not come back together."""
    longest = min(LONGEST_PAUSE, timedelta(seconds=2**attempt))
    return longest * random.random()  # noqa: S311 - spreads load, guards nothing
