"""Walk over what somebody typed, from left to right, and know the column where it went wrong.

execution = pipeline [ "#" number ] | link         no number: the latest
          | "#" number                             of the default pipeline, where aliases are known
pipeline  = [ part "/" ] part "/" part | link      workspace / project / pipeline
          | part                                   where aliases are known
project   = [ part "/" ] part
topic     = part | [ part "/" ] part "/*"          every pipeline of a project
          | pipeline
part      = name | '"' text '"'
link      = address | "<" address [ "|" label ] ">"          as Slack's composer wraps it
"""

import re

from bot.domain.link import MAX_NUMBER_DIGITS, Linked, read_link
from bot.domain.quotes import QUOTES, read_quoted
from bot.domain.reference import (
    DEFAULT,
    AnyPipeline,
    ExecutionName,
    PipelineName,
    ProjectName,
)
from bot.errors import CommandSyntaxError

_LINK = re.compile(r"<(https?://[^>|]*)(?:\|[^>]*)?>|(https?://[^\s#<>|]*)", re.IGNORECASE)
_FRAGMENT = re.compile(r"#(?![0-9])\S*")
_PARTS = ("workspace", "project", "pipeline")
MAX_REASON = 300
"""Characters of a reason that are kept; it stands in a thread, not in an essay."""

_NOT_UNDERSTOOD = "I do not understand the text from here on."


