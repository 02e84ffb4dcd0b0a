"""Walk over what somebody typed, from left to right, and know the column where it went wrong.

execution = pipeline [ "#" number ] | link         no number: the latest
pipeline  = [ part "/" ] part "/" part | link      workspace / project / pipeline
project   = [ part "/" ] part
part      = name | '"' text '"'
link      = address | "<" address [ "|" label ] ">"          as Slack's composer wraps it
reason    = "reason:" ( '"' text '"' | the rest of the line )
"""

import re

from bot.domain.link import MAX_NUMBER_DIGITS, Linked, read_link
from bot.domain.reference import AnyPipeline, ExecutionName, PipelineName, ProjectName
from bot.errors import CommandSyntaxError

_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "”": "”"}
_CLOSING = '”“"»'
_LINK = re.compile(r"<(https?://[^>|]*)(?:\|[^>]*)?>|(https?://[^\s#<>|]*)", re.IGNORECASE)
_FRAGMENT = re.compile(r"#(?![0-9])\S*")
_PARTS = ("workspace", "project", "pipeline")
MAX_REASON = 300
"""Characters of a reason that are kept; it stands in a thread, not in an essay."""


class Reader:
    """Walks over the text once; ``example`` is the command as it would be right."""

    def __init__(self, text: str, example: str = "") -> None:
        self.text = text
        self.example = example
        self.at = 0
        self.began = 0
        self.action_run = ""
        """The run of an action that the link just read opens, if it was one that does."""

    @property
    def is_over(self) -> bool:
        """Whether nothing but space is left."""
        self._skip()
        return self.at >= len(self.text)

    def word(self) -> str:
        """Take the next word; empty at the end."""
        self._skip()
        self.began = self.at
        while self.at < len(self.text) and not self.text[self.at].isspace():
            self.at += 1
        return self.text[self.began : self.at]

    def execution(self) -> ExecutionName:
        """Take an execution."""
        if self.is_over:
            raise self._stop("Which execution?")
        if linked := self._link():
            self.action_run = linked.action_run
            return linked.execution
        pipeline = self._pipeline()
        return ExecutionName(pipeline, self._number() if self._take("#") else None)

    def pipeline(self) -> AnyPipeline:
        """Take a pipeline; a link to one of its executions names it too."""
        if self.is_over:
            raise self._stop("Which pipeline?")
        linked = self._link()
        return linked.execution.pipeline if linked else self._pipeline()

    def project(self) -> ProjectName:
        """Take ``[workspace/]project``."""
        self._skip()
        if _LINK.match(self.text, self.at):
            raise self._stop("Type the project's name here, not a link.")
        parts = self._parts()
        if len(parts) > len(("workspace", "project")):
            raise self._stop("A project is named project or workspace/project.")
        workspace, project = ("", *parts)[-2:]
        return ProjectName(workspace, project)

    def reason(self) -> str:
        """Take an optional ``reason:text``."""
        self._skip()
        if not self.text[self.at :].lower().startswith("reason:"):
            return ""
        self.at += len("reason:")
        self._skip()
        return self._quoted_or_rest()[:MAX_REASON].strip()

    def name(self) -> str:
        """Take the rest of the line as one name; quotes around it may be left out."""
        if not self.is_over and not self.text[self.at - 1].isspace():
            raise self._stop("I do not understand the text from here on.")
        return " ".join(self._quoted_or_rest().split())

    def expect_end(self) -> None:
        """Refuse what is left over."""
        if not self.is_over:
            raise self._stop("I do not understand the text from here on.")

    def _quoted_or_rest(self) -> str:
        if self.at < len(self.text) and self.text[self.at] in _QUOTES:
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
            raise self._stop("This link leads to no pipeline and no execution of Buddy.")
        self.at = found.end()
        if fragment := _FRAGMENT.match(self.text, self.at):
            self.at = fragment.end()
        elif linked.execution.is_latest and self._take("#"):
            pipeline = linked.execution.pipeline
            return Linked(ExecutionName(pipeline, self._number()), linked.action_run)
        return linked

    def _pipeline(self) -> PipelineName:
        parts = self._parts()
        if len(parts) == 1:
            raise self._stop("A pipeline is named project/pipeline.")
        if len(parts) > len(_PARTS):
            raise self._stop("A pipeline has at most workspace/project/pipeline.")
        workspace, project, pipeline = ("", *parts)[-3:]
        return PipelineName(workspace, project, pipeline)

    def _parts(self) -> list[str]:
        parts = [self._part()]
        while self._take("/"):
            parts.append(self._part())
        return parts

    def _part(self) -> str:
        if self.at < len(self.text) and self.text[self.at] in _QUOTES:
            part = self._quoted()
        else:
            start = self.at
            while self.at < len(self.text) and not _ends_part(self.text[self.at]):
                self.at += 1
            part = self.text[start : self.at]
        if not part.strip():
            raise self._stop("A name is missing here.")
        return part

    def _quoted(self) -> str:
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
        raise self._stop("This quote is never closed.")

    def _number(self) -> int:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            self.at += 1
        digits = self.text[start : self.at]
        if not digits or len(digits) > MAX_NUMBER_DIGITS:
            self.at = start
            raise self._stop("After # comes the execution's number.")
        return int(digits)

    def _take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += 1
            return True
        return False

    def _skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def _stop(self, problem: str) -> CommandSyntaxError:
        return CommandSyntaxError(self.text, self.at, problem, self.example)


def read_execution(text: str) -> ExecutionName:
    """Read an execution that ``str`` wrote."""
    return Reader(text).execution()


def read_pipeline(text: str) -> AnyPipeline:
    """Read a pipeline that ``str`` wrote."""
    return Reader(text).pipeline()


def read_project(text: str) -> ProjectName:
    """Read a project that ``str`` wrote."""
    return Reader(text).project()


def as_rest(text: str) -> str:
    """Write what stands last on the line so that it is read back as itself."""
    return f'"{text}"' if text[0] in _QUOTES or text != text.strip() else text


def _ends_part(char: str) -> bool:
    return char.isspace() or char in "/#" or char in _QUOTES or char in _CLOSING
