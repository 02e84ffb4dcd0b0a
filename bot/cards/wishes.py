"""Say in words what a channel is told of."""

from bot.cards.text import code, escape
from bot.domain.command import Moment
from bot.domain.subscription import USUAL, Subscription, Wish

WORDS = {
    Moment.STARTED: "starts",
    Moment.WAITING: "gates that wait",
    Moment.FAILED: "failures",
    Moment.SUCCEEDED: "successes",
    Moment.CANCELED: "cancellations",
    Moment.FIXED: "the first success after failures",
}
"""What each moment is called, in a list of what a channel is told."""

_MAX_BRANCHES = 10


def title_of(subscription: Subscription) -> str:
    """Name what a subscription is about, safe for mrkdwn."""
    project = escape(subscription.project_shown or subscription.scope.project, 80)
    if subscription.scope.pipeline is None:
        return f"{project} / all pipelines"
    pipeline = subscription.pipeline_shown or f"pipeline {subscription.scope.pipeline}"
    return f"{project} / {escape(pipeline, 80)}"


def describe(wish: Wish) -> str:
    """Say what of all that happens is told, as a sentence of safe mrkdwn without its full stop."""
    told = "everything" if set(wish.moments) >= set(USUAL) else _listed(wish)
    parts = [told or "nothing"]
    if branches := wish.branch.split():
        shown = ", ".join(code(one, 60) for one in branches[:_MAX_BRANCHES])
        more = f" and {len(branches) - _MAX_BRANCHES} more" if len(branches) > _MAX_BRANCHES else ""
        parts.append(f"on {shown}{more}")
    if wish.by_user:
        parts.append(f"started by <@{escape(wish.by_user, 32)}>")
    text = ", ".join(parts)
    if wish.broadcasts_failures:
        text += "; failures are shown to the whole channel"
    if wish.mention:
        text += f"; {wish.mention} is called when somebody must act"
    return text


def _listed(wish: Wish) -> str:
    words = [WORDS[moment] for moment in Moment if moment in wish.moments]
    if len(words) > 1:
        words = [*words[:-2], f"{words[-2]} and {words[-1]}"]
    return ", ".join(words)
