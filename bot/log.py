"""Write log lines, the bot's own and its libraries', as JSON or for people, and without secrets.

Every line takes one way: a record of the standard library's ``logging``, one handler, redaction,
rendering. The bot's lines go through the logger ``greenlight`` at the level asked for; libraries
are heard from WARNING on, whatever level they set, because slack_sdk and Bolt write whole bodies
at DEBUG. A line that cannot be written never stops what the bot is doing.

Redaction knows names (what stands under ``token``, ``body`` or ``response_url`` goes whole), forms
(a Slack token, a UUID such as Buddy's tokens, a sealed string, …) and the values this process was
given. So an identifier that should stay readable must not be a random UUID.
"""

import logging
import re
import sys
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, TextIO, TypeAlias

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
Form: TypeAlias = Literal["json", "text"]

MASK: Final = "[redacted]"

_OWN: Final = "greenlight"
_DEPTH: Final = 8
"""How deep a nested value is written; also the end of one that contains itself."""

_DROPPED_NAMES: Final = frozenset(
    {
        "attachments",
        "blocks",
        "body",
        "cookie",
        "cookies",
        "form",
        "headers",
        "message",
        "payload",
        "private_metadata",
        "response_url",
        "text",
        "value",
        "values",
        "variables",
        "view",
    }
)
"""Names that are dropped as they stand."""

_DROPPED_WORDS: Final = frozenset(
    {
        "authorization",
        "credential",
        "credentials",
        "passphrase",
        "passwd",
        "password",
        "secret",
        "secrets",
        "signature",
        "token",
        "tokens",
    }
)
"""Names that are dropped also as a part: ``bot_token``, ``x-slack-signature``."""

_URL: Final = r"""[^\s"'<>]*"""
_QUOTED: Final = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_NAME: Final = r"[\w-]*(?:token|secret|password|signature|authorization|credentials?)"
_FORMS: Final = re.compile(
    "|".join(
        (
            r"x(?:ox[a-z]|app|wfp)[-.][\w.%-]+",  # Slack: xoxb-…, xoxe.xoxp-1-…, xapp-…, xwfp-…
            # Buddy's tokens: UUIDs of version 4
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
            r"gAAAA[\w-]{16,}={0,2}",  # sealed by Fernet
            r"(?<![\w-])[\w-]{43}=(?!=)",  # a Fernet key
            r"""\bbearer\s+[^\s"',;]+""",
            rf"https?://hooks\.slack(?:-gov)?\.com{_URL}",
            rf"https?://{_URL}/response/{_URL}",  # a response_url of a simulated Slack
            r"""(?<=://)[^\s/@"'<>]+@""",  # user and password in a URL
            rf"""(?<=[?&])(?:{_NAME}|code)=[^\s&"'<>]*""",
            # In the text of a dictionary: names of secrets, and what stands under them.
            rf"""(?P<name>["'](?:{_NAME}|response_url)["']\s*:\s*)(?!\[red)(?:{_QUOTED}|[^\s,}}\]]+)""",
            r"(?<=\binput_value=).*?(?=, input_type=)",  # pydantic's errors
            r"(?<=\[parameters: ).*",  # SQLAlchemy's errors
        )
    ),
    re.IGNORECASE,
)


def configure(
    level: Level,
    form: Form,
    *,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Set logging up for this process, once more or again.

    Args:
        level: the least important lines of the bot's own that are written.
        form: for machines, or for people.
        secrets: values that are masked wherever they occur.
        stream: standard error, where none is named.
    """
    stream = sys.stderr if stream is None else stream
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _Handler(stream)
    handler.addFilter(_is_heard)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                structlog.processors.format_exc_info,
                Redaction(tuple(secrets)),
                _renderer(form, stream),
            ],
        )
    )
    _install(handler, level)
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_own_logger,
        cache_logger_on_first_use=False,
    )


@dataclass(frozen=True, slots=True)
class Redaction:
    """A structlog processor that leaves no secret in a line."""

    secrets: tuple[str, ...] = ()

    def __call__(self, _: WrappedLogger, __: str, event_dict: EventDict) -> EventDict:
        """Mask names, forms and known values, at every depth."""
        return {self.mask(name): self._under(name, value, 0) for name, value in event_dict.items()}

    def mask(self, text: str) -> str:
        """Mask the forms of secrets and the known ones in a text."""
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return _FORMS.sub(lambda found: f"{found['name'] or ''}{MASK}", text)

    def _under(self, name: str, value: object, depth: int) -> object:
        return MASK if _is_dropped(name) and value is not None else self._value(value, depth)

    def _value(self, value: object, depth: int) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth > _DEPTH:
            return "…"
        if isinstance(value, Mapping):
            pairs = [(_text(name), inner) for name, inner in value.items()]
            return {self.mask(name): self._under(name, inner, depth + 1) for name, inner in pairs}
        if isinstance(value, list | tuple | AbstractSet):
            return [self._value(inner, depth + 1) for inner in value]
        return self.mask(_text(value))


def _is_dropped(name: str) -> bool:
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+", "_", name).lower().strip("_")
    return plain in _DROPPED_NAMES or not _DROPPED_WORDS.isdisjoint(plain.split("_"))


def _text(value: object) -> str:
    """Write any value as text; what cannot even say its name is named by its type."""
    try:
        match value:
            case str():
                return str(value)
            case date():
                return value.isoformat()
            case timedelta():
                return str(value)
            case _:
                return repr(value)
    except Exception as broken:  # noqa: BLE001 - a foreign __repr__ may raise anything
        return f"<{type(value).__name__}: {type(broken).__name__} in repr>"


def _renderer(form: Form, stream: TextIO) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    # Not the default formatter of tracebacks: with rich installed it shows local variables.
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


class _Handler(logging.StreamHandler[TextIO]):
    """The handler of this module, so that setting up again finds the earlier one."""

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line was lost, not what stood in it, as the standard library would."""
        try:
            self.stream.write(f"log line lost: {record.levelname} of {record.name}\n")
        except (OSError, ValueError):
            return  # nobody reads: the stream is closed


def _is_heard(record: logging.LogRecord) -> bool:
    return record.name == _OWN or record.levelno >= logging.WARNING


def _install(handler: logging.Handler, level: Level) -> None:
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _Handler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
    logging.getLogger(_OWN).setLevel(level.upper())


def _own_logger(*_: object) -> logging.Logger:
    return logging.getLogger(_OWN)
