"""Help, generated from the command grammar."""

import functools

from bot.cards import blocks
from bot.cards.card import Card
from bot.domain.usages import USAGES, Usage


@functools.cache
def help_card(command: str, topic: str = "") -> Card:
    """Explain all commands, or one; ``command`` is the slash command's name."""
    if topic:
        usage = next(usage for usage in USAGES if usage.word == topic)
        text = f"{_line(command, usage)}\nFor example: `{command} {usage.example}`"
        return Card(f"How to use {command} {topic}", (blocks.section(text),))
    listed = "\n".join(_line(command, usage) for usage in USAGES)
    return Card(
        f"What {command} can do",
        (
            blocks.section(f"*What I can do for you*\n{listed}"),
            blocks.context(
                "A pipeline is `project/pipeline` or `workspace/project/pipeline`; the beginning "
                "of a name is enough. An execution is `project/pipeline#12`, `project/pipeline` "
                "for its latest, or a link pasted from Buddy. More about one command: "
                f"`{command} help approve`.",
                "Cards have buttons for the operations. I act with your own Buddy account only.",
            ),
        ),
    )


def _line(command: str, usage: Usage) -> str:
    arguments = f" {usage.arguments}" if usage.arguments else ""
    return f"`{command} {usage.word}{arguments}`: {usage.does}"
