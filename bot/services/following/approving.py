"""Find who may answer a gate, by Buddy's own list, and how they are called in Slack.

Somebody who has connected their Buddy account is known by it; somebody else by the e-mail address
that both sides have, where both may be asked for it; the rest by the name that Buddy has.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from weakref import WeakKeyDictionary

import structlog

from bot.buddy.client import BuddyClient
from bot.buddy.ledger import Ledger
from bot.cards.approvers import MAX_MENTIONS, Approvers
from bot.clock import Clock
from bot.domain.catalog import Colleague, GateQuestion
from bot.domain.execution import Execution
from bot.domain.person import Person
from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable
from bot.services.identity import Identities
from bot.slack.addresses import Addresses

log = structlog.get_logger()

KEPT = timedelta(minutes=10)
"""How long it is believed who belongs to a workspace or a group; also that Buddy does not tell."""

MAX_TRIES = 16
"""People who are looked for by address at one gate; Slack is asked about one at a time."""

MAX_KEPT = 100
"""Workspaces and groups that are remembered for one token."""

_Circle = tuple[str, str, int]
"""A Buddy, a workspace, and a group of it; 0 for everybody there."""


@dataclass(slots=True)
class _Seen:
    """Whom one token was told of."""

    circles: dict[_Circle, tuple[datetime, tuple[Colleague, ...]]] = field(default_factory=dict)
    asking: dict[_Circle, asyncio.Lock] = field(default_factory=dict)


@dataclass(slots=True)
class Approving:
    """Knows whom to call when a gate waits; what a token reads is told to that token alone."""

    identities: Identities
    addresses: Addresses
    clock: Clock
    _tokens: WeakKeyDictionary[Ledger, _Seen] = field(default_factory=WeakKeyDictionary)

    async def listed(
        self, told: GateQuestion, execution: Execution, buddy: BuddyClient, team: str
    ) -> Approvers | None:
        """List who may answer; None where everybody may who may run the pipeline."""
        if told.others_may_answer:
            return None
        ref, colleagues, unknown = execution.ref, dict[int, Colleague](), 0
        for group in told.approver_group_ids:
            people = await self._circle(
                buddy.ledger,
                (ref.host, ref.workspace, group),
                partial(buddy.group_members, ref.workspace, group),
            )
            unknown += not people
            colleagues |= {one.id: one for one in people}
        numbers = list(dict.fromkeys([*told.approver_ids, *colleagues]))
        starter = execution.creator.id if execution.creator else None
        if told.prevents_self_approval:
            numbers = [number for number in numbers if number != starter]
        linked = await self.identities.mentions(team, numbers)
        rest = [number for number in numbers if number not in linked]
        if rest:
            everybody = await self._circle(
                buddy.ledger,
                (ref.host, ref.workspace, 0),
                partial(buddy.members, ref.workspace),
            )
            colleagues |= {one.id: one for one in everybody if one.id in rest}
        mentions = [linked[number] for number in numbers if number in linked]
        unlinked = [colleagues[number] for number in rest if number in colleagues]
        found = await self._found(unlinked, MAX_MENTIONS - len(mentions))
        names: list[str] = []
        for number in rest:
            one = colleagues.get(number)
            if number in found:
                mentions.append(Person(team, found[number]).mention)
            elif one is not None and one.name.strip():
                names.append(one.name)
            else:
                unknown += 1
        return Approvers(tuple(dict.fromkeys(mentions)), tuple(names), unknown)

    async def _found(self, people: Iterable[Colleague], most: int) -> dict[int, str]:
        """Find some accounts in Slack by address, by Buddy's numbers of the people."""
        found: dict[int, str] = {}
        for one in [each for each in people if each.email][:MAX_TRIES]:
            if len(found) >= most:
                break
            if user := await self.addresses.find(one.email):
                found[one.id] = user
        return found

    async def _circle(
        self,
        token: Ledger,
        circle: _Circle,
        read: Callable[[], Awaitable[tuple[Colleague, ...]]],
    ) -> tuple[Colleague, ...]:
        """Read who belongs to a group or a workspace, now and then; nobody if Buddy refuses."""
        seen = self._tokens.setdefault(token, _Seen())
        async with seen.asking.setdefault(circle, asyncio.Lock()):
            kept = seen.circles.get(circle)
            if kept is not None and self.clock.now() < kept[0]:
                return kept[1]
            try:
                people = await read()
            except (BuddyUnavailable, BuddyRateLimited) as silent:
                log.info("approvers.not_told", code=silent.code)
                return ()
            except BuddyError as refused:
                log.info("approvers.not_told", code=refused.code)
                people = ()
            while len(seen.circles) >= MAX_KEPT:
                oldest = next(iter(seen.circles))
                del seen.circles[oldest]
                seen.asking.pop(oldest, None)
            seen.circles[circle] = (self.clock.now() + KEPT, people)
            return people
