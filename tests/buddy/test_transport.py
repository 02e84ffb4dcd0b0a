"""What happens when Buddy does not answer well: how often it is asked, and what people are told."""

import asyncio
import socket
import traceback
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.buddy.client import BuddyApi
from bot.buddy.transport import MAX_BODY, MAX_ERROR_BODY, create_session
from bot.buddy.wire import BuddyOperation, Variable
from bot.domain.execution import Execution, ExecutionRef, Status
from bot.errors import (
    AnswerLost,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyRefuses,
    BuddyUnavailable,
    TokenRejected,
)
from sandbox.clock import START, SandboxClock
from tests.buddy.samples import sample_bytes
from tests.buddy.scripted import TOKEN, Line, Reply, Scripted, connected, listening
from tests.waiting import until

EXECUTION = Reply(body=sample_bytes("execution-get-waiting-for-apply"))
SECRET = "hunter2-secret"
DROP = Reply(drops_after=-1)
HALF = Reply(body=EXECUTION.body, drops_after=100)
SOON = Reply(429, headers={"Retry-After": "3"})
LATE = Reply(429, headers={"Retry-After": "60"})
SOON_403 = Reply(403, sample_bytes("error-rate-limit"), headers={"Retry-After": "3"})


async def look(line: Line) -> Execution:
    """Read the execution."""
    return await line.client.execution(line.ref())


async def approve(line: Line) -> Execution | None:
    """Write: approve it, giving a secret value."""
    variables = [Variable("password", SECRET, is_encrypted=True)]
    return await line.client.operate(
        line.ref(), BuddyOperation.APPLY_VARIABLES, gate_wire_id="68e6", variables=variables
    )


@pytest.mark.parametrize(
    ("replies", "slept"),
    [
        ([EXECUTION], 0),
        ([Reply(503), EXECUTION], 0.25),
        ([Reply(500), Reply(502, b"<html>"), EXECUTION], 0.75),
        # The HTTP library itself asks again at once when a connection dies without a byte.
        ([DROP, EXECUTION], 0),
        ([DROP, DROP, EXECUTION], 0.25),
        ([HALF, HALF, EXECUTION], 0.75),
        ([SOON, EXECUTION], 3),
        ([SOON_403, Reply(503), EXECUTION], 3.5),
    ],
)
async def test_a_read_outlives_a_short_trouble(replies: list[Reply], slept: float) -> None:
    """Reads are tried again with growing, spread pauses, and the person sees nothing of it."""
    async with connected() as line:
        line.far.will(*replies)
        assert (await look(line)).status is Status.WAITING_FOR_APPLY
        assert len(line.far.heard) == len(replies)
        waited = (line.clock.now() - START).total_seconds()
        assert slept / 2 <= waited <= slept * 1.5


@pytest.mark.parametrize(
    ("reply", "error", "requests"),
    [
        (Reply(503), BuddyUnavailable, 3),
        (DROP, BuddyUnavailable, 6),
        (HALF, BuddyUnavailable, 3),
        (SOON, BuddyRateLimited, 3),
        (LATE, BuddyRateLimited, 1),
        (Reply(429), BuddyRateLimited, 1),
        (Reply(401), TokenRejected, 1),
        (Reply(403, b"<html>"), BuddyForbids, 1),
        (Reply(400), BuddyRefuses, 1),
        (Reply(200, b"<html>"), BuddyUnavailable, 1),
        (Reply(200), BuddyUnavailable, 1),
        (Reply(204), BuddyUnavailable, 1),
    ],
)
async def test_a_read_gives_up_in_time(
    line: Line, reply: Reply, error: type[BuddyError], requests: int
) -> None:
    """Three tries where another can help, one where it cannot; a dead connection counts twice."""
    line.far.will(reply)
    with pytest.raises(error):
        await look(line)
    assert len(line.far.heard) == requests


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(500), AnswerLost),
        (Reply(502, b"<html>"), AnswerLost),
        (Reply(504), AnswerLost),
        (DROP, AnswerLost),
        (HALF, AnswerLost),
        (Reply(200, b"<html>"), AnswerLost),
        (Reply(200, b"[]"), AnswerLost),
        (Reply(200, b'{"id": 8}'), AnswerLost),
        (Reply(302, headers={"Location": "/elsewhere"}), AnswerLost),
        (LATE, BuddyRateLimited),
        (Reply(401), TokenRejected),
        (Reply(403), BuddyForbids),
        (Reply(400), BuddyRefuses),
    ],
)
async def test_a_write_is_sent_once(line: Line, reply: Reply, error: type[BuddyError]) -> None:
    """Whatever became of it, it is never sent again by itself."""
    line.far.will(reply, EXECUTION)
    with pytest.raises(error):
        await approve(line)
    assert len(line.far.heard) == 1


