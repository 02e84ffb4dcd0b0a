"""Fields of the form that starts a run: what they are called, and those that every run has."""

from bot.cards import blocks
from bot.cards.card import MAX_INPUT_TEXT, Block
from bot.cards.run_inputs import is_shown_whole
from bot.cards.run_memo import Memo
from bot.domain.catalog import Pipeline
from bot.domain.command import Priority
from bot.domain.run_entries import Entries

PIPELINE, REF, COMMIT, MORE, LINES = "pipeline", "ref", "commit", "more", "lines"
COMMENT, OPTIONS, PRIORITY, START, CHANNEL = "comment", "options", "priority", "start", "channel"
"""Names of fields; a block id is a name and the turn.

What is typed for variables stands in ``LINES`` until it is known which of them have a field; what
is left of it then stands in ``MORE``.
"""

FROM_SCRATCH, CLEAR_CACHE = "from-scratch", "clear-cache"


def how_to_run(entries: Entries, pipeline: Pipeline | None, turn: int) -> list[Block]:
    """Ask why, how, how urgently and when it is to run."""
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
        labelled(turn, COMMENT, "Comment", comment, hint=why, optional=not must_say),
        labelled(turn, OPTIONS, "Options", boxes),
        labelled(turn, PRIORITY, "Priority", _priorities(entries.priority)),
        labelled(turn, START, "Start at", start, hint="Left empty, it starts now."),
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


def where(memo: Memo, entries: Entries) -> Block:
    """Say where the card appears, or ask for it."""
    if not memo.asks_channel:
        return blocks.context(f"The card of the run appears in <#{memo.place.channel}>.")
    menu: Block = {
        "type": "conversations_select",
        "action_id": "value",
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if entries.channel:
        menu["initial_conversation"] = entries.channel
    hint = "The card of the run appears there. I must be a member of the channel."
    return labelled(memo.turn, CHANNEL, "Channel", menu, hint=hint, optional=False)


def labelled(
    turn: int, name: str, label: str, element: Block, *, hint: str = "", optional: bool = True
) -> Block:
    """Build a field of the form."""
    block: Block = {
        "type": "input",
        "block_id": f"{name}.{turn}",
        "label": blocks.plain(label),
        "optional": optional,
        "element": element,
    }
    return block | {"hint": blocks.plain(hint)} if hint else block
