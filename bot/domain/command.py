"""Understand the text after the slash command.

    command   = "connect" | "disconnect" | "whoami" | "help" [ word ]
              | "show" execution
              | ( "approve" | "reject" | "cancel" | "retry" | "start" ) execution [ reason ]
    execution = [ part "/" ] part "/" part "#" number          workspace / project / pipeline
    part      = name | '"' text '"'
    reason    = "reason:" ( '"' text '"' | the rest of the line )

Quotes may be typographic ones, since phones insert them. Pure: the same text always gives the same
command, or the same ``CommandSyntaxError``, which knows the column and a correct example.
"""

import difflib
import re
from dataclasses import dataclass

from typing_extensions import override

from bot.domain.execution import Operation
from bot.errors import CommandSyntaxError, TokenInText


@dataclass(frozen=True, slots=True)
class ExecutionName:
    """An execution as people name it; an empty workspace means «whichever of mine has it»."""

    workspace: str
    project: str
    pipeline: str
    number: int

    @override
    def __str__(self) -> str:
        parts = [part for part in (self.workspace, self.project, self.pipeline) if part]
        return "/".join(_written(part) for part in parts) + f"#{self.number}"


@dataclass(frozen=True, slots=True)
class Connect:
    """Link a Buddy account."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Forget the linked Buddy account."""


@dataclass(frozen=True, slots=True)
class Whoami:
    """Show the linked Buddy account."""


