"""A card whose execution nobody's account can read any more: what it was, and how to mend it."""

from dataclasses import dataclass

from bot.cards import blocks
from bot.cards.answers import connect_button
from bot.cards.card import Card
from bot.cards.text import escape, link
from bot.domain.execution import ExecutionRef


@dataclass(frozen=True, slots=True)
class Unseen:
    """What is still known of the execution."""

    ref: ExecutionRef
    pipeline_name: str
    url: str
    asker: str
    """A mention of who asked for the card."""

    command: str
    """The slash command people type."""


def unseen_card(unseen: Unseen) -> Card:
    """Say that the state is not known; there is nothing to press but what mends it."""
    pipeline = unseen.pipeline_name or f"pipeline {unseen.ref.pipeline}"
    title = f"{escape(unseen.ref.project, 80)} / {escape(pipeline, 80)} #{unseen.ref.execution}"
    headline = f"{title}: out of sight"
    why = (
        f"No Buddy account that I may read with can see it any more: not that of {unseen.asker}, "
        "nor of anybody who acted on it. This card goes on by itself once one of them connects "
        "their account again, or may see the pipeline again; or once somebody else who may see it "
        f"types `{unseen.command} show` for it."
    )
    top = blocks.section(f":see_no_evil: *{link(unseen.url, title)}*\n*Out of sight*")
    row = blocks.actions("sight", [connect_button()])
    return Card(headline, (top, blocks.context(why), row))
