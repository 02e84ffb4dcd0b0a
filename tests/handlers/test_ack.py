"""The event-driven acknowledgement answers like Bolt's own runner, at once, and loses none."""

import asyncio
import copy
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltRequest
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_start_handler import AsyncListenerStartHandler
from slack_bolt.response import BoltResponse
from typing_extensions import override

from handlers.ack import SignalAck, install, slack_request
from handlers.inflight import Inflight
from tests.handlers.ack_cases import CASES, COMMAND, STEP_RUN, Case, Outcome
from tests.handlers.ack_listeners import note_error, plain
from tests.handlers.ack_stage import ACK_TIMEOUT, STAGE, Stage, an_app, our_app, pause


@dataclass(slots=True)
class Attendance(AsyncListenerStartHandler, AsyncListenerCompletionHandler):
    """Knows when the listener of a play, if there was one, has come to its end."""

    present: int = 0

    @override
    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        self.present = 1 - self.present
        STAGE.get().effects.append("in" if self.present else "out")


def prepare(app: AsyncApp, case: Case) -> None:
    """Register what the case registers."""
    app.error(case.error_handler or note_error)
    if case.global_middleware:
        app.use(case.global_middleware)
    if case.listener and case.lazy:
        case.surface.listen(app)(ack=case.listener, lazy=[case.lazy])
    elif case.listener and case.listener_middleware:
        app.command("/buddy", middleware=[case.listener_middleware])(case.listener)
    elif case.listener:
        case.surface.listen(app)(case.listener)


async def play(case: Case, *, is_ours: bool) -> tuple[Outcome, float]:
    """Play the case to its end; return the outcome and the seconds until the answer."""
    stage = Stage(inflight=Inflight())
    STAGE.set(stage)
    app = an_app(answers_after_work=case.answers_after_work)
    request = case.surface.stock_request()
    if is_ours:
        install(app, stage.inflight)
        request = case.surface.request()
    attendance = Attendance()
    app.listener_runner.listener_start_handler = attendance
    app.listener_runner.listener_completion_handler = attendance
    prepare(app, case)
    loop = asyncio.get_running_loop()
    began = loop.time()
    response = await app.async_dispatch(request)
    seconds = loop.time() - began
    await pause(0)  # An event is answered before its listener begins.
    while attendance.present or stage.inflight.count or (case.lazy and len(stage.effects) < 3):
        await pause(0.005)
    effects = tuple(effect for effect in stage.effects if effect not in {"in", "out"})
    assert stage.effects.count("in") == stage.effects.count("out")
    return Outcome(response.status, response.body, tuple(stage.errors), effects), seconds


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_slack_is_answered_as_by_bolt(case: Case) -> None:
    """Answer, error handler and effects are Bolt's, but an acknowledgement is never taken back."""
    ours, seconds = await play(case, is_ours=True)
    stock, _ = await play(case, is_ours=False)

    assert ours == case.expected
    assert stock == (case.stock or case.expected)
    if case.stock:
        assert seconds < ACK_TIMEOUT


async def test_nobody_waits_for_the_next_look() -> None:
    """The answer leaves with the acknowledgement, where Bolt's runner sleeps 10 ms at a time."""
    app, _ = our_app()
    app.command("/buddy")(plain)
    loop = asyncio.get_running_loop()
    seconds = []
    for _ in range(20):
        began = loop.time()
        response = await app.async_dispatch(COMMAND.request())
        seconds.append(loop.time() - began)
        assert response.status == 200

    assert min(seconds) < 0.01


async def test_a_forgotten_ack_is_reported_in_bolts_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever knows Bolt's warning finds the same one."""

    async def forgetful() -> None:
        """Do nothing."""

    app, _ = our_app()
    STEP_RUN.listen(app)(forgetful)
    for request in (STEP_RUN.request(), STEP_RUN.stock_request()):
        with caplog.at_level(logging.WARNING):
            await app.async_dispatch(request)
    warnings = [record.getMessage() for record in caplog.records]

    assert [text for text in warnings if text.startswith("forgetful")] == [
        "forgetful didn't call ack()"
    ] * 2


async def test_the_log_never_shows_what_was_answered(caplog: pytest.LogCaptureFixture) -> None:
    """At the finest level too: an answer may hold what only one person may read."""

    async def tell(ack: AsyncAck) -> None:
        await ack("for your eyes")

    app = an_app(logger=logging.getLogger("tests.ack"))
    install(app, Inflight())
    app.command("/buddy")(tell)
    with caplog.at_level(logging.DEBUG):
        await app.async_dispatch(COMMAND.request())

    assert "Responding with status: 200" in caplog.text
    assert "for your eyes" not in caplog.text


async def test_a_request_of_another_maker_runs_as_before() -> None:
    """A request with Bolt's own acknowledgement is left to Bolt's own runner."""
    app, inflight = our_app()
    seen = []

    async def listener(ack: AsyncAck) -> None:
        seen.append((type(ack), inflight.count))
        await ack("taken")

    app.command("/buddy")(listener)
    response = await app.async_dispatch(COMMAND.stock_request())

    assert (response.status, response.body) == (200, "taken")
    assert seen == [(AsyncAck, 0)]


