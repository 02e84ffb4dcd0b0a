"""What Slack and Buddy do wrong while people act."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sandbox.faults import Fault, Moment
from tests.crash.universe import Universe

_LATE = timedelta(seconds=1.3)
"""Longer than a bot with the suite's settings waits for Buddy."""

_SOON = {"Retry-After": "1"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults of both far sides, each for the first call that it fits."""

    name: str = ""
    buddy: tuple[Fault, ...] = ()
    slack: tuple[Fault, ...] = ()

    def order(self, here: Universe) -> None:
        """Let the faults wait for their calls."""
        for fault in self.buddy:
            here.buddy.faults.order(replace(fault))
        for fault in self.slack:
            here.slack.faults.order(replace(fault))

    def clear(self, here: Universe) -> None:
        """Heal both."""
        here.buddy.faults.clear()
        here.slack.faults.clear()


CALM = Trouble()


def _buddy(what: str, method: str = "PATCH", **how: object) -> Trouble:
    return Trouble(f"Buddy: {method} {what}", buddy=(Fault(method, **how),))  # type: ignore[arg-type]


def _slack(what: str, path: str, **how: object) -> Trouble:
    return Trouble(f"Slack: {path} {what}", slack=(Fault("POST", path, **how),))  # type: ignore[arg-type]


OF_PATCH = (
    _buddy("done, answer lost", moment=Moment.AFTER, drop=True),
    _buddy("reset", drop=True),
    _buddy("times out, done", delay=_LATE),
    _buddy("500", status=500),
    _buddy("503", status=503),
    _buddy("429", status=429, headers=_SOON),
    _buddy("done, then 502", moment=Moment.AFTER, status=502),
)
OF_POST = (
    _buddy("done, answer lost", "POST", moment=Moment.AFTER, drop=True),
    _buddy("reset", "POST", drop=True),
    _buddy("times out, done", "POST", delay=_LATE),
    _buddy("500", "POST", status=500),
    _buddy("429", "POST", status=429, headers=_SOON),
    _buddy("done, then 502", "POST", moment=Moment.AFTER, status=502),
)
OF_READS = (
    _buddy("429", "GET", status=429, headers=_SOON, times=2),
    _buddy("503", "GET", status=503, times=4),
    _buddy("reset", "GET", drop=True, times=2),
    _buddy("times out", "GET", delay=_LATE, times=2),
)


def _of_slack(path: str) -> tuple[Trouble, ...]:
    return (
        _slack("429", path, status=429, headers=_SOON),
        _slack("500", path, status=500),
        _slack("reset", path, drop=True),
        _slack("done, answer lost", path, moment=Moment.AFTER, drop=True),
    )


OF_POSTS = _of_slack("chat.postMessage")
OF_SLACK = (*OF_POSTS, *_of_slack("chat.update"), *_of_slack("response_url"))
