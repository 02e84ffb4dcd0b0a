"""Who acted last, for a card's footer: through the bot, or in Buddy as its record has it."""

from datetime import UTC, datetime, timedelta

from bot.cards.facts import CardFacts, LastAct
from bot.cards.names import name_of, names_told
from bot.cards.text import escape, moment
from bot.domain.execution import Deed, Effect, deeds

_DID = {Effect.ANSWER: ("approved", "answered"), Effect.STOP: ("cancelled", "rejected")}
"""What the footer calls a deed; the same done through the bot may be called otherwise."""

_CLOCKS_DIFFER = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


def last_act_line(facts: CardFacts) -> str:
    """Name the last person who acted, when, and the reason given; empty where nobody did."""
    deed = max(deeds(facts.execution), key=lambda each: each.at or _NEVER, default=None)
    act = facts.last_act
    if deed is not None and (act is None or _is_later(deed, act, facts)):
        when = f", {moment(deed.at)}" if deed.at else ""
        return f"{_DID[deed.effect][0].capitalize()} in Buddy by {name_of(facts, deed.by)}{when}"
    if act is None:
        return ""
    told = f"{act.did.capitalize()} by {act.by}, {moment(act.at)}"
    if facts.is_discreet:
        return told
    given = f", with {names_told(act.variables)}" if act.variables else ""
    reason = f": “{escape(act.reason, 150)}”" if act.reason else ""
    return f"{told}{given}{reason}"


def _is_later(deed: Deed, act: LastAct, facts: CardFacts) -> bool:
    """Tell whether Buddy's record is of something else, and later, than the bot's last operation.

    What was done through the bot stands in Buddy's record too, by Buddy's clock.
    """
    if deed.at is None:
        return False
    is_same = act.did in _DID[deed.effect] and facts.people.get(deed.by, act.by) == act.by
    return deed.at > act.at + (_CLOCKS_DIFFER if is_same else timedelta(0))
