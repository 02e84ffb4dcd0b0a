"""The log tells an operator what happened, and nobody a secret."""

import contextlib
import io
import json
import logging
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Protocol

import pytest
import structlog
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from bot.log import MASK, Level, Redaction, configure
from tests.environment import logging_restored

KNOWN = "8f742231b10e8888abcd99yyyzzz85a5"
"""A secret without any recognisable form, like Slack's signing secret."""

SECRETS = {
    "bot token": "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    "user token": "xoxp-17653672481-19874698323-abc",
    "rotating token": "xoxe.xoxp-1-Mi0yLTE3NjUzNjcy",
    "refresh token": "xoxe-1-My0xLTE3NjUzNjcy",
    "app-level token": "xapp-1-A111-222-3333abcdef",
    "workflow token": "xwfp-1234567890-abc",
    "Buddy token": "2d1f4c5e-9b7a-4c3d-8e2f-0a1b2c3d4e5f",
    "response URL": "https://hooks.slack.com/commands/T0001/1234567890/AbCdEfGhIjKl",
    "simulated response URL": "http://127.0.0.1:4001/response/b3f1c9",
    "sealed token": Fernet(Fernet.generate_key()).encrypt(b"token").decode(),
    "key": "vY3xTQ9cWz1mH0sEo2nB7uKd5rLpJ8iGfA6tVqXyM4w=",
    "known": KNOWN,
}


@dataclass(frozen=True, slots=True)
class Log:
    """What was written, and a logger that writes it."""

    stream: io.StringIO
    logger: Any

    @property
    def text(self) -> str:
        """All lines."""
        return self.stream.getvalue()

    @property
    def line(self) -> dict[str, Any]:
        """The last line, read as JSON."""
        line: dict[str, Any] = json.loads(self.text.splitlines()[-1])
        return line


class LogAs(Protocol):
    """Sets logging up for one test."""

    def __call__(self, form: Literal["json", "text"], level: Level = "debug") -> Log:
        """Log in this form from this level on."""
        ...


@pytest.fixture
def log_as() -> Iterator[LogAs]:
    """Set logging up for this test, and take it away afterwards."""

    def make(form: Literal["json", "text"], level: Level = "debug") -> Log:
        stream = io.StringIO()
        configure(level, form, secrets=[KNOWN], stream=stream)
        return Log(stream, structlog.get_logger())

    with logging_restored():
        yield make


@pytest.fixture
def log(log_as: LogAs) -> Log:
    """Log as JSON."""
    return log_as("json")


def test_a_line_is_one_json_object_with_facts(log: Log) -> None:
    """Machines read what happened, when, how important, and in which request."""
    with structlog.contextvars.bound_contextvars(request="r-1", team="T0001"):
        log.logger.info(
            "execution.approved", execution=12, took=timedelta(seconds=2), since=date(2026, 11, 23)
        )

    line = log.line
    assert datetime.fromisoformat(line.pop("timestamp")).tzinfo == UTC
    assert line == {
        "event": "execution.approved",
        "level": "info",
        "request": "r-1",
        "team": "T0001",
        "execution": 12,
        "took": "0:00:02",
        "since": "2026-11-23",
    }


def test_a_line_can_be_made_for_people(log_as: LogAs) -> None:
    """In a terminal the same facts are readable."""
    log = log_as("text")
    log.logger.info("execution.approved", execution=12)
    assert re.search(r"info.*execution\.approved.*execution=12", log.text)


def test_the_level_holds(log_as: LogAs) -> None:
    """Lines below the level are not written."""
    log = log_as("json", "warning")
    log.logger.info("too.small")
    log.logger.warning("large.enough")
    assert log.line["event"] == "large.enough"
    assert "too.small" not in log.text


def test_setting_up_again_replaces_the_first_time(log_as: LogAs) -> None:
    """No line is written twice."""
    first, second = log_as("json"), log_as("json")
    first.logger.info("once")
    assert first.text == ""
    assert second.text.count("once") == 1


@pytest.mark.parametrize(
    "name", ["slack_bolt", "slack_sdk.web", "aiohttp", "sqlalchemy", "x.py:Ack"]
)
def test_libraries_are_heard_when_it_matters(log: Log, name: str) -> None:
    """Their warnings look like our own lines; their DEBUG, which holds bodies, never appears."""
    library = logging.getLogger(name)
    before = library.level
    library.setLevel(logging.DEBUG)
    try:
        library.debug("body: %s", "everything")
        library.info("body: %s", "everything")
        library.warning("slow: %s", "api")
    finally:
        library.setLevel(before)

    assert "everything" not in log.text
    assert log.line["event"] == "slow: api"
    assert log.line["logger"] == name


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_is_masked_wherever_it_stands(
    log_as: LogAs, form: Literal["json", "text"], secret: str
) -> None:
    """In the event, in a fact, deep inside one, as a key, in a library's line, in a traceback."""
    log = log_as(form)
    log.logger.info("event %s", secret)
    log.logger.info("a", fact=f"before {secret}, after", raw=secret.encode())
    log.logger.info("b", fact={"list": [{secret: (secret, {secret})}]})
    with structlog.contextvars.bound_contextvars(request=secret):
        log.logger.info("c", exception_of_mine=ValueError(secret))
    logging.getLogger("slack_sdk").warning("failed: %s", {"args": [secret]})
    try:
        int(f"no such thing: {secret}")
    except ValueError:
        log.logger.exception("d")
        logging.getLogger("asyncio").exception("e")

    assert secret not in log.text
    assert log.text.count(MASK) >= 10
    assert "before" in log.text
    assert "no such thing" in log.text