class Reader:
    """Walks over the text once; ``example`` is the command as it would be right."""

    def __init__(self, text: str, example: str = "", *, aliases: bool = False) -> None:
        self.text = text
        self.example = example
        self.aliases = aliases
        """Whether a pipeline may be named by an alias alone."""
        self.at = 0
        self.began = 0
        self.action_run = ""
        """The run of an action that the link just read opens, if it was one that does."""

    @property
    def is_over(self) -> bool:
        """Whether nothing but space is left."""
        self.skip()
        return self.at >= len(self.text)

    def word(self) -> str:
        """Take the next word; empty at the end."""
        self.skip()
        self.began = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace():
            self.at += 1
        return self.text[self.began : self.at]

    def execution(self) -> ExecutionName:
        """Take an execution."""
        if self.is_over:
            raise self.stop("Which execution?")
        if linked := self._link():
            self.action_run = linked.action_run
            return linked.execution
        if self.aliases and self._take("#"):
            # Of the pipeline that is meant here where none is named.
            return ExecutionName(PipelineName("", "", DEFAULT), self._number())
        pipeline = self._pipeline()
        return ExecutionName(pipeline, self._number() if self._take("#") else None)

    def pipeline(self) -> AnyPipeline:
        """Take a pipeline; a link to one of its executions names it too."""
        if self.is_over:
            raise self.stop("Which pipeline?")
        linked = self._link()
        return linked.execution.pipeline if linked else self._pipeline()

    def project(self) -> ProjectName:
        """Take ``[workspace/]project``."""
        self.skip()
        if _LINK.match(self.text, self.at):
            raise self.stop("Type the project's name here, not a link.")
        return self._project(self._parts())

    def topic(self) -> ProjectName | AnyPipeline:
        """Take a project or a pipeline; of two parts the second one is a pipeline."""
        if self.is_over:
            raise self.stop("Which project or pipeline?")
        if linked := self._link():
            return linked.execution.pipeline
        *names, last = self._parts()
        if not names:
            return ProjectName("", last)
        if last == "*" and self.text[self.at - 1] == "*":
            return self._project(names)
        return self._named([*names, last])

    def reason(self) -> str:
        """Take a reason: the rest of the line; quotes around it may be left out."""
        self.skip()
        return self._quoted_or_rest()[:MAX_REASON].strip()

    def name(self) -> str:
        """Take the rest of the line as one name; quotes around it may be left out."""
        if not self.is_over and not self.text[self.at - 1].isspace():
            raise self.stop(_NOT_UNDERSTOOD)
        return " ".join(self._quoted_or_rest().split())

    def value(self) -> str:
        """Take what ends with the next space, or what is quoted; it may be empty."""
        if self.text[self.at : self.at + 1] in QUOTES and self.at < len(self.text):
            return self._quoted()
        start = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace():
            self.at += 1
        return self.text[start : self.at]

    def begins(self, mark: re.Pattern[str]) -> bool:
        """Whether the next word begins like this."""
        self.skip()
        is_word = not self.at or self.text[self.at - 1].isspace()
        return is_word and mark.match(self.text, self.at) is not None

    def take(self, mark: re.Pattern[str]) -> str:
        """Take what looks like this; empty if nothing here does."""
        found = mark.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def expect_end(self) -> None:
        """Refuse what is left over."""
        if not self.is_over:
            raise self.stop(_NOT_UNDERSTOOD)

    def skip(self) -> None:
        """Pass over space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def stop(self, problem: str, at: int | None = None) -> CommandSyntaxError:
        """Say what is wrong, here or in another column."""
        return CommandSyntaxError(self.text, self.at if at is None else at, problem, self.example)

    def _quoted_or_rest(self) -> str:
        if self.at < len(self.text) and self.text[self.at] in QUOTES:
            return self._quoted()
        rest = self.text[self.at :].strip()
        self.at = len(self.text)
        return rest

    def _link(self) -> Linked | None:
        found = _LINK.match(self.text, self.at)
        if found is None:
            return None
        linked = read_link(found[1] or found[2])
        if linked is None:
            raise self.stop("This link leads to no pipeline and no execution of Buddy.")
        self.at = found.end()
        if fragment := _FRAGMENT.match(self.text, self.at):
            self.at = fragment.end()
        elif linked.execution.is_latest and self._take("#"):
            pipeline = linked.execution.pipeline
            return Linked(ExecutionName(pipeline, self._number()), linked.action_run)
        return linked

    def _pipeline(self) -> PipelineName:
        parts = self._parts()
        if len(parts) > 1:
            return self._named(parts)
        if not self.aliases:
            raise self.stop("A pipeline is named project/pipeline.")
        return PipelineName("", "", parts[0])

    def _named(self, parts: list[str]) -> PipelineName:
        if len(parts) > len(_PARTS):
            raise self.stop("A pipeline has at most workspace/project/pipeline.")
        workspace, project, pipeline = ("", *parts)[-3:]
        return PipelineName(workspace, project, pipeline)

    def _project(self, parts: list[str]) -> ProjectName:
        if len(parts) > len(("workspace", "project")):
            raise self.stop("A project is named project or workspace/project.")
        workspace, project = ("", *parts)[-2:]
        return ProjectName(workspace, project)

    def _parts(self) -> list[str]:
        parts = [self._part()]
        while self._take("/"):
            parts.append(self._part())
        return parts

    def _part(self) -> str:
        if self.at < len(self.text) and self.text[self.at] in QUOTES:
            part = self._quoted()
        else:
            start = self.at
            while self.at < len(self.text) and not _ends_part(self.text[self.at]):
                self.at += 1
            part = self.text[start : self.at]
        if not part.strip():
            raise self.stop("A name is missing here.")
        return part

    def _quoted(self) -> str:
        read = read_quoted(self.text, self.at)
        if read is None:
            raise self.stop("This quote is never closed.")
        text, self.at = read
        return text

    def _number(self) -> int:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            self.at += 1
        digits = self.text[start : self.at]
        if not digits or len(digits) > MAX_NUMBER_DIGITS:
            self.at = start
            raise self.stop("After # comes the execution's number.")
        return int(digits)

    def _take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += 1
            return True
        return False


def read_execution(text: str) -> ExecutionName:
    """Read an execution that ``str`` wrote."""
    return Reader(text, aliases=True).execution()


def read_pipeline(text: str) -> AnyPipeline:
    """Read a pipeline that ``str`` wrote."""
    return Reader(text, aliases=True).pipeline()


def read_project(text: str) -> ProjectName:
    """Read a project that ``str`` wrote."""
    return Reader(text).project()


def _ends_part(char: str) -> bool:
    return char.isspace() or char in "/#" or char in QUOTES
