"""Pipelines and their executions, with everything a person can do to them.

The API and "Buddy's web app" (a story, a page) call the same methods, so the same rules hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from typing_extensions import Unpack

from sandbox.buddy import clockwork, operations
from sandbox.buddy.actions import Action, Field, Gate, Parallel, Plan, Value
from sandbox.buddy.attempts import RUNNING, ActionRun, Attempt, Status
from sandbox.buddy.errors import bad, forbidden
from sandbox.buddy.operations import Effect, Operation
from sandbox.buddy.options import Order, OrderOptions
from sandbox.buddy.people import Person
from sandbox.buddy.webhooks import StepCall
from sandbox.buddy.workspaces import Commit, Project
from sandbox.buddy.world import World


@dataclass(eq=False)
class Pipeline:
    """A pipeline. ``access`` and ``others`` are its permissions (S12)."""

    world: World = field(repr=False)
    project: Project = field(repr=False)
    id: int
    name: str
    created: datetime
    creator: Person | None = None
    identifier: str = ""
    refs: Sequence[str] = ("refs/heads/main",)
    events: Sequence[dict[str, object]] = ()
    tags: Sequence[str] = ()
    folder: str | None = None
    concurrent: bool = False
    disabled_reason: str | None = None
    """Why it is switched off; None while it is on."""

    paused: bool = False
    """What that keeps from happening is unknown; that nobody can run it is chosen."""

    description_required: bool = False
    inputs: Sequence[Field] = ()
    """Its settable variables (S11)."""

    others: str = "READ_WRITE"
    access: dict[int, str] = field(default_factory=dict)
    """By person: DENIED, READ_ONLY, RUN_ONLY or READ_WRITE."""

    actions: list[Action] = field(default_factory=list, repr=False)
    runs: list["Execution"] = field(default_factory=list, repr=False)
    on_wait: StepCall | None = None
    """What its own step sends when a gate opens."""

    def plan(self, plan: Plan) -> None:
        """Say what it is made of. Runs that stand keep the actions they began with."""
        self.actions = []
        for group, part in enumerate(plan):
            together = part.actions if isinstance(part, Parallel) else (part,)
            for index, what in enumerate(together, start=1):
                after = "WAIT_ON_SUCCESS" if index == len(together) else "IN_SOFT_PARALLEL"
                number = self.world.number("action")
                self.actions.append(Action(number, what, group, run_next=after))

    def grant(self, person: Person, access: str) -> None:
        """Say what one person may do with it."""
        self.access[person.id] = access

    def access_of(self, person: Person) -> str:
        """Tell what a person may do with it."""
        return self.access.get(person.id, self.others)

    def check_may_run(self, person: Person) -> None:
        """Refuse who may only look. That RUN_ONLY is needed, and 403 the answer, is inferred."""
        if self.access_of(person) not in {"RUN_ONLY", "READ_WRITE", "DEFAULT"}:
            raise forbidden("You do not have permission to run this pipeline")

    @property
    def is_wildcard(self) -> bool:
        """Whether a run must say what to run on. S6; how to tell is inferred."""
        if not self.refs and not self.events:
            # Without refs and events it needs no code (S11).
            return False
        return len(self.refs) != 1 or "*" in self.refs[0]

    @property
    def latest(self) -> "Execution | None":
        """The newest run."""
        return self.runs[-1] if self.runs else None

    def push(
        self, *, by: Person | None, message: str, branch: str = "", sha: str | None = None
    ) -> "Execution":
        """Let somebody push a commit, which starts a run."""
        branch = branch or self.project.default_branch
        commit = self.project.commit(message, by=by, branch=branch, sha=sha)
        return self.run(by=by, branch=branch, revision=commit.sha, triggered_on="EVENT")

    def run(self, *, by: Person | None, **options: Unpack[OrderOptions]) -> "Execution":
        """Start a run, as with a click in Buddy's web app."""
        return self.start(by, Order(**options))

    def start(self, by: Person | None, order: Order) -> "Execution":
        """Start a run, if everything that it needs is there."""
        self._check(by, order)
        if not order.names_a_ref and self.refs:
            order = replace(order, branch=self.refs[0].removeprefix("refs/heads/"))
        commit = self.project.find_commit(order.revision, order.branch or "")
        before = self.latest.commit if self.latest else self.project.commits[0]
        run = Execution(self, len(self.runs) + 1, by, order, before=before, commit=commit)
        self.runs.append(run)
        return run

    def order(self, by: Person, order: Order) -> "Execution":
        """Start a run as the API does; what is refused only here is unknown, the strictest."""
        if order.branch and self.project.has_repository and order.branch not in self.project.heads:
            raise bad(f"Branch {order.branch} not found")
        if order.delay_until is not None and order.delay_until <= self.world.clock.now():
            raise bad("Field delay_until must be in the future")
        return self.start(by, order)

    def _check(self, by: Person | None, order: Order) -> None:
        """Refuse an order. That all of these answer 400 is inferred."""
        if by is not None:
            self.check_may_run(by)
        if self.disabled_reason is not None:
            raise bad(f"Pipeline is disabled: {self.disabled_reason}")
        if self.paused:
            raise bad("Pipeline is paused")
        if self.is_wildcard and not order.names_a_ref:
            raise bad("Field branch, tag or pull_request is required")
        if self.description_required and not order.comment:
            raise bad("Field comment is required")
        if unknown := set(order.actions_to_run) - {action.id for action in self.actions}:
            raise bad(f"Unknown actions: {sorted(unknown)}")


