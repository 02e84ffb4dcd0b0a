"""The forms that ask what a channel is told, and when it is quiet."""

from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from typing import Any

from bot.cards import blocks
from bot.cards import subscribing as ids
from bot.cards.card import Block, Form
from bot.cards.subscribing import FormMemo
from bot.cards.wishes import WORDS, title_of
from bot.domain.ladder import Ladder, write_ladder
from bot.domain.quiet import QuietHours
from bot.domain.subscription import ONLY_FAILURES, ONLY_GATES, USUAL, Subscription, Wish

MAX_BRANCHES = 1000
"""Characters of the branch patterns of one subscription."""

MAX_CALLED = 5
"""People who are called where somebody must act."""


class Preset(StrEnum):
    """A usual choice of moments."""

    EVERYTHING = "everything"
    FAILURES = "failures"
    GATES = "gates"
    CHOSEN = "chosen"


class More(StrEnum):
    """What else can be wished."""

    MINE = "mine"
    BROADCAST = "broadcast"


MOMENTS = {
    Preset.EVERYTHING: USUAL,
    Preset.FAILURES: ONLY_FAILURES,
    Preset.GATES: ONLY_GATES,
}
_PRESETS = {
    Preset.EVERYTHING: "Everything: starts, gates and how it ended",
    Preset.FAILURES: "Only failures, and when they are fixed",
    Preset.GATES: "Only gates that wait for somebody",
    Preset.CHOSEN: "What is ticked below",
}
_MORE = {
    More.MINE.value: "Only what I start",
    More.BROADCAST.value: "Show failures to the whole channel, not to the thread alone",
}
_THEIRS = {**_MORE, More.MINE.value: "Only what one person starts, as it is now"}
"""What is offered to somebody who changes what is about another person's executions."""

_OWN = {"failures": "Tell me directly when something fails that I started"}


def subscribe_form(
    memo: FormMemo, wish: Wish, about: Subscription | None = None, user: str = ""
) -> Form:
    """Ask what a channel is told; ``about`` is the subscription that ``user`` changes."""
    body: list[Block] = []
    if about is None:
        body.append(
            _input(
                ids.TOPIC_BLOCK,
                "Project or pipeline",
                {
                    "type": "external_select",
                    "action_id": ids.TOPIC_MENU,
                    "min_query_length": 0,
                    "placeholder": blocks.plain("Type a part of its name"),
                },
            )
        )
    else:
        body.append(blocks.section(f"*{title_of(about)}*"))
    more = _THEIRS if about is not None and wish.by_user not in {"", user} else _MORE
    preset = next((one for one, told in MOMENTS.items() if set(told) == set(wish.moments)), None)
    body += [
        _choice(ids.PRESET_BLOCK, "Tell this channel", _PRESETS, preset or Preset.CHOSEN),
        _boxes(ids.MOMENTS_BLOCK, "…of these", _moments(), [one.value for one in wish.moments]),
        blocks.text_input(
            ids.BRANCH_BLOCK,
            "Only these branches",
            hint="Names or patterns with a space between them, such as main release/*. Empty: all.",
            optional=True,
            max_length=MAX_BRANCHES,
            **_initially(wish.branch),
        ),
        _boxes(ids.MORE_BLOCK, "Besides", more, _more(wish)),
        _people(wish),
    ]
    title = "Subscribe" if about is None else "Edit subscription"
    return _form(title, body, ids.SUBSCRIBE_FORM, memo.encode(), "Save" if about else "Subscribe")


def settings_form(
    memo: FormMemo, quiet: QuietHours | None, ladder: Ladder, *, tells_failures: bool
) -> Form:
    """Ask when a channel is quiet, when it is reminded, and what the person is told directly."""
    own = ["failures"] if tells_failures else []
    body = [
        _clock(ids.QUIET_FROM_BLOCK, "Quiet from", quiet.since if quiet else None),
        _clock(ids.QUIET_UNTIL_BLOCK, "Quiet until", quiet.until if quiet else None),
        blocks.context(
            "By the clocks of your own time zone. Meanwhile nobody is reminded of gates, or told "
            "of failures directly; your own quiet hours are those of your conversation with me."
        ),
        blocks.text_input(
            ids.LADDER_BLOCK,
            "Remind of a gate that waits after",
            hint="For example 15m, 1h, 4h; off for never.",
            max_length=100,
            initial_value=write_ladder(ladder),
        ),
        _boxes(ids.OWN_BLOCK, "For you alone, in every channel", _OWN, own),
    ]
    return _form("Settings", body, ids.SETTINGS_FORM, memo.encode(), "Save")


def _initially(text: str) -> dict[str, Any]:
    return {"initial_value": text} if text else {}


def _moments() -> dict[str, str]:
    return {moment.value: f"{words[0].upper()}{words[1:]}" for moment, words in WORDS.items()}


def _more(wish: Wish) -> list[str]:
    chosen = {More.MINE: bool(wish.by_user), More.BROADCAST: wish.broadcasts_failures}
    return [one.value for one, is_chosen in chosen.items() if is_chosen]


def _people(wish: Wish) -> Block:
    known = [word.strip("<@>") for word in wish.mention.split() if word.startswith("<@")]
    element: Block = {
        "type": "multi_users_select",
        "action_id": "value",
        "max_selected_items": MAX_CALLED,
        "placeholder": blocks.plain("Nobody"),
    }
    if known:
        element["initial_users"] = known[:MAX_CALLED]
    return _input(ids.MENTION_BLOCK, "Call when somebody must act", element, is_optional=True)


def _choice(block_id: str, label: str, words: Mapping[Preset, str], chosen: str) -> Block:
    options = {key.value: _option(key.value, text) for key, text in words.items()}
    element = {
        "type": "radio_buttons",
        "action_id": "value",
        "options": [*options.values()],
        "initial_option": options[chosen],
    }
    return _input(block_id, label, element)


def _boxes(block_id: str, label: str, words: Mapping[str, str], chosen: Sequence[str]) -> Block:
    options = {key: _option(key, text) for key, text in words.items()}
    element: Block = {"type": "checkboxes", "action_id": "value", "options": [*options.values()]}
    if initial := [options[key] for key in chosen if key in options]:
        element["initial_options"] = initial
    return _input(block_id, label, element, is_optional=True)


def _clock(block_id: str, label: str, at: time | None) -> Block:
    element: Block = {"type": "timepicker", "action_id": "value"}
    if at is not None:
        element["initial_time"] = f"{at:%H:%M}"
    return _input(block_id, label, element, is_optional=True)


def _option(value: str, text: str) -> Block:
    return {"text": blocks.plain(text), "value": value}


def _input(block_id: str, label: str, element: Block, *, is_optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": blocks.plain(label),
        "optional": is_optional,
        "element": element,
    }


def _form(title: str, body: list[Block], callback_id: str, memo: str, submit: str) -> Form:
    return Form(
        {
            "type": "modal",
            "title": blocks.plain(title),
            "submit": blocks.plain(submit),
            "close": blocks.plain("Back"),
            "callback_id": callback_id,
            "private_metadata": memo,
            "blocks": body,
        }
    )
