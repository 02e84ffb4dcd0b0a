"""What the thread of a failure's card is told when it fails again, and when it is mended."""

from dataclasses import replace
from datetime import datetime

from bot.cards.answers import note_card
from bot.cards.card import Card
from bot.cards.execution import title_of
from bot.cards.facts import CardFacts
from bot.cards.text import escape, link, moment
from bot.domain.execution import Execution


def failed_again_card(facts: CardFacts, times: int, since: datetime) -> Card:
    """Tell of one more failure; the card above shows the first."""
    execution = facts.execution
    title = f"*{link(execution.url, title_of(execution))}*"
    told = f":x: {title} failed again: the {_nth(times)} time since {moment(since)}."
    action = execution.failure
    where = f" At *{escape(action.name, 80)}*." if action and action.name.strip() else ""
    revision = execution.revision
    what = f"\n>{escape(revision.first_line, 200)}" if revision and revision.first_line else ""
    theirs = note_card(f"{told}{where}")
    return replace(note_card(f"{told}{where}{what}"), discreet=theirs) if what else theirs


def mended_card(execution: Execution, times: int) -> Card:
    """Tell that it is back to green."""
    title = f"*{link(execution.url, title_of(execution))}*"
    after = "one failure" if times == 1 else f"{times} failures"
    return note_card(f":green_heart: Back to green with {title}, after {after}.")


def _nth(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"
