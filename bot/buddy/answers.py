"""Understand what an answer means: done, refused and why, or no answer at all.

    2xx   done, unless the body says otherwise
    401   the token     403   four meanings, told apart by documented texts, else by the message
    404   not there     429   wait             other 4xx   refused
    3xx   a read is refused
    the rest, and a body that cannot be read: no answer to a read, a lost one to a write

Pure. Texts about permissions are documented nowhere and therefore never matched.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import TypeVar

from pydantic_core import from_json

from bot.buddy.budget import retry_at
from bot.buddy.readers import Unreadable
from bot.buddy.wire import Request
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

T = TypeVar("T")

_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_REFUSAL = range(400, 500)

MAX_MESSAGE = 300
"""Characters of Buddy's own words that are kept."""

MASK = "***"

_API_DISABLED = "api is disabled in this workspace"
_WORKSPACE_INACTIVE = "only active workspace have access to api"
_RATE_LIMIT = "rate limit exceeded"


class Body(Enum):
    """A body that holds no JSON."""

    EMPTY = "empty"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; ``content`` is parsed JSON or says why there is none."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""

    content: object = field(repr=False)

    @classmethod
    def parse(cls, status: int, headers: Mapping[str, str], body: bytes) -> "Answer":
        """Take an answer as it came from the network."""
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(status, lowered, _parse(body))

    @property
    def is_success(self) -> bool:
        """Whether the status says that it was done. Buddy uses 200, 201, 202 and 204."""
        return self.status in _SUCCESS

    @property
    def is_empty(self) -> bool:
        """Whether nothing came besides the status."""
        return self.content is Body.EMPTY


def failure(
    answer: Answer, request: Request, now: datetime, secrets: Collection[str] = ()
) -> BuddyError | None:
    """Say what went wrong, or None. ``secrets`` are masked in what Buddy says, should it echo."""
    message = _message(answer.content, (*secrets, *request.secrets))
    if answer.is_success:
        # Source: Buddy's own OAuth client takes errors in the body of a 200 for a failure.
        # An object with an id is what was asked for, whatever else it has.
        is_refusal = bool(message) and "id" not in _mapping(answer.content)
        return _refusal(answer, message, now) if is_refusal else None
    if answer.status in _REFUSAL:
        return _refusal(answer, message, now)
    if answer.status in _REDIRECT and not request.is_write:
        # Never followed, with a person's token in hand: the configured address is wrong.
        return BuddyRefuses(answer.status, "")
    return unanswered(request)


def unanswered(request: Request) -> BuddyError:
    """Say that nothing usable came back after the request had left."""
    return AnswerLost() if request.is_write else BuddyUnavailable()


def interpret(answer: Answer, request: Request, read: Callable[[object], T]) -> T:
    """Read a good answer.

    Raises:
        BuddyUnavailable, AnswerLost: the body is not what was asked for.
    """
    try:
        return read(answer.content)
    except Unreadable:
        error = unanswered(request)
    # Outside, so that the error carries no trace of the body.
    raise error


def _refusal(answer: Answer, message: str, now: datetime) -> BuddyError:
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            return TokenRejected()
        case HTTPStatus.NOT_FOUND:
            return NotFoundInBuddy()
        case HTTPStatus.TOO_MANY_REQUESTS:
            return BuddyRateLimited(retry_at(answer.headers, now))
        case _:
            return _by_text(answer, message, now)


def _by_text(answer: Answer, message: str, now: datetime) -> BuddyError:
    # Sources differ on the status: 403 in most, 400 in a client's test, 200 in Buddy's own client.
    said = message.casefold()
    if _API_DISABLED in said:
        return ApiDisabled()
    if _WORKSPACE_INACTIVE in said:
        return WorkspaceInactive()
    if _RATE_LIMIT in said:
        return BuddyRateLimited(retry_at(answer.headers, now))
    if answer.status == HTTPStatus.FORBIDDEN:
        return BuddyForbids(message)
    return BuddyRefuses(answer.status, message)


def _message(content: object, secrets: Collection[str]) -> str:
    body = _mapping(content)
    errors = body.get("errors")
    said = [*(errors if isinstance(errors, list) else []), body.get("error")]
    texts = (_mapping(item).get("message", item) for item in said)
    # Masked before it is tidied and cut: half a secret would not be found any more.
    masked = (_mask(text, secrets) for text in texts if isinstance(text, str))
    message = "; ".join(" ".join(text.split()) for text in masked)
    return message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"


def _mask(text: str, secrets: Collection[str]) -> str:
    for secret in filter(None, secrets):
        text = re.sub(re.escape(secret), MASK, text, flags=re.IGNORECASE)
    return text


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _parse(body: bytes) -> object:
    if not body.strip():
        return Body.EMPTY
    try:
        return from_json(body)
    except ValueError:
        return Body.GARBAGE
