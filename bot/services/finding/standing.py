"""How somebody stands towards Buddy: on a gate's list or not, with calls to spare or none."""

from bot.buddy.client import BuddyClient
from bot.domain.catalog import GateQuestion
from bot.domain.execution import Execution
from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable
from bot.services.identity import Actor

RESERVED = 4
"""One part of so many of a token's calls is left to what people do."""


async def is_listed(actor: Actor, execution: Execution, told: GateQuestion) -> bool | None:
    """Tell whether somebody is on a gate's list; None where a group cannot be read."""
    me = actor.link.buddy.id
    if me in told.approver_ids:
        return True
    is_unknown = False
    for group in told.approver_group_ids:
        try:
            members = await actor.buddy.group_members(execution.ref.workspace, group)
        except (BuddyUnavailable, BuddyRateLimited):
            raise
        except BuddyError:
            is_unknown = True
            continue
        if any(member.id == me for member in members):
            return True
    return None if is_unknown else False


def may_ask(buddy: BuddyClient) -> bool:
    """Tell whether a token has calls to spare for what nobody waits for."""
    budget = buddy.budget
    if budget.limit is None or budget.remaining is None:
        return True
    return budget.remaining * RESERVED > budget.limit
