"""The form that starts a run: which pipeline, of what, with which values, when, and where it shows.

Slack keeps what stands in a field as long as its block id stays. So block ids name the turn in
which the fields were filled anew, and the pipeline's menu counts for itself: what was typed while
Buddy was asked stays, and what is prefilled anew shows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.cards import blocks
from bot.cards.actions import PREFIX
from bot.cards.card import MAX_INPUT_TEXT, Block, Form
from bot.cards.menus import pipeline_option, ref_option
from bot.cards.run_fields import COMMIT, LINES, MORE, PIPELINE, REF, how_to_run, labelled, where
from bot.cards.run_inputs import MAX_FIELDS, variable_fields
from bot.cards.run_memo import Memo
from bot.cards.text import clean, code, cut, escape, moment
from bot.domain.catalog import Pipeline, VariableField
from bot.domain.run import asks_for_ref
from bot.domain.run_entries import Entries, write_lines

RUN_FORM = f"{PREFIX}.run_form"
PIPELINE_MENU = f"{PREFIX}.run_pipeline"
REF_MENU = f"{PREFIX}.run_ref"
SAME_AGAIN = f"{PREFIX}.run_same"
RUN_SHORTCUT = f"{PREFIX}.run_shortcut"

TITLE = "Run a pipeline"
_HEADS, _TAGS = "refs/heads/", "refs/tags/"
_MAX_LISTED = 10
_NEWEST = "Its hash. Left empty, the newest one is run."


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that the form shows."""

    memo: Memo
    entries: Entries = field(default_factory=Entries)
    pipeline: Pipeline | None = None
    """What Buddy tells of the chosen one; None as long as it does not."""

    inputs: tuple[VariableField, ...] = ()
    notes: tuple[str, ...] = ()
    """What must be known before; safe mrkdwn."""

    is_reading: bool = False
    """Whether Buddy is being asked: fields may still come."""

    last_at: datetime | None = None
    """When this person started this pipeline for the last time; None where that is not known."""


def run_form(sheet: Sheet) -> Form:
    """Build the form from what is known now."""
    body = [
        *([blocks.section("\n".join(sheet.notes))] if sheet.notes else []),
        _pipeline_menu(sheet),
        *_about(sheet),
        *_last_time(sheet),
        *_what_to_run(sheet),
        *_variables(sheet),
        *how_to_run(sheet.entries, sheet.pipeline, sheet.memo.turn),
        where(sheet.memo, sheet.entries),
    ]
    return _view(body, submit="Run", private_metadata=sheet.memo.encode())


def looking_form(what: str) -> Form:
    """Say that something is looked up before there is anything to fill in; ``what`` is foreign."""
    told = f":hourglass_flowing_sand: Looking at {escape(what, 150)}…"
    return _view([blocks.section(told)])


def requested_form(name: str, channel: str, starts_at: datetime | None) -> Form:
    """Say that the run is asked for, and where its card appears."""
    when = f", to start {moment(starts_at)}" if starts_at else ""
    told = (
        f":hourglass_flowing_sand: *{escape(name or 'The run', 150)}* is asked for{when}. Its card "
        f"appears in <#{channel}>; what Buddy does not like, I tell you privately. "
        "You can close this."
    )
    return _view([blocks.section(told)])


def _view(body: list[Block], *, submit: str = "", private_metadata: str = "") -> Form:
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": RUN_FORM,
        "title": blocks.plain(TITLE),
        "close": blocks.plain("Back" if submit else "Close"),
        "blocks": body,
    }
    if submit:
        view |= {"submit": blocks.plain(submit), "private_metadata": private_metadata}
    return Form(view)


def _pipeline_menu(sheet: Sheet) -> Block:
    memo = sheet.memo
    chosen = (
        pipeline_option(memo.name or f"Pipeline {memo.at.pipeline}", memo.at) if memo.at else None
    )
    return {
        "type": "input",
        "block_id": f"{PIPELINE}.{memo.menu}",
        "label": blocks.plain("Pipeline"),
        "dispatch_action": True,
        "element": {
            "type": "external_select",
            "action_id": PIPELINE_MENU,
            "min_query_length": 0,
            "placeholder": blocks.plain("Search a project or a pipeline"),
            **({"initial_option": chosen} if chosen else {}),
        },
    }