@pytest.mark.parametrize(
    "name",
    [
        "body",
        "text",
        "payload",
        "values",
        "view",
        "response_url",
        "token",
        "bot_token",
        "access-token",
        "refreshToken",
        "Authorization",
        "client_secret",
        "password",
        "X-Slack-Signature",
        "private_metadata",
    ],
)
def test_what_people_wrote_is_dropped_by_its_name(log: Log, name: str) -> None:
    """A modal's values and a message's text have no form to recognise: their names tell."""
    log.logger.info("a", **{name: "hunter2"})
    log.logger.info("b", deep=[{name: {"inside": "hunter2"}}])
    log.logger.warning("c %s", {name: "hunter2"} if "url" in name or "oken" in name else "")
    assert "hunter2" not in log.text


def test_what_is_no_secret_stays_readable(log: Log) -> None:
    """Redaction leaves the facts that an operator needs."""
    facts = {
        "code": "token_rejected",
        "context": "modal",
        "execution": 12,
        "key": "follow:17/12",
        "url": "https://app.buddy.works/acme/shop/pipelines/pipeline/17",
        "revision": "b2af1a9c7d3e5f60718293a4b5c6d7e8f9012345",
        "none": None,
        "yes": True,
        "ratio": 0.5,
        "when": datetime(2026, 11, 23, tzinfo=UTC).isoformat(),
    }
    log.logger.info("facts", **facts)
    assert {name: log.line[name] for name in facts} == facts


def test_an_absent_secret_is_shown_as_absent(log: Log) -> None:
    """That a token was missing is a fact an operator needs."""
    log.logger.info("a", token=None)
    assert log.line["token"] is None


@pytest.mark.parametrize(
    "text",
    [
        "GET /user?access_token=hunter2&page=1",
        "postgresql://bot:hunter2@db/bot",
        "Authorization: Bearer hunter2",
        """{"token": "hunter2"}""",
        """{'client_secret': "it's hunter2"}""",
        "[type=string_type, input_value='it is hunter2', input_type=str]",
        "[SQL: INSERT]\n[parameters: ('hunter2', 1)]\n(Background)",
    ],
)
def test_secrets_are_found_by_what_surrounds_them(log: Log, text: str) -> None:
    """Libraries put values into the text of their errors."""
    log.logger.info("a", error=text)
    assert "hunter2" not in log.text


@contextlib.contextmanager
def without_pytest(log: Log) -> Iterator[None]:
    """Take pytest's own handlers away: they raise where ours must not."""
    root = logging.getLogger()
    with pytest.MonkeyPatch.context() as patch:
        ours = [each for each in root.handlers if getattr(each, "stream", None) is log.stream]
        patch.setattr(root, "handlers", ours)
        yield


class Broken:
    """A value that cannot be shown."""

    @override
    def __repr__(self) -> str:
        raise RuntimeError(KNOWN)


def test_a_value_that_cannot_be_shown_costs_only_itself(log: Log) -> None:
    """The rest of the line is written, and nobody's work is interrupted."""
    with without_pytest(log):
        log.logger.info("a", broken=Broken(), whole=1)
    assert log.line["whole"] == 1
    assert log.line["broken"] == "<Broken: RuntimeError in repr>"


def test_a_value_that_contains_itself_has_an_end(log: Log) -> None:
    """A cycle is cut, not followed for ever."""
    ring: list[object] = []
    ring.append(ring)
    log.logger.info("a", ring=ring)
    assert log.line["event"] == "a"


def test_a_line_that_cannot_be_written_is_named_and_not_shown(log: Log) -> None:
    """The standard library would print the line's arguments to standard error."""
    with without_pytest(log):
        logging.getLogger("library").error("%d", KNOWN)
    assert log.text == "log line lost: ERROR of library\n"


def test_a_closed_stream_stops_nobody(log: Log) -> None:
    """When the reader of the log is gone, the bot goes on."""
    log.stream.close()
    log.logger.info("a")


NESTED = st.recursive(
    st.text() | st.binary() | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    secret=st.uuids(version=4).map(str)
    | st.from_regex(r"xox[abeprs]-[0-9A-Za-z-]{1,60}", fullmatch=True)
    | st.from_regex(r"(xapp|xwfp)-[0-9A-Za-z-]{1,60}", fullmatch=True)
    | st.binary(min_size=1).map(lambda raw: Fernet(SECRETS["key"]).encrypt(raw).decode()),
    before=st.text(),
    after=st.text(st.characters(categories=["Zs", "Po", "Sc"])),
    other=NESTED,
)
def test_no_surrounding_lets_a_secret_through(
    secret: str, before: str, after: str, other: object
) -> None:
    """Whatever stands around it, in whatever value, a secret's form is recognised."""
    line = Redaction()(
        None, "info", {"event": before + secret + after, "fact": [other, {"a": secret}]}
    )
    assert secret not in json.dumps(line, ensure_ascii=False)


@given(text=st.text())
def test_known_values_are_masked_in_any_text(text: str) -> None:
    """A secret of this process needs no form."""
    assert KNOWN not in Redaction((KNOWN,)).mask(f"{text}{KNOWN}{text}")


def test_masking_twice_changes_nothing() -> None:
    """A masked text is as safe and as readable the second time."""
    redaction = Redaction((KNOWN,))
    for secret in (*SECRETS.values(), f'{{"token": "{uuid.UUID(int=1)}"}}'):
        once = redaction.mask(f"a {secret} b")
        assert redaction.mask(once) == once
