"""What stands in the fields of the form that starts a run. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.catalog import PipelineRef, VariableField
from bot.domain.command import Assignment, Priority
from bot.domain.execution import Execution, GitRef, GitRefKind
from bot.domain.run import RunRequest, Wanted

_LINE = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")


class LineUnreadable(ValueError):
    """A line is no ``KEY=VALUE``; its number is the first argument."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What was filled in so far, whichever pipeline it is for."""

    ref: GitRef | None = None
    revision: str = ""
    variables: tuple[Assignment, ...] = ()
    comment: str = ""
    from_scratch: bool = False
    clear_cache: bool = False
    priority: Priority | None = None
    starts_at: datetime | None = None
    channel: str = ""
    """Where the card is to appear, if the form asks."""

    unread: str = field(default="", repr=False)
    """Lines that were typed for variables and are none yet: they stay to be mended."""

    @classmethod
    def of(cls, wanted: Wanted) -> "Entries":
        """Take what was said; a time without a day has to be made a moment before."""
        return cls(
            wanted.ref,
            wanted.revision,
            wanted.variables,
            wanted.comment,
            wanted.from_scratch,
            wanted.clear_cache,
            wanted.priority,
            wanted.delay_until if isinstance(wanted, RunRequest) else None,
        )

    @classmethod
    def of_execution(cls, execution: Execution) -> "Entries":
        """Take what an execution ran; a tag or a pull request says by itself which commit it is."""
        ref, sha = execution.git_ref, execution.revision.sha if execution.revision else ""
        is_fixed = ref is not None and ref.kind is not GitRefKind.BRANCH
        return cls(ref, "" if is_fixed else sha.lower(), comment=execution.comment.strip())

    def like(self, ran: "Entries") -> "Entries":
        """Take besides what only the request for it says: values, and how it was run."""
        return replace(
            self,
            variables=ran.variables,
            from_scratch=ran.from_scratch,
            clear_cache=ran.clear_cache,
            priority=ran.priority,
        )

    def request(self, pipeline: PipelineRef) -> RunRequest:
        """Ask for a run of a pipeline."""
        return RunRequest(
            pipeline,
            self.ref,
            self.revision,
            self.variables,
            self.comment,
            self.from_scratch,
            self.clear_cache,
            self.priority,
            self.starts_at,
        )

    def split(self, inputs: Sequence[VariableField]) -> tuple[dict[str, str], list[Assignment]]:
        """Tell the values of variables that are asked for by key, and the others as they are."""
        keys = {one.key for one in inputs}
        asked = {one.key: one.value for one in self.variables if one.key in keys}
        return asked, [one for one in self.variables if one.key not in keys]

    def without_defaults(self, shown: Mapping[str, str]) -> "Entries":
        """Leave out what nobody typed: values that are still as the form showed them."""
        typed = [one for one in self.variables if shown.get(one.key) != one.value]
        return replace(self, variables=tuple(typed))

    def without_secrets(self, inputs: Sequence[VariableField]) -> "Entries":
        """Leave out masked values that no masked variable of these asks for: they show nowhere."""
        masked = {one.key for one in inputs if one.is_encrypted}
        kept = [one for one in self.variables if not one.is_encrypted or one.key in masked]
        return replace(self, variables=tuple(kept))


def read_lines(text: str) -> tuple[Assignment, ...]:
    """Read variables, one a line.

    Raises:
        LineUnreadable: a line is none.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise LineUnreadable(number)
        found.append(Assignment(match[1], match[2].strip()))
    return tuple(found)


def write_lines(variables: Sequence[Assignment]) -> str:
    """Write variables so that they are read as themselves; several lines become one.

    Of what has no value only the key is written, which is no line until somebody gives it one.
    """
    return "\n".join(
        f"{one.key}={' '.join(one.value.splitlines())}" if one.value else one.key
        for one in variables
    )
