"""Understand the text after the slash command.

    command   = "connect" | "disconnect" | "whoami" | "help" [ word ]
              | "projects" | "pipelines" [ project ] | "executions" [ pipeline ]
              | "show" execution | "status" [ execution ] | "logs" execution [ action ]
              | ( "approve" | "reject" | "cancel" | "retry" | "start" ) execution [ reason ]

What a project, a pipeline, an execution and a reason look like stands in ``domain/reader.py``.
Quotes may be typographic ones, since phones insert them. Pure: the same text always gives the same
command, or the same ``CommandSyntaxError``, which knows the column and a correct example; and
``str`` writes any command so that it is read back as itself.
"""

import difflib
import re
from dataclasses import dataclass, replace

from typing_extensions import override

from bot.domain.execution import Operation
from bot.domain.reader import Reader, as_rest, read_pipeline, read_project
from bot.domain.reference import AnyPipeline, ExecutionName, ProjectName
from bot.domain.usages import USAGES
from bot.errors import CommandSyntaxError, TokenInText


@dataclass(frozen=True, slots=True)
class Connect:
    """Link a Buddy account."""

    @override
    def __str__(self) -> str:
        return "connect"


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Forget the linked Buddy account."""

    @override
    def __str__(self) -> str:
        return "disconnect"


@dataclass(frozen=True, slots=True)
class Whoami:
    """Show the linked Buddy account."""

    @override
    def __str__(self) -> str:
        return "whoami"


@dataclass(frozen=True, slots=True)
class Help:
    """Explain all commands, or one."""

    topic: str = ""

    @override
    def __str__(self) -> str:
        return f"help {self.topic}".rstrip()


@dataclass(frozen=True, slots=True)
class Projects:
    """List the projects."""

    @override
    def __str__(self) -> str:
        return "projects"


@dataclass(frozen=True, slots=True)
class Pipelines:
    """List the pipelines of a project; without one, of the only project, or ask which."""

    project: ProjectName | None = None

    @override
    def __str__(self) -> str:
        return f"pipelines {self.project or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Executions:
    """List the executions of a pipeline; without one, of the only pipeline, or ask which."""

    pipeline: AnyPipeline | None = None

    @override
    def __str__(self) -> str:
        return f"executions {self.pipeline or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Show:
    """Put the live card of an execution into the channel."""

    execution: ExecutionName

    @override
    def __str__(self) -> str:
        return f"show {self.execution}"


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """Tell the state in one glance; without an execution, of what goes on in this channel."""

    execution: ExecutionName | None = None

    @override
    def __str__(self) -> str:
        return f"status {self.execution or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Logs:
    """Show the end of an action's log; without an action, of the one that matters most."""

    execution: ExecutionName
    action: str = ""

    @override
    def __str__(self) -> str:
        return f"logs {self.execution}" + (f" {as_rest(self.action)}" if self.action else "")


@dataclass(frozen=True, slots=True)
class Operate:
    """Approve, reject, cancel, retry or start an execution."""

    operation: Operation
    execution: ExecutionName
    reason: str = ""

    @override
    def __str__(self) -> str:
        why = f" reason:{as_rest(self.reason)}" if self.reason else ""
        return f"{_WORDS[self.operation]} {self.execution}{why}"


Finding = Projects | Pipelines | Executions | Show | ShowStatus | Logs | Operate
"""Commands that name something in Buddy, or list what could be named."""

Command = Connect | Disconnect | Whoami | Help | Finding


_BY_WORD = {usage.word: usage for usage in USAGES}
_OPERATIONS = {
    "approve": Operation.APPROVE,
    "reject": Operation.REJECT,
    "cancel": Operation.CANCEL,
    "retry": Operation.RETRY,
    "start": Operation.START,
}
_WORDS = {operation: word for word, operation in _OPERATIONS.items()} | {
    Operation.APPROVE_VISUAL_TESTS: "approve"
}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def parse(text: str) -> Command:
    """Understand the text, or say where it stopped making sense.

    Raises:
        TokenInText: somebody typed a token; it must be revoked.
        CommandSyntaxError: the text is no command.
    """
    if _UUID.search(text):
        raise TokenInText
    reader = Reader(text)
    word = reader.word().lower()
    if not word:
        return Help()
    if word not in _BY_WORD:
        raise _unknown(text, word, reader.began)
    reader.example = _BY_WORD[word].example
    command = _account(reader, word) or _list(reader, word) or _about(reader, word)
    reader.expect_end()
    return command


def with_choice(command: Finding, kind: str, choice: str) -> Finding:
    """Put what somebody chose into a command that was not exact; ``kind`` is what was chosen."""
    match command:
        case Projects():
            return command
        case Pipelines():
            return Pipelines(read_project(choice))
        case Executions():
            return Executions(read_pipeline(choice))
        case Logs() if kind == "action":
            return replace(command, action=choice)
        case ShowStatus(None):
            return ShowStatus(ExecutionName(read_pipeline(choice)))
        case _:
            assert command.execution is not None  # noqa: S101 - the case above took what has none
            chosen = replace(command.execution, pipeline=read_pipeline(choice))
            return replace(command, execution=chosen)


def _account(reader: Reader, word: str) -> Command | None:
    """Read a command about the person's own account, or about the bot."""
    match word:
        case "connect":
            return Connect()
        case "disconnect":
            return Disconnect()
        case "whoami":
            return Whoami()
        case "help":
            return Help(_topic(reader))
        case _:
            return None


def _list(reader: Reader, word: str) -> Finding | None:
    """Read a command that can do without a name."""
    match word:
        case "projects":
            return Projects()
        case "pipelines":
            return Pipelines(None if reader.is_over else reader.project())
        case "executions":
            return Executions(None if reader.is_over else reader.pipeline())
        case "status":
            return ShowStatus(None if reader.is_over else reader.execution())
        case _:
            return None


def _about(reader: Reader, word: str) -> Finding:
    """Read a command about one execution."""
    execution = reader.execution()
    match word:
        case "show":
            return Show(execution)
        case "logs":
            return Logs(execution, reader.name() or reader.action_run)
        case _:
            takes_reason = "reason" in _BY_WORD[word].arguments
            return Operate(_OPERATIONS[word], execution, reader.reason() if takes_reason else "")


def _topic(reader: Reader) -> str:
    topic = reader.word().lower()
    if topic and topic not in _BY_WORD:
        raise _unknown(reader.text, topic, reader.began)
    return topic


def _unknown(text: str, word: str, column: int) -> CommandSyntaxError:
    nearest = difflib.get_close_matches(word, _BY_WORD, n=1, cutoff=0.6)
    usage = _BY_WORD[nearest[0]] if nearest else _BY_WORD["help"]
    hint = f"Did you mean `{usage.word}`?" if nearest else "I do not know this command."
    return CommandSyntaxError(text, column, hint, usage.example)
