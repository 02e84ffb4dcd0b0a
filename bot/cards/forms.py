"""Modals: link a Buddy account, give a reason, choose a gate.

A modal's title and buttons have at most 24 characters. Source: Slack, «Modal view object».
"""

from collections.abc import Sequence
from typing import Any

from bot.cards import blocks
from bot.cards.actions import CONNECT_FORM, REASON_BLOCK, REASON_FORM, TOKEN_BLOCK, Asked
from bot.cards.card import Block, Form
from bot.cards.text import code, escape, moment
from bot.domain.account import TokenFacts
from bot.domain.execution import Operation
from bot.domain.reader import MAX_REASON

SCOPES = (
    "WORKSPACE",
    "EXECUTION_INFO",
    "EXECUTION_RUN",
    "USER_INFO",
    "VARIABLE_INFO",
    "REPOSITORY_READ",
)
"""Scopes people are asked for. Buddy is renaming some, so they are advice, never a gate."""


REFUSED_BY_BUDDY = (
    "Buddy does not accept this token: it is wrong, expired, or of another Buddy. "
    "Paste another one below."
)


def connect_form(buddy_app_url: str, problem: str = "") -> Form:
    """Ask for a personal access token; ``problem`` says why the last one did not do."""
    page = f"<{buddy_app_url}|Buddy>" if buddy_app_url else "Buddy"
    listed = ", ".join(f"`{scope}`" for scope in SCOPES)
    body: list[Block] = [
        blocks.section(
            "Everything you do here is done *with your own Buddy account*: your rights hold, and "
            "Buddy's records name you."
        ),
        blocks.section(
            f"1. In {page}, open your avatar → *Security* → *Personal Access Tokens*.\n"
            f"2. Create a token with the scopes {listed}.\n"
            "3. Paste it below. It is stored encrypted, and nobody can read it in Slack."
        ),
        blocks.text_input(
            TOKEN_BLOCK,
            "Personal access token",
            hint="Slack shows what you paste, so look over your shoulder.",
            min_length=1,
            max_length=200,
        ),
    ]
    if problem:
        body.insert(0, blocks.section(f":warning: {problem}"))
    return modal("Connect Buddy", body, submit="Connect", callback_id=CONNECT_FORM)


def checking_form() -> Form:
    """Say that the token is being checked."""
    return modal("Connect Buddy", [blocks.section(":hourglass_flowing_sand: Checking with Buddy…")])


def connected_form(name: str, facts: TokenFacts, mention: str, waiting: Sequence[str] = ()) -> Form:
    """Name both identities that are linked now, and what waited for it; that is safe mrkdwn."""
    told = [
        blocks.section(f":white_check_mark: {mention} now acts in Buddy as *{escape(name)}*."),
        *account_facts(facts),
    ]
    if waiting:
        listed = "\n".join(f"• {each}" for each in waiting[:10])
        told.append(
            blocks.section(f"This waited for your account and is carried out now:\n{listed}")
        )
    return modal("Connected", told)


def account_facts(facts: TokenFacts) -> list[Block]:
    """List what a token may do and for how long."""
    scopes = ", ".join(code(scope, 60) for scope in facts.scopes[:40]) or "not told"
    spaces = ", ".join(escape(domain, 60) for domain in facts.workspaces[:20]) or "all of yours"
    expiry = moment(facts.expires_at) if facts.expires_at else "never"
    return [blocks.context(f"Scopes: {scopes}", f"Workspaces: {spaces}", f"Expires: {expiry}")]


def reason_form(asked: Asked, title: str) -> Form:
    """Ask for an optional reason before an execution is stopped."""
    rejects = asked.operation is Operation.REJECT
    word = "Reject" if rejects else "Cancel"
    explained = (
        "Buddy has no reject: the whole execution is *cancelled*, every waiting gate with it."
        if rejects
        else ("The execution is stopped where it is.")
    )
    return modal(
        f"{word} execution",
        [
            blocks.section(f"*{title}*\n{explained}"),
            blocks.text_input(
                REASON_BLOCK,
                "Reason",
                hint="Everybody in the channel will read it.",
                optional=True,
                multiline=True,
                max_length=MAX_REASON,
            ),
        ],
        # "Cancel" would be both the deed and the way out, so the way out is "Back".
        submit=word,
        callback_id=REASON_FORM,
        private_metadata=asked.encode(),
    )


def problem_form(title: str, problem: str) -> Form:
    """Say in a modal what went wrong."""
    return modal(title, [blocks.section(f":warning: {problem}")])


def modal(
    title: str,
    body: list[Block],
    *,
    submit: str = "",
    callback_id: str = "",
    private_metadata: str = "",
) -> Form:
    """Build a modal; one without ``submit`` only shows something."""
    view: dict[str, Any] = {
        "type": "modal",
        "title": blocks.plain(title),
        "close": blocks.plain("Back" if submit else "Close"),
        "blocks": body,
    }
    if submit:
        view["submit"] = blocks.plain(submit)
    if callback_id:
        view["callback_id"] = callback_id
    if private_metadata:
        view["private_metadata"] = private_metadata
    return Form(view)
