"""The end of an action's log, for one person's eyes.

The lines stand in preformatted rich text: nothing in it is markup, so no line can break out of it,
link or ping.
"""

from bot.cards import blocks
from bot.cards.card import Block, Card
from bot.cards.execution import WORDS, title_of
from bot.cards.text import escape, link
from bot.domain.execution import Execution, PipelineAction

MAX_LOG_TEXT = 2_800
"""Characters of log in one answer: well below what Slack takes, and a phone's patience."""


def log_card(execution: Execution, action: PipelineAction, lines: tuple[str, ...]) -> Card:
    """Show the last lines of an action's log."""
    name = escape(action.name or "an action", 80)
    state = WORDS.get(action.status) or escape(action.status_text.lower().replace("_", " "), 60)
    title = f"Log of *{name}* ({state}) in {link(execution.url, title_of(execution))}"
    whole_log = link(_page(execution, action), "the whole log in Buddy")
    if not lines:
        text = f"{title}: no lines yet. See {whole_log}."
        return Card(text, (blocks.section(text),))
    shown = _fitting(lines)
    count = f"Its last {len(shown)} lines" if len(shown) > 1 else "Its last line"
    note = f"{count}; what looks like a secret is masked. See {whole_log}."
    return Card(
        f"{title}. {note}",
        (blocks.section(title), blocks.preformatted("\n".join(shown)), blocks.context(note)),
    )


def log_end(
    execution: Execution, action: PipelineAction, lines: tuple[str, ...] | None
) -> list[Block]:
    """Show the last lines of a failed action's log below what is said about it.

    ``lines`` is None where the log could not be read.
    """
    whole_log = link(_page(execution, action), "The whole log is in Buddy")
    if lines is None:
        return [blocks.context(f"I could not read its log. {whole_log}.")]
    if not lines:
        return [blocks.context(f"Its log is empty. {whole_log}.")]
    note = f"What looks like a secret is masked. {whole_log}."
    return [blocks.preformatted("\n".join(_fitting(lines))), blocks.context(note)]


def no_log_card(execution: Execution, action: PipelineAction | None) -> Card:
    """Say that there is no log to show, and where to look."""
    where = link(execution.url, "Open it in Buddy")
    why = "none of its actions has begun, so there is no log yet"
    if action:
        name = escape(action.name or "this action", 80)
        why = f"this Buddy does not give the log of “{name}” here"
    text = f"{title_of(execution)}: {why}. {where}."
    return Card(text, (blocks.section(text),))


def _fitting(lines: tuple[str, ...]) -> list[str]:
    """Take as many of the last lines as fit."""
    shown: list[str] = []
    left = MAX_LOG_TEXT
    for line in reversed(lines):
        left -= len(line) + 1
        if left < 0:
            break
        shown.insert(0, line)
    return shown


def _page(execution: Execution, action: PipelineAction) -> str:
    """Link one run of an action. Source: Buddy's API, «Get details and logs»."""
    if not execution.url or not action.id:
        return execution.url
    return f"{execution.url.partition('?')[0].rstrip('/')}/?actionExecutionId={action.id}"
