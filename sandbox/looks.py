"""How Slack's text looks on a terminal: emoji, the marks of tasks, quotes, boxes around it."""

import re
import textwrap

EMOJI = {
    "alarm_clock": "⏰",
    "arrow_forward": "▶",
    "bell": "🔔",
    "eyes": "👀",
    "fast_forward": "⏩",
    "frame_with_picture": "🖼",
    "green_heart": "💚",
    "grey_question": "❔",
    "hourglass_flowing_sand": "⏳",
    "information_source": "\N{INFORMATION SOURCE}",
    "label": "🏷",
    "large_blue_circle": "🔵",
    "lock": "🔒",
    "mute": "🔇",
    "no_bell": "🔕",
    "no_entry": "⛔",
    "octagonal_sign": "🛑",
    "mag": "🔍",
    "package": "📦",
    "pencil": "📝",
    "point_down": "👇",
    "point_right": "👉",
    "raised_hand": "✋",
    "repeat": "🔁",
    "rocket": "🚀",
    "satellite_antenna": "📡",
    "see_no_evil": "🙈",
    "shrug": "🤷",
    "speech_balloon": "💬",
    "tada": "🎉",
    "warning": "⚠",
    "white_check_mark": "✅",
    "white_circle": "⚪",
    "x": "❌",
}
"""By Slack's short name; every one that the bot writes."""
_MARKS = {"complete": "✓", "error": "✗", "in progress": "●", "pending": "○"}

_SHORT_CODE = re.compile(r":([a-z_]+):")
_TASK = re.compile(r"^• (.*) \((complete|error|in progress|pending)\)", re.MULTILINE)
_QUOTE = re.compile(r"^>\s?", re.MULTILINE)
# C0 without the line break, DEL and C1: what would move a terminal's cursor or change its colours.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """Take every control character out: foreign text must not steer the terminal."""
    return _CONTROL.sub("�", text)


def as_seen(text: str) -> str:
    """Show what was read from Slack's blocks as Slack's client would draw it."""
    text = _TASK.sub(lambda task: f"{_MARKS[task[2]]} {task[1]}", harmless(text))
    text = _QUOTE.sub("┃ ", text)
    return _SHORT_CODE.sub(lambda code: EMOJI.get(code[1], code[0]), text)


def dialog(confirm: str) -> str:
    """Show a confirmation dialog, whose last two lines are its buttons."""
    *body, yes, no = confirm.splitlines()
    return "\n".join([*body, f"[{yes}] [{no}]"])


def boxed(heading: str, text: str, width: int) -> list[str]:
    """Draw an open box with a heading around a text, at most so many characters wide."""
    lines = [f"┌ {heading}"]
    for paragraph in as_seen(text).splitlines():
        wrapped = textwrap.wrap(paragraph, max(20, width - 2)) or [""]
        lines += [f"│ {line}".rstrip() for line in wrapped]
    return [*lines, "└"]