@dataclass(frozen=True, slots=True)
class Help:
    """Explain all commands, or one."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Show:
    """Put the live card of an execution into the channel."""

    execution: ExecutionName


@dataclass(frozen=True, slots=True)
class Operate:
    """Approve, reject, cancel, retry or start an execution."""

    operation: Operation
    execution: ExecutionName
    reason: str = ""


Command = Connect | Disconnect | Whoami | Help | Show | Operate


@dataclass(frozen=True, slots=True)
class Usage:
    """One line of the grammar, as help shows it."""

    word: str
    arguments: str
    does: str
    example: str


USAGES = (
    Usage("connect", "", "Link your Buddy account.", "connect"),
    Usage("disconnect", "", "Forget your Buddy account.", "disconnect"),
    Usage("whoami", "", "Show which Buddy account you act as.", "whoami"),
    Usage(
        "show",
        "PROJECT/PIPELINE#NUMBER",
        "Put the live card of an execution into this channel.",
        "show shop/deploy#12",
    ),
    Usage(
        "approve",
        "PROJECT/PIPELINE#NUMBER [reason:TEXT]",
        "Let an execution that waits for approval continue.",
        'approve shop/deploy#12 reason:"tested on staging"',
    ),
    Usage(
        "reject",
        "PROJECT/PIPELINE#NUMBER [reason:TEXT]",
        "Refuse an execution that waits; Buddy then cancels it.",
        'reject shop/deploy#12 reason:"wrong branch"',
    ),
    Usage(
        "cancel",
        "PROJECT/PIPELINE#NUMBER [reason:TEXT]",
        "Stop an execution.",
        "cancel shop/deploy#12",
    ),
    Usage(
        "retry",
        "PROJECT/PIPELINE#NUMBER",
        "Run a failed or cancelled execution again.",
        "retry shop/deploy#12",
    ),
    Usage(
        "start",
        "PROJECT/PIPELINE#NUMBER",
        "Start a scheduled execution now.",
        "start shop/deploy#12",
    ),
    Usage("help", "[COMMAND]", "Explain all commands, or one.", "help approve"),
)
_BY_WORD = {usage.word: usage for usage in USAGES}
_OPERATIONS = {
    "approve": Operation.APPROVE,
    "reject": Operation.REJECT,
    "cancel": Operation.CANCEL,
    "retry": Operation.RETRY,
    "start": Operation.START,
}
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "”": "”"}
_CLOSING = '”“"»'
MAX_NUMBER_DIGITS = 12
MAX_REASON = 300
"""Characters of a reason that are kept; it stands in a thread, not in an essay."""


def parse(text: str) -> Command:
    """Understand the text, or say where it stopped making sense.

    Raises:
        TokenInText: somebody typed a token; it must be revoked.
        CommandSyntaxError: the text is no command.
    """
    if _UUID.search(text):
        raise TokenInText
    reader = _Reader(text)
    word = reader.word().lower()
    if not word:
        return Help()
    if word not in _BY_WORD:
        raise _unknown(text, word, reader.began)
    command = _arguments(reader, word)
    reader.expect_end(_BY_WORD[word].example)
    return command


def _arguments(reader: "_Reader", word: str) -> Command:
    match word:
        case "connect":
            return Connect()
        case "disconnect":
            return Disconnect()
        case "whoami":
            return Whoami()
        case "help":
            return Help(_topic(reader))
        case "show":
            return Show(reader.execution(_BY_WORD[word].example))
        case _:
            operation = _OPERATIONS[word]
            execution = reader.execution(_BY_WORD[word].example)
            takes_reason = "reason" in _BY_WORD[word].arguments
            return Operate(operation, execution, reader.reason() if takes_reason else "")


def _topic(reader: "_Reader") -> str:
    topic = reader.word().lower()
    if topic and topic not in _BY_WORD:
        raise _unknown(reader.text, topic, reader.began)
    return topic


def _unknown(text: str, word: str, column: int) -> CommandSyntaxError:
    nearest = difflib.get_close_matches(word, _BY_WORD, n=1, cutoff=0.6)
    usage = _BY_WORD[nearest[0]] if nearest else _BY_WORD["help"]
    hint = f"Did you mean `{usage.word}`?" if nearest else "I do not know this command."
    return CommandSyntaxError(text, column, hint, usage.example)


def _written(part: str) -> str:
    """Write a part so that it parses back to itself."""
    return part if re.fullmatch(r"[^\s/#\"“”„«»]+", part) else f'"{part}"'


class _Reader:
    """Walks over the text once, from left to right, and knows the column."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.began = 0

    def word(self) -> str:
        """Take the next word; empty at the end."""
        self._skip()
        self.began = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace():
            self.at += 1
        return self.text[self.began : self.at]

    def execution(self, example: str) -> ExecutionName:
        """Take ``[workspace/]project/pipeline#number``."""
        self._skip()
        self.began = self.at
        if self.at >= len(self.text):
            raise self._stop("Which execution?", example)
        parts = [self._part(example)]
        while self._take("/"):
            parts.append(self._part(example))
        if len(parts) == 1:
            raise self._stop("A pipeline is named project/pipeline.", example)
        if len(parts) > len(("workspace", "project", "pipeline")):
            raise self._stop("A pipeline has at most workspace/project/pipeline.", example)
        if not self._take("#"):
            raise self._stop("The number of the execution is missing, such as #12.", example)
        workspace, project, pipeline = ("", *parts)[-3:]
        return ExecutionName(workspace, project, pipeline, self._number(example))

    def reason(self) -> str:
        """Take an optional ``reason:text``."""
        self._skip()
        if not self.text[self.at :].lower().startswith("reason:"):
            return ""
        self.at += len("reason:")
        self._skip()
        if self.at < len(self.text) and self.text[self.at] in _QUOTES:
            return self._quoted('approve shop/deploy#12 reason:"tested"')[:MAX_REASON]
        rest = self.text[self.at :].strip()
        self.at = len(self.text)
        return rest[:MAX_REASON]

    def expect_end(self, example: str) -> None:
        """Refuse what is left over."""
        self._skip()
        if self.at < len(self.text):
            raise self._stop("I do not understand the text from here on.", example)

    def _part(self, example: str) -> str:
        if self.at < len(self.text) and self.text[self.at] in _QUOTES:
            part = self._quoted(example)
        else:
            start = self.at
            while self.at < len(self.text) and not self._ends_part(self.text[self.at]):
                self.at += 1
            part = self.text[start : self.at]
        if not part.strip():
            raise self._stop("A name is missing here.", example)
        return part

    def _quoted(self, example: str) -> str:
        opened = self.at
        closing = {_QUOTES[self.text[opened]], '"', "”"}
        self.at += 1
        start = self.at
        while self.at < len(self.text):
            if self.text[self.at] in closing:
                self.at += 1
                return self.text[start : self.at - 1]
            self.at += 1
        self.at = opened
        raise self._stop("This quote is never closed.", example)

    def _number(self, example: str) -> int:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            self.at += 1
        digits = self.text[start : self.at]
        if not digits or len(digits) > MAX_NUMBER_DIGITS:
            self.at = start
            raise self._stop("After # comes the execution's number.", example)
        return int(digits)

    def _take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += 1
            return True
        return False

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    @staticmethod
    def _ends_part(char: str) -> bool:
        return char.isspace() or char in "/#" or char in _QUOTES or char in _CLOSING

    def _stop(self, problem: str, example: str) -> CommandSyntaxError:
        return CommandSyntaxError(self.text, self.at, problem, example)