@pytest.mark.parametrize("limited", [SOON, SOON_403])
async def test_a_write_waits_once_for_a_limit_that_refused_it(line: Line, limited: Reply) -> None:
    """A refusal for the rate limit did surely nothing, so that it may be sent once more."""
    line.far.will(limited, EXECUTION)
    assert await approve(line) is not None
    assert len(line.far.heard) == 2
    assert line.clock.now() == START + timedelta(seconds=3)


async def test_a_write_does_not_wait_twice(line: Line) -> None:
    """Then the person is told when to try again."""
    line.far.will(SOON)
    with pytest.raises(BuddyRateLimited):
        await approve(line)
    assert len(line.far.heard) == 2


async def test_a_write_that_waited_and_then_got_lost_is_lost(line: Line) -> None:
    """The refusal before says nothing about the second sending."""
    line.far.will(SOON, DROP)
    with pytest.raises(AnswerLost):
        await approve(line)
    assert len(line.far.heard) == 2


async def test_a_connection_that_never_opened_did_nothing() -> None:
    """Nobody listens there: a write surely did not leave, and a read was tried three times."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with create_session() as session:
            api = BuddyApi(session, address, SandboxClock(), timedelta(seconds=5))
            client, ref = api.acting_as(TOKEN), ExecutionRef(api.host, "acme", "shop", 2, 7)
            with capture_logs() as logs:
                with pytest.raises(BuddyUnavailable):
                    await client.operate(ref, BuddyOperation.CANCEL)
                with pytest.raises(BuddyUnavailable):
                    await client.user()
    events = [entry["event"] for entry in logs]
    assert events.count("buddy.no_answer") == 4
    assert events.count("buddy.retrying") == 2


async def test_a_write_that_never_got_a_connection_did_nothing() -> None:
    """Every connection is taken until the deadline: that is no lost answer, nothing left."""
    far = Scripted()
    far.will(Reply(hangs=True))
    async with listening(far), create_session(max_connections=1) as session:
        patient = BuddyApi(session, far.address, SandboxClock(), timedelta(seconds=1))
        hasty = BuddyApi(session, far.address, SandboxClock(), timedelta(milliseconds=200))
        ref = ExecutionRef(hasty.host, "acme", "shop", 2, 7)
        reading = patient.acting_as(TOKEN).user()
        writing = hasty.acting_as(TOKEN).operate(ref, BuddyOperation.CANCEL)
        outcomes = await asyncio.gather(reading, writing, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [BuddyUnavailable, BuddyUnavailable]
    assert [request.method for request in far.heard] == ["GET"]


async def test_a_warm_connection_that_died_leaves_a_write_in_doubt(line: Line) -> None:
    """The same connection carried a read before; that it dies now tells nothing about the write."""
    line.far.will(EXECUTION, DROP)
    await look(line)
    with pytest.raises(AnswerLost):
        await approve(line)
    assert len(line.far.heard) == 2


async def test_the_deadline_holds_for_the_whole_call() -> None:
    """A silent Buddy costs a read and a write the deadline, not three times the deadline."""
    async with connected(deadline=timedelta(milliseconds=200)) as line:
        line.far.will(Reply(hangs=True))
        loop = asyncio.get_running_loop()
        began = loop.time()
        with pytest.raises(BuddyUnavailable):
            await look(line)
        with pytest.raises(AnswerLost):
            await approve(line)
        assert 0.4 <= loop.time() - began < 2
        assert len(line.far.heard) == 2


async def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    """Better to say now that the limit is reached than to run into the deadline."""
    async with connected(deadline=timedelta(seconds=2)) as line:
        line.far.will(SOON, EXECUTION)
        with pytest.raises(BuddyRateLimited):
            await look(line)
        assert len(line.far.heard) == 1


async def test_whoever_stops_waiting_stops_the_call(line: Line) -> None:
    """A cancelled call is cancelled; it is not taken for a lost answer."""
    line.far.will(Reply(hangs=True))
    call = asyncio.get_running_loop().create_task(approve(line))
    await until(lambda: line.far.heard)
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
    assert len(line.far.heard) == 1


async def test_a_redirect_is_not_followed(line: Line) -> None:
    """A token is never carried to where an answer points."""
    line.far.will(Reply(302, headers={"Location": "/elsewhere"}), EXECUTION)
    with pytest.raises(BuddyRefuses) as caught:
        await look(line)
    assert caught.value.status == 302
    assert len(line.far.heard) == 1


async def test_a_huge_answer_is_not_read_to_its_end(line: Line) -> None:
    """A body without end fills no memory; what is just small enough is read."""
    line.far.will(Reply(200, b'{"id": 7, "comment": "' + b"x" * MAX_BODY + b'"}'))
    with pytest.raises(BuddyUnavailable):
        await look(line)
    with pytest.raises(AnswerLost):
        await approve(line)
    padding = b" " * (MAX_BODY - len(EXECUTION.body))
    line.far.will(EXECUTION, Reply(200, EXECUTION.body + padding))
    line.far.replies = line.far.replies[-1:]
    assert (await look(line)).ref == line.ref()


async def test_a_huge_error_has_no_message(line: Line) -> None:
    """An error page is cut off; its status still says enough."""
    line.far.will(Reply(403, b'{"error": "' + b"x" * MAX_ERROR_BODY + b'"}'))
    with pytest.raises(BuddyForbids) as caught:
        await look(line)
    assert caught.value.message == ""


async def test_cookies_of_one_person_do_not_reach_another(line: Line) -> None:
    """All people share the connections, and nothing else."""
    line.far.will(Reply(200, EXECUTION.body, headers={"Set-Cookie": "who=maya; Path=/"}))
    await look(line)
    await line.api.acting_as("another-token").execution(line.ref())
    assert "Cookie" not in line.far.heard[1].headers


@pytest.mark.parametrize(
    "reply",
    [
        DROP,
        HALF,
        Reply(500, TOKEN.encode()),
        Reply(200, f'{{"token": "{TOKEN}", "value": "{SECRET}"}}'.encode()),
        Reply(400, f'{{"errors": [{{"message": "Bearer {TOKEN}, {SECRET}"}}]}}'.encode()),
        Reply(403, f'{{"error": "{TOKEN.upper()}"}}'.encode()),
        SOON,
        Reply(429, TOKEN.encode()),
        Reply(302, headers={"Location": f"/?token={TOKEN}"}),
        Reply(200, b"", headers={"Bad Header": TOKEN}),
        Reply(hangs=True),
    ],
)
async def test_a_secret_is_in_no_error_and_in_no_log(reply: Reply) -> None:
    """Neither the token nor a value that a person typed stands in a text, a repr or a log line."""
    async with connected(deadline=timedelta(milliseconds=300)) as line:
        line.far.will(reply)
        client = line.client
        errors: list[BaseException] = []
        with capture_logs() as logs:
            for call in (look, approve):
                with pytest.raises(BuddyError) as caught:
                    await call(line)
                errors.append(caught.value)
    texts = [repr(client), repr(line.api), repr(logs)]
    for error in errors:
        texts += [repr(error), str(error), f"{vars(error)}", *traceback.format_exception(error)]
        assert error.__cause__ is None
        assert error.__context__ is None
    assert TOKEN.lower() not in "".join(texts).lower()
    # The read did not know the value, which only this far side's script echoes to it.
    assert SECRET not in f"{vars(errors[1])}{logs}"


async def test_what_was_tried_again_is_logged_as_facts(line: Line) -> None:
    """The log says how often, why and how long; it names no person and quotes no body."""
    line.far.will(Reply(503, b"private"), EXECUTION)
    with capture_logs() as logs:
        await look(line)
    (entry,) = logs
    assert 0.125 <= entry.pop("wait_s") <= 0.375
    assert entry == {
        "event": "buddy.retrying",
        "log_level": "warning",
        "attempt": 1,
        "reason": "buddy_unavailable",
    }