class Execution:
    """One run of a pipeline. ``id`` counts per pipeline; a retry keeps it (inferred, S36)."""

    def __init__(
        self,
        pipeline: Pipeline,
        number: int,
        creator: Person | None,
        order: Order,
        *,
        before: Commit,
        commit: Commit,
    ) -> None:
        self.pipeline = pipeline
        self.world = pipeline.world
        self.id = number
        self.creator = creator
        self.order = order
        self.before = before
        self.commit = commit
        self.hash = self.world.hash(self.world.clock.now())
        self.history: list[Effect] = []
        """Operations that took effect, in order."""

        self._actions = list(pipeline.actions)
        self._failures: dict[str, tuple[str, ...]] = {}
        self._earlier: list[tuple[datetime, Attempt]] = []
        """What reads still see, until when."""

        now = self.world.clock.now()
        delay = order.delay_until
        self._attempt = self._begin(delay or now + self.world.queue)
        if delay is not None:
            # The status of a delayed run is unknown; INITIAL is chosen.
            self._attempt.status = Status.INITIAL

    @property
    def attempt(self) -> Attempt:
        """What is true now."""
        clockwork.settle(self._attempt, self.world.clock.now())
        return self._attempt

    @property
    def shown(self) -> Attempt:
        """What the API shows now: with a lag, how it stood before the latest operations."""
        now = self.world.clock.now()
        self._earlier = [(until, attempt) for until, attempt in self._earlier if now < until]
        if not self._earlier:
            return self.attempt
        _, attempt = self._earlier[0]
        clockwork.settle(attempt, now)
        return attempt

    @property
    def status(self) -> str:
        """The status of the whole."""
        return self.attempt.status

    @property
    def is_waiting(self) -> bool:
        """Whether a gate waits for somebody."""
        return bool(self.attempt.waiting)

    @property
    def is_running(self) -> bool:
        """Whether it goes on, or will, without anybody."""
        return self.status in RUNNING

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.attempt.is_final

    @property
    def waiting_gates(self) -> list[str]:
        """The names of the gates that wait."""
        return [run.action.name for run in self.attempt.waiting]

    @property
    def html_url(self) -> str:
        """The link for people (S3, S5)."""
        return f"{self.world.links_url}{self.web_path}"

    @property
    def web_path(self) -> str:
        """The link without the host."""
        project = self.pipeline.project
        where = f"/{project.workspace.domain}/{project.name}/pipelines/pipeline/{self.pipeline.id}"
        return f"{where}/execution/{self.hash}"

    def action(self, name: str) -> ActionRun:
        """Find what became of an action in the present attempt."""
        for run in self.attempt.actions:
            if run.action.name == name:
                return run
        raise LookupError(name)

    def fails_at(self, name: str, logs: Sequence[str] = ()) -> None:
        """Let an action fail the next time that it runs, once."""
        self._failures[self.action(name).action.name] = tuple(logs)
        if not self._attempt.is_final:
            self._arm(self._attempt)

    def force_status(self, status: str, action: str | None = None) -> None:
        """Let the status be any text, even one that no client knows, and time stand still."""
        clockwork.force(self.attempt, status, self.world.clock.now())
        if action is not None:
            self.action(action).status = status

    def approve(
        self, *, by: Person, gate: str | None = None, variables: Sequence[Value] = ()
    ) -> None:
        """Answer a gate in Buddy's web app; without values, with what its dialog begins with."""
        waiting = [run for run in self.attempt.waiting if gate in {None, run.action.name}]
        if not waiting or waiting[0].action.gate is None:
            raise bad("Execution is not waiting for approval")
        asked = waiting[0].action.gate
        given = variables or (asked.defaults if asked.kind.asks_for_values else ())
        target = waiting[0].id if gate else None
        self.operate(Operation(asked.kind.operation), by, target=target, variables=given)

    def cancel(self, *, by: Person) -> None:
        """Stop it in Buddy's web app."""
        self.operate(Operation.CANCEL, by)

    def retry(self, *, by: Person) -> None:
        """Run it again in Buddy's web app."""
        self.operate(Operation.RETRY, by)

    def start_now(self, *, by: Person) -> None:
        """Start a delayed run in Buddy's web app."""
        self.operate(Operation.RUN_DELAYED, by)

    def operate(
        self,
        operation: Operation,
        by: Person,
        *,
        target: str | None = None,
        variables: Sequence[Value] = (),
    ) -> None:
        """Carry out an operation, or refuse it. Texts and codes of refusals are unknown, chosen."""
        now = self.world.clock.now()
        attempt = self.attempt
        picture = attempt.copy()
        self.pipeline.check_may_run(by)
        gate = None
        match operation:
            case Operation.CANCEL:
                operations.cancel(attempt, by, now)
            case Operation.RETRY:
                operations.check_retry(attempt)
                self._attempt = self._again(attempt, now)
            case Operation.RUN_DELAYED:
                operations.run_delayed(attempt, now)
            case _:
                waiting, asked = operations.find_gate(attempt, operation, target)
                self._check_answer(asked, by, variables)
                clockwork.answer(attempt, waiting, by, asked.seal(variables), now)
                gate = asked.name
        self.history.append(Effect(by.name, operation.value, gate))
        if self.world.lag:
            self._earlier.append((now + self.world.lag, picture))

    def _check_answer(self, gate: Gate, by: Person, variables: Sequence[Value]) -> None:
        gate.check_person(by, self.creator)
        if not self.pipeline.concurrent and self._is_overtaken:
            # S18: when the pipeline is started again, only the newest run can be approved.
            raise bad("A newer execution of this pipeline exists")
        gate.check_values(variables)

    @property
    def _is_overtaken(self) -> bool:
        return any(run.attempt.started for run in self.pipeline.runs[self.id :])

    def _begin(self, begins: datetime) -> Attempt:
        """Make a fresh attempt: everything from the start, with new ids. Inferred."""
        now, chosen = self.world.clock.now(), self.order.actions_to_run
        runs = tuple(ActionRun.of(action, self.world.hash(now), chosen) for action in self._actions)
        attempt = Attempt(runs, begins)
        self._arm(attempt)
        return attempt

    def _again(self, ended: Attempt, now: datetime) -> Attempt:
        attempt = self._begin(now + max(self.world.queue, clockwork.RETRY_QUEUE))
        attempt.started = ended.started if self.world.retry_keeps_start_date else now
        return attempt

    def _arm(self, attempt: Attempt) -> None:
        """Let the actions fail that a story wants to fail and that can still do so."""
        for run in attempt.actions:
            if run.action.name in self._failures and not run.is_final:
                run.fails, run.failure = True, self._failures.pop(run.action.name)
