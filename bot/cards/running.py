"""What the person who asked for a run is told: what became of it, or what is to be chosen."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from bot.cards import blocks
from bot.cards.actions import PREFIX
from bot.cards.answers import note_card
from bot.cards.card import MAX_BUTTON_TEXT, MAX_BUTTON_VALUE, MAX_MESSAGE_TEXT, Block, Card
from bot.cards.execution import title_of
from bot.cards.lists import MAX_CHOICES
from bot.cards.text import clean, code, escape, link, moment, whole
from bot.domain.execution import Execution
from bot.errors import AmbiguousName, BotError, ButtonUnreadable

FILL_IN = f"{PREFIX}.fill_in"
"""Opens the form of a run with what was said of it so far."""

CHOOSE_PIPELINE = f"{PREFIX}.choose_pipeline"
"""One of several pipelines that a typed name can mean, for a run that waits for it."""


class RunButton(BaseModel):
    """A button's value: which run it is about, whose it is, and what was chosen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(default=1, ge=1, le=1)
    r: int = Field(ge=1, le=2**63 - 1)
    u: str = Field(min_length=1, max_length=32)
    c: str = ""

    def encode(self) -> str | None:
        """Write it; None if a button cannot hold it."""
        try:
            text = self.model_dump_json()
        except ValueError:
            # Half a character has no JSON.
            return None
        return text if len(text) <= MAX_BUTTON_VALUE else None

    @classmethod
    def decode(cls, text: str) -> "RunButton":
        """Read a button's value.

        Raises:
            ButtonUnreadable: it is of another version, or was never written by ``encode``.
        """
        try:
            return cls.model_validate_json(text)
        except ValueError:
            raise ButtonUnreadable from None


def run_taken_card(name: str) -> Card:
    """Say that a run is on its way; its card appears when Buddy has it."""
    return note_card(f":hourglass_flowing_sand: Run {escape(name)}: on it…")


def started_card(execution: Execution, *, is_here: bool, now: datetime) -> Card:
    """Tell that Buddy has it, and where its card is."""
    title = link(execution.url, title_of(execution))
    where = "Its card is in this channel." if is_here else "Its card is in our direct messages."
    if execution.is_delayed and execution.delay_until and execution.delay_until > now:
        at = moment(execution.delay_until)
        return note_card(f":alarm_clock: {title} is scheduled for {at}. {where}")
    return note_card(f":rocket: Started {title}. {where}")


def unshown_card(execution: Execution) -> Card:
    """Tell that Buddy has it, but that its card could not be posted anywhere."""
    title = link(execution.url, title_of(execution))
    return note_card(f":rocket: Started {title}. I could not post its card; Buddy shows it.")


def seeking_card(pipeline: str, url: str, by: str, minutes: int, mark: str) -> Card:
    """Tell that nobody knows whether it was started, who should look, and that we go on looking."""
    where = link(url, "Buddy")
    return note_card(
        f":warning: {by}, I asked Buddy to run *{escape(pipeline, 80)}*, no answer came back, and "
        f"its list does not show the run yet. I do not ask a second time. I go on looking for "
        f"{minutes} minutes, and post its card if it appears. Please look in {where} whether a run "
        f"with `[gl-{mark}]` in its comment is there before you start another one."
    )


def not_found_card(pipeline: str, url: str, by: str) -> Card:
    """Tell that it did not appear in all that time."""
    where = link(url, "Buddy")
    return note_card(
        f":warning: {by}, the run of *{escape(pipeline, 80)}* did not appear in Buddy's list, so "
        f"most likely it was not started. I cannot be sure: look in {where}, then run it again if "
        "it is not there."
    )


def refused_card(error: BotError, button: Block | None, command: str) -> Card:
    """Say why it was not started, and offer to fill it in again."""
    error.command = command
    text = error.explain()
    body: list[Block] = [blocks.section(text)]
    if button is not None:
        body.append(blocks.actions("fill_in", [button]))
    return Card(whole(text, MAX_MESSAGE_TEXT), tuple(body))


def fill_in_button(run_id: int, user: str, label: str) -> Block | None:
    """Build the button that opens the form of a run."""
    value = RunButton(r=run_id, u=user).encode()
    return _button(FILL_IN, label, value) if value else None


def pipelines_to_choose_card(run_id: int, user: str, ambiguous: AmbiguousName) -> Card:
    """Offer the pipelines that a name can mean; what was typed besides waits for the choice."""
    text = f"“{escape(ambiguous.name)}” can mean several. Which one do you run?"
    body: list[Block] = [blocks.section(text)]
    choices = list(dict.fromkeys(ambiguous.choices))
    for index, choice in enumerate(choices[:MAX_CHOICES]):
        value = RunButton(r=run_id, u=user, c=choice).encode()
        if value is not None:
            button = _button(CHOOSE_PIPELINE, choice, value)
            body.append(blocks.actions(f"choice.{index}", [button]))
    if len(choices) > MAX_CHOICES:
        more = f"…and {len(choices) - MAX_CHOICES} more: type a little more of the name."
        body.append(blocks.context(more))
    listed = ", ".join(code(choice, 200) for choice in choices[:MAX_CHOICES])
    return Card(whole(f"{text} {listed}", MAX_MESSAGE_TEXT), tuple(body))


def _button(action_id: str, label: str, value: str) -> Block:
    return {
        "type": "button",
        "action_id": action_id,
        "text": blocks.plain(clean(label, MAX_BUTTON_TEXT) or "This one"),
        "style": "primary",
        "value": value,
    }
