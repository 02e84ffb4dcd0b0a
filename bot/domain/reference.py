"""What people call a project, a pipeline or an execution: words, or a link they pasted.

A name only finds things; what is stored and compared is host, pipeline number and execution number.
``str`` of every name is a text that the command grammar reads back as the same name.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote

from typing_extensions import override

from bot.domain.quotes import QUOTES, quoted

# Without what begins an option of some command.
_PLAIN = re.compile(rf"[^\s/#:=@*{QUOTES}]+")


@dataclass(frozen=True, slots=True)
class ProjectName:
    """A project in words; an empty workspace means «whichever of mine has it»."""

    workspace: str
    project: str

    @override
    def __str__(self) -> str:
        return _path(self.workspace, self.project)


@dataclass(frozen=True, slots=True)
class PipelineName:
    """A pipeline in words; an empty workspace means «whichever of mine has it».

    Without a project it is an alias: a short name that somebody gave to a pipeline.
    """

    workspace: str
    project: str
    pipeline: str

    @property
    def is_alias(self) -> bool:
        """Whether it is a short name, which says nothing of where the pipeline is."""
        return not self.project

    @override
    def __str__(self) -> str:
        return _path(self.workspace, self.project, self.pipeline)


@dataclass(frozen=True, slots=True)
class PipelineLink:
    """A pipeline by its page in Buddy; ``host`` has its port, and may be nobody's we know."""

    host: str
    workspace: str
    project: str
    pipeline: int

    @override
    def __str__(self) -> str:
        workspace, project = (quote(part, safe="") for part in (self.workspace, self.project))
        return f"https://{self.host}/{workspace}/{project}/pipelines/pipeline/{self.pipeline}"


AnyPipeline = PipelineName | PipelineLink

DEFAULT = "default"
"""The alias of the pipeline that is meant where none is named."""


@dataclass(frozen=True, slots=True)
class ExecutionName:
    """An execution of a pipeline: by number, by the hash of its link, or the latest."""

    pipeline: AnyPipeline
    number: int | None = None
    hash: str = ""

    @property
    def is_latest(self) -> bool:
        """Whether nothing says which execution, so that it is the latest."""
        return self.number is None and not self.hash

    @override
    def __str__(self) -> str:
        if self.hash:
            return f"{self.pipeline}/execution/{self.hash}"
        return f"{self.pipeline}" if self.number is None else f"{self.pipeline}#{self.number}"


def _path(*parts: str) -> str:
    return "/".join(_written(part) for part in parts if part)


def _written(part: str) -> str:
    """Write a part so that it is read back as itself."""
    return part if _PLAIN.fullmatch(part) else quoted(part)
