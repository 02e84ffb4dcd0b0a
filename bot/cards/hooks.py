"""What Buddy must be told so that it calls us; shown to one person, since secrets are in it."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.cards import blocks
from bot.cards.answers import note_card
from bot.cards.card import Block, Card
from bot.cards.subscribing import SET_UP, About
from bot.cards.text import duration, escape

EVENTS = ("EXECUTION_STARTED", "EXECUTION_SUCCESSFUL", "EXECUTION_FAILED", "EXECUTION_FINISHED")
"""What a workspace's webhook tells us. Source: Buddy's API, «Webhooks»."""

WEBHOOK, STEP = "webhook", "step"

SECRET_VARIABLE = "GREENLIGHT_SECRET"  # noqa: S105 - a name  # pragma: allowlist secret
"""Where a pipeline's step finds its secret, as an encrypted variable of the workspace."""


@dataclass(frozen=True, slots=True)
class Address:
    """What Buddy calls, and what it must know."""

    kind: str
    workspace: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


def told_card(by: str, subscription: int, *, is_made: bool) -> Card:
    """Say that Buddy's webhook tells us at once; what it does not tell, a step can."""
    made = "I made a webhook in Buddy for it" if is_made else "Buddy's webhook for it is there"
    text = (
        f":satellite_antenna: {made}, so I hear of starts and ends at once. Webhooks do not tell "
        f"of gates; I look for those. {by}, a step in your pipeline's *On Wait for Human* tab "
        "lets me hear of them at once, too."
    )
    row = [_set_up(subscription, STEP, "Show the step…")]
    return Card(text, (blocks.section(text), blocks.actions("hook", row)))


def left_in_buddy(workspace: str) -> str:
    """Say that a webhook may be left that nobody needs, and what to do."""
    return (
        f"The webhook of {escape(workspace, 80)} may still stand in Buddy and call me in vain: "
        "look there under *Settings → Webhooks* and remove it, or ask an admin to."
    )


def remade_card(workspace: str) -> Card:
    """Say that a webhook was gone, and that there is another one."""
    return note_card(
        f":satellite_antenna: Buddy's webhook for {escape(workspace, 80)} was gone, so I made "
        "another one, with a new secret. Nothing has to be pasted."
    )


def polling_card(every: timedelta) -> Card:
    """Say how it is noticed what happens, where Buddy cannot call us."""
    return note_card(
        f":eyes: Buddy cannot call me here, since I have no public address, so I look at the "
        f"pipelines by myself, about every {duration(every)} while something runs and less often "
        "while nothing does. Your Greenlight operator can give me an address."
    )


def by_hand_card(subscription: int, why: str) -> Card:
    """Say that an admin of the workspace must make the webhook; ``why`` is a sentence."""
    text = (
        f":satellite_antenna: {why} Until somebody sets one up I look at the pipelines by myself, "
        "which takes longer. An admin of the workspace can paste what I show here into Buddy."
    )
    # A row each: Slack takes an action id once in a row.
    rows = [
        blocks.actions(f"hook.{kind}", [_set_up(subscription, kind, f"Show the {kind}…")])
        for kind in (WEBHOOK, STEP)
    ]
    return Card(text, (blocks.section(text), *rows))


def address_card(
    address: Address, subscription: int, *, is_rotated: bool, is_gone: bool = False
) -> Card:
    """Show once what is to be pasted where; ``is_gone`` if Buddy's webhook was deleted there."""
    workspace = escape(address.workspace, 80)
    again = (
        " The secret before is good for another 24 hours, so there is time to carry this one over."
        if is_rotated
        else ""
    )
    once = f"This secret is shown once, and I keep only its fingerprint.{again}"
    if address.kind == STEP:
        title = f"*A step that tells me of gates*, for pipelines of {workspace}"
        how = (
            f"1. In Buddy, add an encrypted variable `{SECRET_VARIABLE}` to the workspace, with "
            f"this value:\n```{address.secret}```\n"
            "2. In each pipeline, open *Actions → On Wait for Human*, add a *Local Shell* or any "
            "image with `curl`, and paste:"
        )
        body: list[Block] = [blocks.section(title), blocks.section(how), snippet(address)]
    else:
        title = f"*A webhook that tells me of starts and ends*, for {workspace}"
        events = ", ".join(f"`{event}`" for event in EVENTS)
        how = (
            "In Buddy, open the workspace's *Settings → Webhooks → Add a webhook* and paste:\n"
            f"• Target URL:\n```{address.url}```\n• Secret key:\n```{address.secret}```\n"
            f"• Events: {events}"
        )
        gone = (
            ":warning: The webhook is gone: somebody deleted it in Buddy, and your token may not "
            "make another one. Until an admin of the workspace pastes this I look at the pipelines "
            "by myself, which takes longer."
        )
        why = [blocks.section(gone)] if is_gone else []
        body = [*why, blocks.section(title), blocks.section(how)]
    rotate = _set_up(subscription, address.kind, "Rotate secret")
    asked = "A new secret is made and shown. The one before is good for another 24 hours."
    rotate["confirm"] = blocks.confirm("Rotate secret?", asked, "Rotate", "Keep")
    body += [blocks.context(once), blocks.actions("hook", [rotate])]
    return Card("What Buddy must be told", tuple(body))


def snippet(address: Address) -> Block:
    """Write the lines of a pipeline's step."""
    names = ("BUDDY_RUN_URL", "BUDDY_RUN_ID", "BUDDY_PIPELINE_ID")
    told = " \\\n".join(f'  --data-urlencode "{name}=${name}"' for name in names)
    return blocks.preformatted(
        f'curl --fail --silent --show-error --max-time 10 "{address.url}" \\\n'
        f'  --header "Authorization: Bearer ${SECRET_VARIABLE}" \\\n{told}'
    )


def _set_up(subscription: int, kind: str, text: str) -> Block:
    return {
        "type": "button",
        "action_id": SET_UP,
        "text": blocks.plain(text),
        "value": About(subscription, kind).encode(),
    }
