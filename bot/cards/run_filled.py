"""Read what was filled into the form that starts a run, and say at which field something is wrong.

``filled`` is what stands in the fields by block id, as texts. Block ids of another turn are of
fields that are gone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import assert_never

from bot.cards.menus import read_pipeline, read_ref
from bot.cards.run_fields import (
    CHANNEL,
    CLEAR_CACHE,
    COMMENT,
    COMMIT,
    FROM_SCRATCH,
    LINES,
    MORE,
    OPTIONS,
    PIPELINE,
    PRIORITY,
    REF,
    START,
)
from bot.cards.run_inputs import field_of, read_fields
from bot.cards.run_memo import Memo
from bot.cards.text import clean
from bot.domain.catalog import PipelineRef
from bot.domain.command import Priority
from bot.domain.execution import GitRefKind
from bot.domain.run import (
    CommentLacks,
    Lack,
    MomentPassed,
    Part,
    PipelineOff,
    RefLacks,
    RevisionContradicts,
    SaidTwice,
    TextTooLong,
    TooManyVariables,
    ValueHasLines,
    ValueLacks,
    ValueNotOffered,
)
from bot.domain.run_entries import Entries, LineUnreadable, read_lines

_SHA = re.compile(r"[0-9a-f]{4,64}")
_FIELDS = {
    Part.PIPELINE: PIPELINE,
    Part.REF: REF,
    Part.REVISION: COMMIT,
    Part.VARIABLES: MORE,
    Part.COMMENT: COMMENT,
    Part.DELAY: START,
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form, and what of it cannot be read."""

    memo: Memo
    at: PipelineRef | None
    """The pipeline that is chosen in the menu."""

    entries: Entries
    errors: dict[str, str] = field(default_factory=dict)
    """By the name of the field."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What stood in the fields, by block id."""

    @classmethod
    def read(cls, filled: Mapping[str, str], memo: Memo) -> "Filled":
        """Read the fields of the turn that the form is in."""
        told = {name: filled.get(f"{name}.{memo.turn}", "") for name in (*_FIELDS.values(),)}
        if lines := filled.get(f"{LINES}.{memo.turn}"):
            told[MORE] = lines
        told |= {
            name: filled.get(f"{name}.{memo.turn}", "") for name in (OPTIONS, PRIORITY, CHANNEL)
        }
        ours = {
            key: value for key, value in filled.items() if key.split(".")[1:2] == [str(memo.turn)]
        }
        errors: dict[str, str] = {}
        unread = ""
        try:
            more = read_lines(told[MORE])
        except LineUnreadable as unreadable:
            more, unread = (), told[MORE]
            errors[MORE] = f"Line {unreadable.args[0]} is no KEY=VALUE."
        ref, revision = read_ref(told[REF]), told[COMMIT].strip().lower()
        if told[REF] and ref is None:
            errors[REF] = "That was only a note. Choose a branch, or type its name."
        if revision and not _SHA.fullmatch(revision):
            errors[COMMIT] = "A commit is 4 to 64 hexadecimal digits."
        chosen = told[OPTIONS].split(",")
        entries = Entries(
            ref=ref,
            revision=revision,
            variables=(*read_fields(ours), *more),
            comment=told[COMMENT].strip(),
            from_scratch=FROM_SCRATCH in chosen,
            clear_cache=CLEAR_CACHE in chosen,
            priority=next((one for one in Priority if one.value == told[PRIORITY]), None),
            starts_at=_moment(told[START]),
            unread=unread,
            channel=told[CHANNEL] if memo.asks_channel else memo.place.channel,
        )
        if not entries.channel:
            errors[CHANNEL] = "Choose where the card of the run appears."
        at = read_pipeline(filled.get(f"{PIPELINE}.{memo.menu}", ""))
        if at is None:
            errors[PIPELINE] = "Choose one of the pipelines that the menu finds."
        return cls(memo, at, entries, errors, ours)

    def blocks_of(self, errors: Mapping[str, str]) -> dict[str, str]:
        """Name errors by block id, as Slack wants them."""
        return {self._block(name): text for name, text in errors.items()}

    def refused(self, lacks: Iterable[Lack]) -> dict[str, str]:
        """Say what is missing or contradicts itself, each at its field by block id.

        That a pipeline is off is left out: it may have been switched on meanwhile.
        """
        errors: dict[str, str] = {}
        for lack in lacks:
            if not isinstance(lack, PipelineOff):
                name, key = _FIELDS[lack.part], _key(lack)
                errors.setdefault(field_of(key, self.fields) or self._block(name), say(lack))
        return errors

    def _block(self, name: str) -> str:
        wanted = f"{name}.{self.memo.turn}"
        if name == MORE and wanted not in self.fields:
            wanted = f"{LINES}.{self.memo.turn}"
        # What the form does not show is said where everything begins.
        return wanted if wanted in self.fields else f"{PIPELINE}.{self.memo.menu}"


def say(lack: Lack) -> str:  # noqa: C901, PLR0911 - one line for each lack
    """Say in plain text what is missing or contradicts itself, and how to mend it."""
    match lack:
        case RefLacks():
            return (
                "This pipeline does not say what to run. Choose a branch, a tag or a pull request."
            )
        case RevisionContradicts(kind):
            word = "A tag" if kind is GitRefKind.TAG else "A pull request"
            return f"{word} says already which commit it is. Leave one of them empty."
        case CommentLacks():
            return "This pipeline wants to know why it runs. Write a comment."
        case ValueLacks(asked):
            return f"{clean(asked.key, 60)} needs a value."
        case ValueNotOffered(asked):
            listed = ", ".join(clean(one, 40) for one in asked.options[:10])
            return f"{clean(asked.key, 60)} is one of: {listed}."
        case ValueHasLines(key):
            return f"{clean(key, 60)} has several lines, and Buddy takes one."
        case TextTooLong(key):
            return f"{clean(key, 60) or 'The comment'} is longer than 3,000 characters."
        case SaidTwice(key):
            return f"{clean(key, 60)} has two values. Leave one of them out."
        case TooManyVariables(count):
            return f"{count} variables are given, and 100 can be. Leave some out."
        case MomentPassed():
            return "This moment is over. Choose a later one, or leave it empty to start now."
        case PipelineOff(reason, is_paused=is_paused):
            state = "paused" if is_paused else "switched off"
            why = f": {clean(reason, 150)}" if reason else ""
            return f"This pipeline is {state} in Buddy{why}. Choose another, or switch it on there."
    assert_never(lack)


def _key(lack: Lack) -> str:
    match lack:
        case ValueLacks(asked) | ValueNotOffered(asked):
            return asked.key
        case ValueHasLines(key) | TextTooLong(key) | SaidTwice(key):
            return key
        case _:
            return ""


def _moment(seconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
