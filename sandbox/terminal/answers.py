"""What a typed line means in a field of a form: a text, a choice, a moment, a channel."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sandbox.slack import Channel, Person, View
from sandbox.slack.forms import Answer, find_input, own_options
from sandbox.slack.shape import Block, value_field

_MOST = 8
"""Options that are listed at once."""

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


class Unclear(Exception):
    """The line is no answer to this field; the text says what would be."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Understands answers; it knows what time it is and which channels there are."""

    now: Callable[[], datetime]
    channels: Sequence[Channel]

    async def read(self, person: Person, view: View, label: str, line: str) -> Answer:
        """Understand a line.

        Raises:
            Unclear: nothing, or more than one thing, fits it.
        """
        element = find_input(view, label)["element"]
        kind = str(element["type"])
        if "external_select" in kind:
            return one_of(await person.searches(view, label, line), line)
        match value_field(element):
            case "selected_option":
                return one_of(_texts(element), line)
            case "selected_options":
                return [one_of(_texts(element), part.strip()) for part in line.split(",")]
            case "selected_date_time":
                return self._moment(line)
            case "selected_conversation" | "selected_channel":
                known: Mapping[str, Channel] = {one.name: one for one in self.channels}
                return known[one_of([*known], line.removeprefix("#"))]
            case _:
                return line

    def hint(self, view: View, label: str) -> str:
        """Say what can be typed, where that is not just a text; else nothing."""
        element = find_input(view, label)["element"]
        kind = str(element["type"])
        if "external_select" in kind:
            return "Type a part of it to search."
        match value_field(element):
            case "selected_option":
                return f"One of: {', '.join(_texts(element)[:_MOST])}"
            case "selected_options":
                return f"Any of, with commas between them: {', '.join(_texts(element)[:_MOST])}"
            case "selected_date_time":
                return "A moment, like 18:30 or 2026-12-01 18:30 (UTC)."
            case "selected_conversation" | "selected_channel":
                return f"One of: {', '.join(f'#{one.name}' for one in self.channels)}"
            case _:
                return ""

    def _moment(self, line: str) -> datetime:
        now = self.now()
        if clock := _CLOCK.fullmatch(line):
            at = datetime.combine(now.date(), time(int(clock[1]), int(clock[2])), UTC)
            return at if at > now else at + timedelta(days=1)
        try:
            return datetime.fromisoformat(line).replace(tzinfo=UTC)
        except ValueError:
            raise Unclear("Type a moment, like 18:30 or 2026-12-01 18:30.") from None


def one_of(offered: list[str], line: str) -> str:
    """Find the one that is meant: named whole, or the only one that has this in it.

    Raises:
        Unclear: none is, or several are.
    """
    wanted = line.casefold()
    whole = [one for one in offered if one.casefold() == wanted]
    fitting = whole or [one for one in offered if wanted in one.casefold()] or offered
    if len(fitting) == 1 and (whole or wanted in fitting[0].casefold()):
        return fitting[0]
    if not offered:
        raise Unclear(f"Nothing is found for “{line}”.")
    listed = "\n".join(f"  {one}" for one in fitting[:_MOST])
    more = f"\n  …and {len(fitting) - _MOST} more" if len(fitting) > _MOST else ""
    raise Unclear(f"Type more of one of these:\n{listed}{more}")


def _texts(element: Block) -> list[str]:
    return [str(one["text"]["text"]) for one in own_options(element)]
