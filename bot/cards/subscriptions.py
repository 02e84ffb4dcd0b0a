"""What a channel is told: begun, changed, ended, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.cards import blocks
from bot.cards.aliases import alias_line, pipeline_title
from bot.cards.answers import note_card
from bot.cards.card import MAX_BUTTON_TEXT, MAX_MESSAGE_TEXT, Block, Card
from bot.cards.carried import CHOOSE, NEXT, PREVIOUS, Carried
from bot.cards.subscribing import EDIT, EDIT_SETTINGS, REMOVE, About
from bot.cards.text import clean, duration, escape, moment, whole
from bot.cards.wishes import describe, title_of
from bot.domain.alias import Alias
from bot.domain.command import Subscriptions, Unsubscribe
from bot.domain.ladder import Ladder, write_ladder
from bot.domain.quiet import QuietHours
from bot.domain.reference import PipelineLink, ProjectName
from bot.domain.subscription import Subscription

PAGE = 10
"""Entries of a page: each is two blocks, and a message has at most 50."""

MAX_CHOICES = 10


def begun_card(subscription: Subscription, by: str, *, is_new: bool) -> Card:
    """Tell a channel what it is told from now on, and who wanted it; ``by`` is a mention."""
    did = "subscribed this channel to" if is_new else "changed what this channel is told of"
    text = f":bell: {by} {did} *{title_of(subscription)}*: {describe(subscription.wish)}."
    row = blocks.actions("subscription", [_edit(subscription), _remove(subscription)])
    return Card(text, (blocks.section(text), row))


def ended_card(subscription: Subscription, by: str) -> Card:
    """Tell a channel what it is no longer told."""
    return note_card(f":no_bell: {by} ended this channel's word of *{title_of(subscription)}*.")


def subscriptions_card(
    subscriptions: Sequence[Subscription], user: str, page: int, command: str
) -> Card:
    """List what a channel is told, each with its buttons."""
    if not subscriptions:
        return note_card(
            "This channel is told nothing yet. "
            f"`{command} subscribe` asks what it shall be told of; "
            f"`{command} subscribe shop/deploy on:waiting,failed` says it at once."
        )
    count = -(-len(subscriptions) // PAGE)
    page = max(1, min(page, count))
    shown = subscriptions[(page - 1) * PAGE : page * PAGE]
    title = f"*What this channel is told of* ({len(subscriptions)})"
    body: list[Block] = [blocks.section(title)]
    for one in shown:
        body.append(blocks.section(entry(one)))
        row = [_edit(one), _remove(one)]
        body.append(blocks.actions(f"subscription.{one.id}", row))
    if count > 1:
        body.append(blocks.context(f"Page {page} of {count}"))
        body.append(blocks.actions("page", _turning(user, page, count)))
    text = "\n".join([title, *(entry(one) for one in shown)])
    return Card(whole(text, MAX_MESSAGE_TEXT), tuple(body))


def entry(subscription: Subscription) -> str:
    """Tell of one subscription what it is about, for whom, and whether it works."""
    by = f"_Asked for by {subscription.owner.mention}_"
    gone = (
        "\n:warning: I cannot post in this channel any more." if subscription.told_gone_at else ""
    )
    return f"*{title_of(subscription)}*: {describe(subscription.wish)}. {by}{gone}"


def ending_choice_card(subscriptions: Sequence[Subscription], user: str) -> Card:
    """Ask which of several subscriptions is to end."""
    text = "This channel is told of several things. Which one shall end?"
    body: list[Block] = [blocks.section(text)]
    for index, one in enumerate(subscriptions[:MAX_CHOICES]):
        carried = Carried(Unsubscribe(_exactly(one)), user).encode()
        if carried is not None:
            body.append(blocks.actions(f"choice.{index}", [_choice(one, carried)]))
    if len(subscriptions) > MAX_CHOICES:
        left = len(subscriptions) - MAX_CHOICES
        body.append(blocks.context(f"…and {left} more: name the one you mean."))
    listed = ", ".join(title_of(one) for one in subscriptions[:MAX_CHOICES])
    return Card(whole(f"{text} {listed}", MAX_MESSAGE_TEXT), tuple(body))


@dataclass(frozen=True, slots=True)
class Names:
    """The short names that hold in a channel, and which pipeline is meant where none is named."""

    known: Sequence[Alias] = ()
    default: Alias | None = None


NAMELESS = Names()


def settings_card(
    subscriptions: Sequence[Subscription],
    sources: Sequence[str],
    quiet: QuietHours | None,
    ladder: Ladder,
    own: str,
    names: Names = NAMELESS,
) -> Card:
    """Show what is set for a channel and the person who asks; ``sources`` is safe mrkdwn."""
    listed = "\n".join(f"• {entry(one)}" for one in subscriptions[:PAGE]) or "• nothing"
    if len(subscriptions) > PAGE:
        listed += f"\n• …and {len(subscriptions) - PAGE} more"
    default = "none: with exactly one subscribed pipeline, that is it"
    if names.default is not None:
        default = pipeline_title(names.default)
    named = "\n".join(alias_line(one) for one in names.known[:PAGE]) or "• none"
    if len(names.known) > PAGE:
        named += f"\n• …and {len(names.known) - PAGE} more"
    texts = [
        f"*What this channel is told of*\n{listed}",
        f"*Short names*\n{named}",
        f"*Default pipeline*\n{default}",
        f"*Quiet hours*\n{escape(str(quiet), 80) if quiet else 'none'}",
        f"*Reminders of a gate that waits*\nafter {write_ladder(ladder)}"
        if ladder
        else "*Reminders of a gate that waits*\noff",
        "*How Buddy tells me*\n" + ("\n".join(f"• {one}" for one in sources) or "• not at all yet"),
        f"*For you alone*\n{own}",
    ]
    button: Block = {
        "type": "button",
        "action_id": EDIT_SETTINGS,
        "text": blocks.plain("Change…"),
        "accessibility_label": "Change quiet hours and reminders",
    }
    body = [*(blocks.section(text) for text in texts), blocks.actions("settings", [button])]
    return Card(whole("\n\n".join(texts), MAX_MESSAGE_TEXT), tuple(body))


def webhook_line(
    workspace: str, last_at: datetime | None, now: datetime, *, is_step: bool = False
) -> str:
    """Tell of an address of ours when Buddy called it last."""
    name = f"{'steps in pipelines' if is_step else 'webhook'} of {escape(workspace, 80)}"
    if last_at is None:
        return f"{name}: never called yet"
    return f"{name}: last called {duration(now - last_at)} ago ({moment(last_at)})"


def _exactly(subscription: Subscription) -> ProjectName | PipelineLink:
    scope = subscription.scope
    if scope.pipeline is None:
        return ProjectName(scope.workspace, scope.project)
    return PipelineLink(scope.host, scope.workspace, scope.project, scope.pipeline)


def _edit(subscription: Subscription) -> Block:
    return _button(EDIT, "Edit…", f"Edit {title_of(subscription)}", About(subscription.id))


def _remove(subscription: Subscription) -> Block:
    title = title_of(subscription)
    button = _button(REMOVE, "Unsubscribe", f"Unsubscribe from {title}", About(subscription.id))
    asked = f"This channel is told no more of {title}. Cards that are here already go on."
    button["confirm"] = blocks.confirm("Unsubscribe?", asked, "Unsubscribe", "Keep", "danger")
    return button


def _button(action_id: str, text: str, label: str, about: About) -> Block:
    return {
        "type": "button",
        "action_id": action_id,
        "text": blocks.plain(text),
        "value": about.encode(),
        "accessibility_label": clean(label, MAX_BUTTON_TEXT),
    }


def _choice(subscription: Subscription, value: str) -> Block:
    return {
        "type": "button",
        "action_id": CHOOSE,
        "text": blocks.plain(clean(title_of(subscription), MAX_BUTTON_TEXT)),
        "value": value,
    }


def _turning(user: str, page: int, count: int) -> list[Block]:
    turns = []
    if page > 1:
        turns.append((PREVIOUS, "Previous", page - 1))
    if page < count:
        turns.append((NEXT, "Next", page + 1))
    return [
        {
            "type": "button",
            "action_id": action_id,
            "text": blocks.plain(text),
            "value": Carried(Subscriptions(), user, to).encode(),
        }
        for action_id, text, to in turns
    ]
