"""What an answer means."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy.answers import MASK, MAX_MESSAGE, Answer, failure, interpret
from bot.buddy.readers import Unreadable
from bot.buddy.wire import BuddyOperation, Request, Variable, execution, operate
from bot.errors import (
    AnswerLost,
    ApiDisabled,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyRefuses,
    BuddyUnavailable,
    NotFoundInBuddy,
    TokenRejected,
    WorkspaceInactive,
)
from tests.buddy.samples import NOW, ref

READ = execution(ref())
WRITE = operate(ref(), BuddyOperation.APPLY)
TOKEN = "0123abcd-0000-4000-8000-00000000000f"


def judge(
    status: int, body: object = None, request: Request = READ, secrets: tuple[str, ...] = ()
) -> BuddyError | None:
    """Say what an answer with this JSON means."""
    raw = b"" if body is None else json.dumps(body).encode()
    return failure(Answer.parse(status, {}, raw), request, NOW, secrets)


def said(message: str) -> object:
    """Write a message as Buddy does."""
    return {"errors": [{"message": message}]}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("request_", [READ, WRITE])
def test_done_is_done(status: int, request_: Request) -> None:
    """Buddy says "done" in four ways."""
    assert judge(status, {"id": 7}, request_) is None
    assert judge(status, None, request_) is None


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, None, TokenRejected),
        (401, said("API is disabled in this workspace."), TokenRejected),
        (403, None, BuddyForbids),
        (403, said("Something about rights, in words that are documented nowhere"), BuddyForbids),
        (403, said("API is disabled in this workspace."), ApiDisabled),
        (403, {"error": "api is DISABLED in this workspace"}, ApiDisabled),
        (403, said("Sorry. Only active workspace have access to API!"), WorkspaceInactive),
        (403, said("Rate limit exceeded."), BuddyRateLimited),
        (400, said("API is disabled in this workspace."), ApiDisabled),
        (200, said("API is disabled in this workspace."), ApiDisabled),
        (200, said("Something else"), BuddyRefuses),
        (404, None, NotFoundInBuddy),
        (404, said("API is disabled in this workspace."), NotFoundInBuddy),
        (429, None, BuddyRateLimited),
        (400, None, BuddyRefuses),
        (409, said("wrong state"), BuddyRefuses),
        (422, said("no"), BuddyRefuses),
        (302, None, BuddyRefuses),
        (500, said("oops"), BuddyUnavailable),
        (502, None, BuddyUnavailable),
        (101, None, BuddyUnavailable),
        (600, None, BuddyUnavailable),
    ],
)
def test_a_read_is_refused_for_one_reason(
    status: int, body: object, error: type[BuddyError]
) -> None:
    """Status first; documented texts where a status has several meanings."""
    assert type(judge(status, body)) is error


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, AnswerLost),
        (502, AnswerLost),
        (504, AnswerLost),
        (302, AnswerLost),
        (400, BuddyRefuses),
    ],
)
def test_a_write_that_was_not_surely_refused_has_an_unknown_end(
    status: int, error: type[BuddyError]
) -> None:
    """Only a 4xx says that nothing was done."""
    assert type(judge(status, None, WRITE)) is error


def test_an_object_with_an_id_is_no_refusal() -> None:
    """An execution that was asked for may mention errors of its own."""
    assert judge(200, {"id": 7, "errors": ["a step failed"]}) is None
    assert judge(200, {"errors": [], "executions": []}) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (said("Field is  \n required"), "Field is required"),
        ({"errors": [{"message": "a"}, "b", {"text": "c"}, 5, None]}, "a; b"),
        ({"errors": ["a"], "error": "b"}, "a; b"),
        ({"error": {"message": "nested"}}, "nested"),
        ({"errors": "not a list"}, ""),
        ({"errors": {"message": "not a list"}}, ""),
        (["a"], ""),
        ("text", ""),
        (None, ""),
    ],
)
def test_every_shape_of_an_error_gives_its_words(body: object, message: str) -> None:
    """Several messages, plain texts, a single key; what has no words has none."""
    refused = judge(400, body)
    assert isinstance(refused, BuddyRefuses)
    assert (refused.status, refused.message) == (400, message)


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"\xff\xfe", b'{"errors": ["cut of'])
def test_a_page_for_browsers_is_not_shown_to_people(body: bytes) -> None:
    """What is no JSON has no message."""
    refused = failure(Answer.parse(403, {}, body), READ, NOW)
    assert isinstance(refused, BuddyForbids)
    assert refused.message == ""


def test_a_long_message_is_cut() -> None:
    """A card has room for a sentence."""
    refused = judge(403, said("x" * 5000))
    assert isinstance(refused, BuddyForbids)
    assert refused.message == "x" * (MAX_MESSAGE - 1) + "…"


@given(st.text(max_size=400), st.text(max_size=400))
def test_an_echoed_token_is_masked_wherever_it_stands(before: str, after: str) -> None:
    """Not even half of it is left where the message is cut."""
    refused = judge(400, said(f"{before}{TOKEN.upper()}{after}"), secrets=(TOKEN, ""))
    assert isinstance(refused, BuddyRefuses)
    assert TOKEN[:8] not in refused.message.lower() or TOKEN[:8] in (before + after).lower()


def test_an_echoed_secret_value_is_masked() -> None:
    """A masked variable that Buddy refuses is not quoted back into Slack."""
    variables = [Variable("password", "hunter2 secret", is_encrypted=True), Variable("a", "plain")]
    request = operate(ref(), BuddyOperation.APPLY_VARIABLES, variables=variables)
    refused = judge(400, said("bad value hunter2 secret, plain"), request)
    assert isinstance(refused, BuddyRefuses)
    assert refused.message == f"bad value {MASK}, plain"


def test_a_limit_says_from_when_on_it_is_over() -> None:
    """The moment comes from the headers, in any case of their names."""
    answer = Answer.parse(429, {"Retry-After": "17"}, b"")
    limited = failure(answer, WRITE, NOW)
    assert isinstance(limited, BuddyRateLimited)
    assert limited.retry_at == NOW + timedelta(seconds=17)


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"<html>", b"null", b"\xff", b'{"id": 7', b"[" * 9999]
)
@pytest.mark.parametrize(("request_", "error"), [(READ, BuddyUnavailable), (WRITE, AnswerLost)])
def test_a_body_that_cannot_be_read_is_no_answer(
    body: bytes, request_: Request, error: type[BuddyError]
) -> None:
    """To a read it is none; to a write it is lost. The body leaves no trace in the error."""

    def read(raw: object) -> object:
        assert not isinstance(raw, dict)
        raise Unreadable

    answer = Answer.parse(200, {}, body)
    with pytest.raises(error) as caught:
        interpret(answer, request_, read)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_an_answer_shows_no_body() -> None:
    """Bodies hold other people's texts and stay out of logs."""
    answer = Answer.parse(200, {}, b'{"comment": "private"}')
    assert "private" not in repr(answer)
    assert not answer.is_empty
    assert Answer.parse(204, {}, b"").is_empty
