"""Help, generated from the command grammar."""

import functools

from bot.cards import blocks
from bot.cards.card import Card
from bot.domain.form import Form
from bot.domain.grammar import ACTIVE


@functools.cache
def help_card(command: str, topic: str = "") -> Card:
    """Explain all commands, or one; ``command`` is the slash command's name."""
    if topic:
        form = next(form for form in ACTIVE if form.word == topic)
        text = f"{_line(command, form)}\nFor example: `{command} {form.example}`"
        return Card(f"How to use {command} {topic}", (blocks.section(text),))
    listed = "\n".join(_line(command, form) for form in ACTIVE)
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


def _line(command: str, form: Form) -> str:
    arguments = f" {form.arguments}" if form.arguments else ""
    return f"`{command} {form.word}{arguments}`: {form.does}"
