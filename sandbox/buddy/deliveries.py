"""Send what happened to whoever wants to hear of it, and let it go wrong on order.

Whether Buddy sends a delivery again, how long it waits and in which order it sends are unknown; it
is sent once, within five seconds, and its order holds unless a story wants otherwise.
"""

import asyncio
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

import aiohttp

from sandbox.buddy.attempts import Attempt, Status
from sandbox.buddy.delivery_shapes import DeliveryShapes
from sandbox.buddy.execution_shapes import ExecutionShapes
from sandbox.buddy.executions import Execution
from sandbox.buddy.shapes import Shape, Shapes
from sandbox.buddy.state import State
from sandbox.buddy.webhooks import Posted, StepCall, Webhook, written

WITHIN = aiohttp.ClientTimeout(total=5)
"""Real time."""

LOOK_EVERY = timedelta(seconds=1)
NO_ANSWER = 0
STEP = "step"

_ENDS = {Status.SUCCESSFUL: "EXECUTION_SUCCESSFUL", Status.FAILED: "EXECUTION_FAILED"}


@dataclass(slots=True)
class Mishaps:
    """What goes wrong on the way, until it is healed."""

    losing: int = 0
    """Deliveries that get lost, from the next one on."""

    is_cut: bool = False
    """Whether nothing arrives any more."""

    copies: int = 1
    """How often each is sent."""

    is_disordered: bool = False
    """Whether those of one moment are sent in another order."""

    delay: timedelta = timedelta(0)
    """How long each is held back, in simulated time."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery that was sent, and how it was answered."""

    event: str
    """In Buddy's words; ``step`` for the call of a pipeline's own step."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: Shape = field(repr=False)
    status: int
    """``NO_ANSWER`` if nobody answered."""

    seconds: float
    """Real time until then."""


@dataclass(frozen=True, slots=True)
class _Letter:
    """One delivery on its way."""

    due: datetime
    to: Webhook | StepCall
    event: str
    body: Shape = field(repr=False)


@dataclass(slots=True)
class _Told:
    """What was told of one execution."""

    attempt: Attempt | None = None
    is_started: bool = False
    is_over: bool = False
    gates: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Deliveries:
    """Watches the executions and sends."""

    state: State
    mishaps: Mishaps = field(default_factory=Mishaps)
    is_legacy: bool = False
    """Whether bodies look as on the oldest page."""

    secret_in_body: bool = False
    """The pages say that the secret is in the payload; a receiver that works reads a header."""

    sent: int = 0
    hearers: list[Callable[[Sent], None]] = field(default_factory=list, repr=False)
    """Who wants to hear of each delivery that was sent."""

    _told: dict[Execution, _Told] = field(default_factory=dict)
    _letters: list[_Letter] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _session: aiohttp.ClientSession | None = None
    _random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - a story

    @property
    def has_hearers(self) -> bool:
        """Whether anybody wants to hear of anything."""
        return bool(self.state.webhooks) or any(
            pipeline.on_wait for pipeline in self.state.pipelines.values()
        )

    async def send(self) -> int:
        """Send everything that is due now; how many were sent."""
        if not self.has_hearers:
            return 0
        async with self._lock:
            self._notice()
            now = self.state.world.clock.now()
            due = [letter for letter in self._letters if letter.due <= now]
            self._letters = [letter for letter in self._letters if letter.due > now]
            if self.mishaps.is_disordered:
                self._random.shuffle(due)
            for letter in due:
                for _ in range(self.mishaps.copies):
                    await self._post(letter)
            return len(due)

    def letter(self, run: Execution, event: str) -> str:
        """Write what a webhook would be told now, for a story that sends it by itself."""
        shapes = DeliveryShapes(ExecutionShapes(Shapes(self.state.world)))
        return written(shapes.webhook(run, _at(run.attempt, event), is_legacy=self.is_legacy))

    async def keep_sending(self) -> None:
        """Send until cancelled, whenever time has passed."""
        clock, never = self.state.world.clock, asyncio.Event()
        while True:
            await clock.wait(never, clock.now() + LOOK_EVERY)
            await self.send()

    async def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _notice(self) -> None:
        """Write down what happened since the last look."""
        held_until = self.state.world.clock.now() + self.mishaps.delay
        shapes = DeliveryShapes(ExecutionShapes(Shapes(self.state.world)))
        for pipeline in self.state.pipelines.values():
            for run in pipeline.runs:
                told = self._told.setdefault(run, _Told())
                for event in _events(run, told):
                    for webhook in self._hearers(run, event):
                        body = shapes.webhook(
                            run, _at(run.attempt, event), is_legacy=self.is_legacy
                        )
                        self._letters.append(_Letter(held_until, webhook, event, body))
                if pipeline.on_wait is not None and _has_new_gate(run, told):
                    body = shapes.step(run, pipeline.on_wait)
                    self._letters.append(_Letter(held_until, pipeline.on_wait, STEP, body))

    def _hearers(self, run: Execution, event: str) -> list[Webhook]:
        project, attempt = run.pipeline.project, run.attempt
        at = attempt.started if event == "EXECUTION_STARTED" else attempt.finished
        return [
            webhook
            for webhook in self.state.webhooks.values()
            if webhook.workspace is project.workspace and webhook.wants(event, project.name, at)
        ]

    async def _post(self, letter: _Letter) -> None:
        if self.mishaps.is_cut or self.mishaps.losing:
            self.mishaps.losing = max(0, self.mishaps.losing - 1)
            return
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=WITHIN)
        self.sent += 1
        match letter.to:
            case Webhook() as webhook:
                await self._post_webhook(self._session, webhook, letter)
            case StepCall() as call:
                await self._post_step(self._session, call, letter)

    async def _post_webhook(
        self, session: aiohttp.ClientSession, webhook: Webhook, letter: _Letter
    ) -> None:
        headers, body = {"Content-Type": "application/json"}, letter.body
        if self.secret_in_body:
            body = {**body, "secret_key": webhook.secret_key}
        else:
            headers["secret_key"] = webhook.secret_key
        text = written(body)
        status = await self._sent(session, letter, (webhook.target_url, headers, text))
        now = self.state.world.clock.now()
        webhook.requests.append(Posted(now, letter.event, status, text))

    async def _post_step(
        self, session: aiohttp.ClientSession, call: StepCall, letter: _Letter
    ) -> None:
        body = letter.body
        text = urlencode(body) if call.as_form else written(body)
        kind = "application/x-www-form-urlencoded" if call.as_form else "application/json"
        headers = {"Authorization": f"Bearer {call.secret}", "Content-Type": kind}
        await self._sent(session, letter, (call.url, headers, text))

    async def _sent(
        self, session: aiohttp.ClientSession, letter: _Letter, request: tuple[str, Shape, str]
    ) -> int:
        """Send a request of address, headers and body; the status of its answer."""
        url, headers, text = request
        status, began = NO_ANSWER, time.perf_counter()
        try:
            async with session.post(url, data=text, headers=headers) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            pass
        seconds = time.perf_counter() - began
        for hear in self.hearers:
            hear(Sent(letter.event, url, headers, letter.body, status, seconds))
        return status


def _events(run: Execution, told: _Told) -> Iterator[str]:
    """List what happened to an execution since it was looked at last."""
    attempt = run.attempt
    if told.attempt is not attempt:
        told.attempt, told.is_started, told.is_over = attempt, False, False
    if not told.is_started and attempt.started is not None and attempt.status != Status.ENQUEUED:
        told.is_started = True
        yield "EXECUTION_STARTED"
    if not told.is_over and attempt.is_final:
        told.is_over = True
        if end := _ENDS.get(Status(attempt.status)):
            yield end
        # Inferred: for every end, so that a failed run is told of twice.
        yield "EXECUTION_FINISHED"


def _at(attempt: Attempt, event: str) -> Attempt:
    """Take the picture that an event tells of."""
    if event != "EXECUTION_STARTED":
        return attempt
    picture = attempt.copy()
    picture.status, picture.finished = Status.INPROGRESS, None
    return picture


def _has_new_gate(run: Execution, told: _Told) -> bool:
    gates = {one.id for one in run.attempt.waiting}
    is_new = bool(gates - told.gates)
    told.gates |= gates
    return is_new
