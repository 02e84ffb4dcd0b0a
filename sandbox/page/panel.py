"""Buddy as its panel shows it, in JSON, and what changed in it since the last look."""

import time
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sandbox.buddy import Execution, Pipeline, Step
from sandbox.buddy.actions import Action
from sandbox.buddy.attempts import ActionRun, Status
from sandbox.clock import RATES, SandboxClock
from sandbox.page.feed import Feed, Topic
from sandbox.shop import Shop, name_of

Json = dict[str, Any]

NEWEST = 20
"""How many executions of a pipeline a panel gets."""

_JUMP_SECONDS = 1.0
"""From how much on a moved clock is told; less than that, and pages count on by themselves."""


def pipeline_json(pipeline: Pipeline) -> Json:
    """Write a pipeline with its newest executions, newest first."""
    project = pipeline.project
    return {
        "id": pipeline.id,
        "key": f"{project.name}/{pipeline.identifier}",
        "project": project.name,
        "project_name": project.display_name,
        "name": pipeline.name,
        "actions": [_action(one) for one in pipeline.actions],
        "executions": [execution_json(run) for run in islice(reversed(pipeline.runs), NEWEST)],
    }


def execution_json(run: Execution) -> Json:
    """Write an execution as it stands now, whatever Buddy's API says with a lag."""
    attempt = run.attempt
    return {
        "pipeline": run.pipeline.id,
        "id": run.id,
        "key": name_of(run),
        "path": run.web_path,
        "status": attempt.status,
        "branch": run.order.branch or run.pipeline.project.default_branch,
        "message": run.commit.message,
        "by": run.creator.name if run.creator else "",
        "revision": run.commit.sha,
        "attempt": 1 + sum(one.operation == "RETRY" for one in run.history),
        "started": _moment(attempt.started),
        "finished": _moment(attempt.finished),
        "waits": run.waiting_gates,
        "can": {
            "approve": run.waiting_gates,
            "cancel": not attempt.is_final and attempt.status != Status.TERMINATING,
            "retry": attempt.status in {Status.FAILED, Status.TERMINATED},
            "start": attempt.status == Status.INITIAL,
        },
        "actions": [_action_run(one, run.world.clock.now()) for one in attempt.actions],
    }


def clock_json(clock: SandboxClock) -> Json:
    """Write what time it is and how fast it runs."""
    names = {rate: name for name, rate in RATES.items()}
    return {
        "now": clock.now().isoformat(),
        "rate": clock.rate,
        "name": names.get(clock.rate, "still"),
        "names": RATES,
    }


@dataclass(slots=True, repr=False)
class Watch:
    """Notices what changed in Buddy and on the clock, where nobody says so."""

    shop: Shop
    feed: Feed
    _known: dict[Execution, Json] = field(default_factory=dict)
    _moment: datetime | None = None
    _rate: float = 0.0
    _real: float = 0.0

    def look(self) -> None:
        """Look once."""
        for pipeline in self.shop.stage.buddy.state.pipelines.values():
            for run in islice(reversed(pipeline.runs), NEWEST):
                written = execution_json(run)
                if _standing(written) != self._known.get(run):
                    self._known[run] = _standing(written)
                    self.feed.add(Topic.EXECUTION, run)
        self._look_at_clock(self.shop.stage.clock, time.monotonic())

    def _look_at_clock(self, clock: SandboxClock, real_seconds: float) -> None:
        now, rate = clock.now(), clock.rate
        if self._moment is not None:
            passed = (now - self._moment).total_seconds()
            off = abs(passed - (real_seconds - self._real) * rate)
            if rate != self._rate or off > _JUMP_SECONDS * max(1.0, rate):
                self.feed.add(Topic.CLOCK)
        self._moment, self._rate, self._real = now, rate, real_seconds


def _standing(written: Json) -> Json:
    """Leave out what moves by itself and can be counted by the page."""
    actions = [{**one, "seconds": None} for one in written["actions"]]
    return {**written, "actions": actions}


def _action(action: Action) -> Json:
    gate = action.gate
    return {
        "name": action.name,
        "type": action.what.type,
        "group": action.group,
        "is_gate": gate is not None,
        "question": gate.question if gate else "",
    }


def _action_run(run: ActionRun, now: datetime) -> Json:
    by = run.approver or run.terminator
    seconds = ((run.finished or now) - run.started).total_seconds() if run.started else None
    return {
        **_action(run.action),
        "status": run.status,
        "progress": run.progress,
        "seconds": seconds,
        "by": by.name if by else None,
        "logs": list(run.logs),
        "will_fail": run.fails and not run.is_final,
        "can_fail": isinstance(run.action.what, Step),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
