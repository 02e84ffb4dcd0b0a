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
from bot.cards.run_inputs import MAX_FIELDS, is_shown_whole, variable_fields
from bot.cards.run_memo import Memo
from bot.cards.text import clean, code, cut, escape, moment
from bot.domain.catalog import Pipeline, VariableField
from bot.domain.command import Priority
from bot.domain.run import asks_for_ref
from bot.domain.run_entries import Entries, write_lines

RUN_FORM = f"{PREFIX}.run_form"
PIPELINE_MENU = f"{PREFIX}.run_pipeline"
REF_MENU = f"{PREFIX}.run_ref"
SAME_AGAIN = f"{PREFIX}.run_same"
RUN_SHORTCUT = f"{PREFIX}.run_shortcut"

PIPELINE, REF, COMMIT, MORE = "pipeline", "ref", "commit", "more"
COMMENT, OPTIONS, PRIORITY, START, CHANNEL = "comment", "options", "priority", "start", "channel"
"""Names of fields; a block id is a name and the turn."""

FROM_SCRATCH, CLEAR_CACHE = "from-scratch", "clear-cache"
TITLE = "Run a pipeline"
_HEADS, _TAGS = "refs/heads/", "refs/tags/"
_MAX_LISTED = 10


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
        *(blocks.section(note) for note in sheet.notes),
        _pipeline_menu(sheet),
        *_about(sheet),
        *_last_time(sheet),
        *_what_to_run(sheet),
        *_variables(sheet),
        *_how_to_run(sheet),
        _where(sheet),
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
        _input(sheet, REF, label, menu, optional=not is_asked),
        _input(
            sheet, COMMIT, "Commit", commit, hint="Its hash. Left empty, the newest one is run."
        ),
    ]


def _variables(sheet: Sheet) -> list[Block]:
    values, others = sheet.entries.split(sheet.inputs)
    shown = variable_fields(sheet.inputs, values, sheet.memo.turn)
    fields = list(shown.fields)
    unread = sheet.entries.unread
    if sheet.is_reading and not (others or unread):
        return fields
    listed = {one.key for one in shown.left_out}
    others = [one for one in sheet.entries.variables if one.key in listed] + others
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
    hint = "KEY=VALUE, one a line. Everybody who may see the run in Buddy can read them there."
    return [*fields, _input(sheet, MORE, label, element, hint=hint)]


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


def _how_to_run(sheet: Sheet) -> list[Block]:
    entries, pipeline = sheet.entries, sheet.pipeline
    comment: Block = {
        "type": "plain_text_input",
        "action_id": "value",
        "max_length": MAX_INPUT_TEXT,
    }
    if entries.comment and is_shown_whole(entries.comment):
        comment["initial_value"] = entries.comment
    flags = [
        ({"text": blocks.plain(label), "value": value}, is_set)
        for label, value, is_set in (
            ("From scratch: deploy everything anew", FROM_SCRATCH, entries.from_scratch),
            ("Clear the cache first", CLEAR_CACHE, entries.clear_cache),
        )
    ]
    boxes: Block = {
        "type": "checkboxes",
        "action_id": "value",
        "options": [option for option, _ in flags],
    }
    if is_set := [option for option, is_set in flags if is_set]:
        boxes["initial_options"] = is_set
    start: Block = {"type": "datetimepicker", "action_id": "value"}
    if entries.starts_at is not None:
        start["initial_date_time"] = int(entries.starts_at.timestamp())
    must_say = pipeline is not None and pipeline.needs_comment
    why = "This pipeline wants to know why it runs." if must_say else "Shown with the run in Buddy."
    return [
        _input(sheet, COMMENT, "Comment", comment, hint=why, optional=not must_say),
        _input(sheet, OPTIONS, "Options", boxes),
        _input(sheet, PRIORITY, "Priority", _priorities(entries.priority)),
        _input(sheet, START, "Start at", start, hint="Left empty, it starts now."),
    ]


def _priorities(chosen: Priority | None) -> Block:
    options = {
        one: {"text": blocks.plain(one.value.capitalize()), "value": one.value} for one in Priority
    }
    menu: Block = {
        "type": "static_select",
        "action_id": "value",
        "placeholder": blocks.plain("Normal"),
        "options": list(options.values()),
    }
    return menu | {"initial_option": options[chosen]} if chosen else menu


def _where(sheet: Sheet) -> Block:
    memo = sheet.memo
    if not memo.asks_channel:
        return blocks.context(f"The card of the run appears in <#{memo.place.channel}>.")
    menu: Block = {
        "type": "conversations_select",
        "action_id": "value",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if sheet.entries.channel:
        menu["initial_conversation"] = sheet.entries.channel
    hint = "The card of the run appears there. I must be a member of the channel."
    return _input(sheet, CHANNEL, "Channel", menu, hint=hint, optional=False)


def _input(
    sheet: Sheet, name: str, label: str, element: Block, *, hint: str = "", optional: bool = True
) -> Block:
    block: Block = {
        "type": "input",
        "block_id": f"{name}.{sheet.memo.turn}",
        "label": blocks.plain(label),
        "optional": optional,
        "element": element,
    }
    return block | {"hint": blocks.plain(hint)} if hint else block


def _short(ref: str) -> str:
    if ref.startswith(_TAGS):
        return clean(f"tag {ref.removeprefix(_TAGS)}", 80)
    return clean(ref.removeprefix(_HEADS), 80)
