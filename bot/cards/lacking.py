"""What a run lacks, said to the person who asked for it, with one correct example.

Values of variables are never among it, only their keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from bot.cards import blocks
from bot.cards.card import MAX_MESSAGE_TEXT, Block, Card
from bot.cards.text import code, escape, moment, whole
from bot.domain.command import Assignment, Run
from bot.domain.execution import GitRef, GitRefKind
from bot.domain.grammar import write
from bot.domain.reference import PipelineName
from bot.domain.run import (
    MAX_TEXT,
    MAX_VARIABLES,
    CommentLacks,
    Lack,
    MomentPassed,
    PipelineOff,
    RefLacks,
    RevisionContradicts,
    SaidTwice,
    TextTooLong,
    TooManyVariables,
    ValueHasLines,
    ValueLacks,
    ValueNotOffered,
    Wanted,
)

_MAX_LISTED = 10
_MAX_EXAMPLE = 600
_ANY = "…"
"""Stands in an example for a value that somebody typed, or is to type."""

_KINDS = {
    GitRefKind.BRANCH: "branch",
    GitRefKind.TAG: "tag",
    GitRefKind.PULL_REQUEST: "pull request",
}


def lacks_card(lacks: Sequence[Lack], wanted: Wanted, button: Block | None, command: str) -> Card:
    """List what is missing, with one correct example, and the button of the form that asks."""
    lines = [f"• {explain(lack)}" for lack in lacks[:_MAX_LISTED]]
    if len(lacks) > _MAX_LISTED:
        lines.append(f"• …and {len(lacks) - _MAX_LISTED} more.")
    typed = code(f"{command} {example_of(wanted, lacks)}", _MAX_EXAMPLE)
    told = ["Nothing was sent yet:", *lines, f"For example: {typed}"]
    text = "\n".join(told)
    body: list[Block] = [blocks.section(text)]
    if button is not None:
        body.append(blocks.actions("fill_in", [button]))
    return Card(whole(text, MAX_MESSAGE_TEXT), tuple(body))


def example_of(wanted: Wanted, lacks: Iterable[Lack]) -> str:
    """Write the command as it would be right, without any value that was typed."""
    example = _typed(wanted)
    values = {one.key: _ANY for one in example.variables}
    for lack in lacks:
        match lack:
            case RefLacks(patterns=patterns):
                example = replace(example, ref=_ref(patterns), revision="")
            case RevisionContradicts():
                example = replace(example, revision="")
            case CommentLacks() | TextTooLong(key=""):
                example = replace(example, comment="why it runs")
            case ValueLacks(input=asked) | ValueNotOffered(input=asked):
                values[asked.key] = asked.options[0] if asked.options else _ANY
            case _:
                pass
    kept = [*values.items()][:_MAX_LISTED]
    return write(replace(example, variables=tuple(Assignment(key, value) for key, value in kept)))


def explain(lack: Lack) -> str:  # noqa: C901, PLR0911 - one line for each lack
    """Say in safe mrkdwn what is missing or contradicts itself, and what to do about it."""
    match lack:
        case RefLacks(patterns=patterns):
            runs_for = f" It runs for {_patterns(patterns)}." if patterns else ""
            return f"*Branch, tag or pull request*: say what it runs for.{runs_for}"
        case RevisionContradicts(kind=kind):
            return f"*Revision*: a {_KINDS[kind]} says already which commit it is. Leave one out."
        case CommentLacks():
            return "*Comment*: this pipeline wants to be told why it runs."
        case ValueLacks(input=asked):
            told = f" {escape(asked.description, 150)}" if asked.description else ""
            return f"*{escape(asked.key, 80)}*: it needs a value.{told}"
        case ValueNotOffered(input=asked):
            offered = ", ".join(code(one, 40) for one in asked.options[:_MAX_LISTED])
            return f"*{escape(asked.key, 80)}*: its value is one of {offered}."
        case ValueHasLines(key=key):
            return f"*{escape(key, 80)}*: a value is a single line."
        case TextTooLong(key=key):
            what = escape(key, 80) if key else "Comment"
            return f"*{what}*: at most {MAX_TEXT:,} characters fit."
        case SaidTwice(key=key):
            return f"*{escape(key, 80)}*: it has two values. Leave one out."
        case TooManyVariables(count=count):
            return f"*Variables*: {count} are too many; at most {MAX_VARIABLES} fit."
        case MomentPassed(at=at):
            return f"*Start*: {moment(at)} is over. Choose a later moment."
        case PipelineOff(reason=reason):
            return f"*Pipeline*: it is switched off. {escape(reason, 150)}".rstrip()
    assert_never(lack)


def _patterns(patterns: Sequence[str]) -> str:
    named = (one.removeprefix("refs/heads/").removeprefix("refs/") for one in patterns)
    return ", ".join(code(one, 60) for one in [*named][:_MAX_LISTED])


def _typed(wanted: Wanted) -> Run:
    if isinstance(wanted, Run):
        return wanted
    at = wanted.pipeline
    return Run(
        PipelineName("", at.project, str(at.pipeline)),
        wanted.ref,
        wanted.revision if wanted.ref is None else "",
        wanted.variables,
        wanted.comment,
        wanted.from_scratch,
        wanted.clear_cache,
        wanted.priority,
    )


def _ref(patterns: Sequence[str]) -> GitRef:
    """Choose a ref that the pipeline runs for: the first that is no pattern, else one that fits."""
    for one in patterns:
        if "*" not in one and one.startswith("refs/tags/"):
            return GitRef(GitRefKind.TAG, one.removeprefix("refs/tags/"))
        if "*" not in one and one:
            return GitRef(GitRefKind.BRANCH, one.removeprefix("refs/heads/"))
    tags = [one for one in patterns if one.startswith("refs/tags/")]
    if tags and len(tags) == len(patterns):
        return GitRef(GitRefKind.TAG, tags[0].removeprefix("refs/tags/").replace("*", "1.0"))
    fits = [one.removeprefix("refs/heads/") for one in patterns if one not in tags]
    fitting = next((one.replace("*", "1.0") for one in fits if one.strip("*/")), "main")
    return GitRef(GitRefKind.BRANCH, fitting)
