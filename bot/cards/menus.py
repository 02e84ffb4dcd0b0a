"""Options of the menus that are filled while somebody types: written here, read by the handlers.

A value travels through Slack and back, so it holds no secret and is treated as untrusted input.
What only says something is an option, too, since a menu has nothing else; choosing it means
nothing.
"""

import json
import re
from collections.abc import Iterator
from typing import TypeVar

from bot.cards import blocks
from bot.cards.card import MAX_OPTION_TEXT, MAX_OPTION_VALUE, MAX_OPTIONS, Block
from bot.cards.text import clean
from bot.domain.catalog import Choices, PipelineRef
from bot.domain.execution import GitRef, GitRefKind
from bot.errors import BotError, LinkError, NotLinked, PersonRefused, TokenRejected

LIMIT = MAX_OPTIONS - 5
"""How many things are looked for: the rest is for what was typed, and for what is only said."""

_NOTE = "-"
"""The value of an option that only says something."""

_MARKS = {GitRefKind.BRANCH: "b", GitRefKind.TAG: "t", GitRefKind.PULL_REQUEST: "p"}
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_REF_NAME = re.compile(r"[^\s~^:?*\[\\\x00-\x1f\x7f]{1,255}")
"""What can be the name of a branch or a tag. Source: git-check-ref-format."""

_SAID = re.compile(
    r"(?P<branch>@)|(?P<tag>tag[:\s]\s*)|(?P<pull_request>#|pr[:\s]\s*|pull request\s+)",
    re.IGNORECASE,
)
"""What may stand before a name: as a command has it, or as the menu says it."""

_LARGEST = 2**63 - 1
_ALIKE = "a project and a pipeline, like shop/deploy"
T = TypeVar("T")


def note_option(text: str) -> Block:
    """Say something in a menu."""
    return {"text": blocks.plain(clean(text, MAX_OPTION_TEXT)), "value": _NOTE}


def problem_option(error: BotError, command: str) -> Block:
    """Say in a menu why it cannot be filled, and what to do."""
    match error:
        case NotLinked():
            return note_option(f"Connect your Buddy account first: {command} connect")
        case LinkError() | TokenRejected():
            return note_option(f"Connect your Buddy account again: {command} connect")
        case PersonRefused():
            return note_option("Only full members of this Slack team can do this.")
        case _:
            return slow_option()


def slow_option() -> Block:
    """Say that nothing is known in time."""
    return note_option("This takes longer than a menu waits. Type on, and I look again.")


def pipeline_options(choices: Choices[PipelineRef]) -> list[Block]:
    """Offer pipelines; the last option says what is missing."""
    offered = [
        option
        for choice in choices.found
        if (option := pipeline_option(choice.label, choice.means)) is not None
    ]
    return [*offered, *_missing(choices, _ALIKE)]


def pipeline_option(label: str, at: PipelineRef) -> Block | None:
    """Offer one pipeline, with its place in small print; None if Slack cannot hold it."""
    value = _write_pipeline(at)
    if not value:
        return None
    place = clean(f"{at.workspace}/{at.project}", MAX_OPTION_TEXT) or "…"
    return _option(label, value) | {"description": blocks.plain(place)}


def read_pipeline(value: str) -> PipelineRef | None:
    """Read what was chosen; None if it is no pipeline."""
    try:
        match json.loads(value):
            case [str(host), int(number), str(workspace), str(project)] if host and workspace:
                is_number = not isinstance(number, bool) and 0 <= number <= _LARGEST
                return PipelineRef(host, workspace, project, number) if is_number else None
    except (ValueError, RecursionError):
        pass
    return None


def ref_options(typed: str, branches: Choices[str]) -> list[Block]:
    """Offer branches, and what was typed as whatever it can be: nobody lists tags."""
    wanted = typed.strip()
    named = [GitRef(GitRefKind.BRANCH, choice.means) for choice in branches.found]
    offered = list(_refs(dict.fromkeys([*named, *_as_typed(wanted)])))
    if not offered and not branches.is_partial:
        return [note_option("Type the name of a branch or a tag, or the number of a pull request.")]
    return [*offered, *_missing(branches, "the beginning of its name")]


def unchosen_options() -> list[Block]:
    """Say that branches belong to a pipeline."""
    return [note_option("Choose the pipeline first.")]


def ref_option(ref: GitRef | None) -> Block | None:
    """Offer what is chosen already; None if nothing is, or Slack cannot hold it."""
    return next(_refs([ref]), None) if ref else None


def read_ref(value: str) -> GitRef | None:
    """Read what was chosen; None if it is nothing that can be run."""
    mark, _, name = value.partition(":")
    kind = next((kind for kind, known in _MARKS.items() if known == mark), None)
    return GitRef(kind, name) if kind and name else None


def say_ref(ref: GitRef) -> str:
    """Name a branch, a tag or a pull request, as plain text."""
    if ref.kind is GitRefKind.PULL_REQUEST:
        return f"Pull request {ref.name.removeprefix('pull/')}"
    return f"Tag {ref.name}" if ref.kind is GitRefKind.TAG else ref.name


def _write_pipeline(at: PipelineRef) -> str:
    """Write a pipeline into a value; empty if Slack cannot hold it.

    Without the project where its name is too long: by its number it is found all the same.
    """
    for project in (at.project, ""):
        told = [at.host, at.pipeline, at.workspace, project]
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        if len(text) <= MAX_OPTION_VALUE:
            return text
    return ""


def _as_typed(wanted: str) -> Iterator[GitRef]:
    """Take what was typed as everything that it can be, or as what is said before it."""
    said = _SAID.match(wanted)
    kinds = {GitRefKind(kind) for kind, mark in said.groupdict().items() if mark} if said else set()
    name = wanted[said.end() :] if said else wanted
    if _REF_NAME.fullmatch(name):
        for kind in (GitRefKind.BRANCH, GitRefKind.TAG):
            if not kinds or kind in kinds:
                yield GitRef(kind, name)
    if _NUMBER.fullmatch(name) and (not kinds or GitRefKind.PULL_REQUEST in kinds):
        yield GitRef(GitRefKind.PULL_REQUEST, name)


def _refs(refs: "dict[GitRef, None] | list[GitRef]") -> Iterator[Block]:
    for ref in refs:
        value = f"{_MARKS[ref.kind]}:{ref.name}"
        # What is too long is never cut into something else; it can be typed after the command.
        if len(value) <= MAX_OPTION_VALUE:
            yield _option(say_ref(ref), value)


def _option(label: str, value: str) -> Block:
    return {"text": blocks.plain(clean(label, MAX_OPTION_TEXT) or "…"), "value": value}


def _missing(choices: Choices[T], what: str) -> list[Block]:
    if choices.is_partial and not choices.found:
        return [slow_option()]
    if choices.is_partial:
        return [note_option(f"There may be more. Type {what}.")]
    if len(choices.found) >= LIMIT:
        return [note_option(f"More fit. Type {what}.")]
    return []