async def test_a_socket_mode_envelope_is_answered_too() -> None:
    """A payload that came over a web socket has no raw body and no signature."""
    app, _ = our_app()
    app.command("/buddy")(plain)
    payload = {"command": "/buddy", "text": "help", "team_id": "T1", "user_id": "U1"}
    request = slack_request(payload, {})

    response = await app.async_dispatch(request)

    assert request.mode == "socket_mode"
    assert response.status == 200


async def test_a_command_may_speak_of_payloads() -> None:
    """A parsed command reaches its listener whole.

    Bolt's own parser takes every form in which the word "payload" stands anywhere for an
    interaction, and empties a command like `/buddy show payload-service/deploy`.
    """
    app, _ = our_app()
    heard = []

    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body["text"])
        await ack()

    app.command("/buddy")(listener)
    typed = {"command": "/buddy", "text": "show payload-service/deploy", "team_id": "T1"}
    response = await app.async_dispatch(slack_request(typed, COMMAND.headers))

    assert response.status == 200
    assert heard == ["show payload-service/deploy"]


async def test_an_error_handler_named_later_is_the_one_called() -> None:
    """The handlers are read when they are needed, not when the app was wired."""
    app, inflight = our_app()
    STAGE.set(stage := Stage(inflight))

    async def broken(ack: AsyncAck) -> None:
        await ack()
        raise RuntimeError("broken")

    app.command("/buddy")(broken)
    await app.async_dispatch(COMMAND.request())
    app.error(note_error)
    await app.async_dispatch(COMMAND.request())
    await inflight.idle()

    assert stage.errors == ["broken"]


async def test_a_client_that_hangs_up_does_not_stop_the_listener() -> None:
    """A cancelled dispatch leaves the listener at work, owned, to its end."""
    app, inflight = our_app()
    started, released = asyncio.Event(), asyncio.Event()
    ended = []

    async def listener(ack: AsyncAck) -> None:
        started.set()
        await released.wait()
        await ack()
        ended.append("listener")

    app.command("/buddy")(listener)
    async with asyncio.TaskGroup() as tasks:
        dispatch = tasks.create_task(app.async_dispatch(COMMAND.request()))
        await started.wait()
        dispatch.cancel()
    assert dispatch.cancelled()
    assert inflight.count == 1
    released.set()
    await inflight.idle()

    assert ended == ["listener"]


async def test_a_crowd_is_answered_and_every_error_is_handled() -> None:
    """Of 200 requests at once, half of them broken after the ack, none is lost."""
    app, inflight = our_app()
    STAGE.set(stage := Stage(inflight))
    counter = iter(range(200))

    async def listener(ack: AsyncAck) -> None:
        number = next(counter)
        await ack(f"taken {number}")
        if number % 2:
            raise RuntimeError("broken")
        await pause(0.001)

    app.command("/buddy")(listener)
    app.error(note_error)
    responses = await asyncio.gather(*(app.async_dispatch(COMMAND.request()) for _ in range(200)))
    await inflight.idle()

    assert {response.status for response in responses} == {200}
    assert {response.body for response in responses} == {f"taken {n}" for n in range(200)}
    assert stage.errors == ["broken"] * 100
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_broken_error_handler_is_not_silent() -> None:
    """What nobody handled reaches the event loop's exception handler, the request its answer."""
    app, inflight = our_app()
    deaths: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: deaths.append(context))

    async def broken(ack: AsyncAck) -> None:
        await ack()
        raise RuntimeError("broken")

    async def broken_too(error: Exception) -> None:
        raise ValueError(f"while handling: {error}")

    app.command("/buddy")(broken)
    app.error(broken_too)
    response = await app.async_dispatch(COMMAND.request())
    await inflight.idle()

    assert response.status == 200
    assert [str(death["exception"]) for death in deaths] == ["while handling: broken"]


async def test_a_copy_of_an_ack_goes_its_own_way() -> None:
    """Lazy listeners get a copy, even of an acknowledgement somebody waits for."""
    ack = SignalAck()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(ack.wait(timedelta(seconds=5)))
        await pause(0)
        unanswered = copy.deepcopy(ack)
        await unanswered("for the copy")
        await pause(0)
        assert not waiting.done()
        assert ack.response is None
        await ack("for all")
    answered = copy.deepcopy(ack)

    assert answered.response is not None
    assert answered.response.body == "for all"
    assert answered.response is not ack.response


async def test_nothing_takes_an_ack_back() -> None:
    """Assigning None, as Bolt does after an error, changes nothing."""
    ack = SignalAck()
    given = await ack("taken")
    ack.response = None

    assert ack.response is given


async def test_waiting_for_an_ack_has_an_end() -> None:
    """Nobody waits longer than asked to."""
    ack = SignalAck()
    await ack.wait(timedelta(milliseconds=1))

    assert ack.response is None