def _about(sheet: Sheet) -> list[Block]:
    if sheet.is_reading:
        return [blocks.context(":hourglass_flowing_sand: Asking Buddy what this pipeline needs…")]
    at, pipeline = sheet.memo.at, sheet.pipeline
    if at is None or pipeline is None:
        return []
    parts = [escape(f"{at.workspace} / {at.project}", 150)]
    if pipeline.refs:
        refs = [_short(ref) for ref in pipeline.refs[:_MAX_LISTED]]
        parts.append(f"runs for {', '.join(code(one, 80) for one in refs)}")
    return [blocks.context(" · ".join(parts))]


def _last_time(sheet: Sheet) -> list[Block]:
    if sheet.last_at is None:
        return []
    button: Block = {
        "type": "button",
        "action_id": SAME_AGAIN,
        "text": blocks.plain("Same as last time"),
    }
    return [
        blocks.actions(f"same.{sheet.memo.turn}", [button]),
        blocks.context(
            f"You ran it {moment(sheet.last_at)}. Values that Buddy keeps masked are not kept here."
        ),
    ]


def _what_to_run(sheet: Sheet) -> list[Block]:
    pipeline = sheet.pipeline
    if pipeline is not None and pipeline.is_codeless:
        return []
    chosen = ref_option(sheet.entries.ref)
    is_asked = pipeline is not None and asks_for_ref(pipeline)
    usual = _short(pipeline.refs[0]) if pipeline and pipeline.refs and not is_asked else ""
    menu: Block = {
        "type": "external_select",
        "action_id": REF_MENU,
        "min_query_length": 0,
        "placeholder": blocks.plain(
            cut(f"{usual}, as usual" if usual else "Search a branch, or type a tag", 150)
        ),
        **({"initial_option": chosen} if chosen else {}),
    }
    commit: Block = {"type": "plain_text_input", "action_id": "value", "max_length": 64}
    if sheet.entries.revision:
        commit["initial_value"] = sheet.entries.revision
    label = "Branch, tag or pull request"
    return [
        labelled(sheet.memo.turn, REF, label, menu, optional=not is_asked),
        labelled(
            sheet.memo.turn,
            COMMIT,
            "Commit",
            commit,
            hint="Its hash. Left empty, the newest one is run.",
        ),
    ]


def _variables(sheet: Sheet) -> list[Block]:
    entries = sheet.entries.without_secrets(sheet.inputs)
    values, others = entries.split(sheet.inputs)
    shown = variable_fields(sheet.inputs, values, sheet.memo.turn)
    fields = list(shown.fields)
    unread = sheet.entries.unread
    if sheet.is_reading and not (others or unread):
        return fields
    listed = {one.key for one in shown.left_out}
    # A masked value has its own field, or none.
    others = [
        one for one in entries.variables if one.key in listed and not one.is_encrypted
    ] + others
    if shown.left_out:
        fields.append(blocks.section(_left_out(shown.left_out)))
    if sheet.memo.at is None and not (others or unread):
        return fields
    element: Block = {"type": "plain_text_input", "action_id": "value", "multiline": True}
    lines = "\n".join(filter(None, (write_lines(others), unread)))
    if 0 < len(lines) <= MAX_INPUT_TEXT:
        element["initial_value"] = lines
    elif lines:
        fields.append(blocks.section(_too_long([one.key for one in others])))
    label = "More variables" if fields else "Variables"
    name = LINES if sheet.is_reading else MORE
    hint = "KEY=VALUE, one a line. Everybody who may see the run in Buddy can read them there."
    return [*fields, labelled(sheet.memo.turn, name, label, element, hint=hint)]


def _left_out(left_out: tuple[VariableField, ...]) -> str:
    needed = [code(one.key, 60) for one in left_out if not one.has_value]
    must = f" These need a value: {', '.join(needed[:20])}." if needed else ""
    return (
        f":warning: This pipeline asks for more variables than the {MAX_FIELDS} that a form of "
        f"Slack's can show: {len(left_out)} have no field here.{must} Without a value of yours "
        "Buddy uses its own; to set one, write it below as KEY=VALUE."
    )


def _too_long(keys: list[str]) -> str:
    listed = ", ".join(code(key, 60) for key in keys[:20])
    return f":warning: Too long to show here, so fill in again what you need of {listed}."


def _short(ref: str) -> str:
    if ref.startswith(_TAGS):
        return clean(f"tag {ref.removeprefix(_TAGS)}", 80)
    return clean(ref.removeprefix(_HEADS), 80)
