"""Gather what the card of an execution shows, from Buddy and from what the bot knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.buddy.client import BuddyClient
from bot.cards.answers import PAST
from bot.cards.approvers import Approvers
from bot.cards.facts import CardFacts, LastAct, Pending
from bot.cards.names import members_of
from bot.clock import Clock
from bot.domain.catalog import GateQuestion
from bot.domain.execution import Execution, Status, deeds
from bot.domain.history import TimeLeft, time_left
from bot.errors import BuddyError
from bot.services.following.approving import Approving
from bot.services.following.history import Histories
from bot.services.following.shipping import Shipping
from bot.services.identity import Identities
from bot.store import cards
from bot.store.cards import Follow

QUESTION_KEPT = timedelta(minutes=10)
"""How long a gate's question is remembered; it belongs to the pipeline and rarely changes."""


@dataclass(slots=True)
class Facts:
    """Gathers what stands on cards."""

    identities: Identities
    histories: Histories
    approving: Approving
    shipping: Shipping
    clock: Clock
    installation: str
    """Whose buttons the cards carry."""

    _questions: dict[tuple[str, int, int], tuple[datetime, GateQuestion]] = field(
        default_factory=dict
    )

    async def gather(
        self,
        execution: Execution,
        buddy: BuddyClient,
        team: str,
        follow: Follow | None = None,
        pending: Pending | None = None,
    ) -> CardFacts:
        """Gather everything that the card of an execution shows."""
        self.histories.learn([execution])
        asked = await self.asked(execution, buddy)
        people = await self.identities.mentions(team, _members(execution))
        act = follow.last_act if follow else None
        return CardFacts(
            execution=execution,
            retries=follow.retries if follow else 0,
            last_act=_last_act(act) if act else None,
            superseded_by=await self._superseded(execution, buddy, follow),
            pending=pending,
            installation=self.installation,
            questions={gate: told.question for gate, told in asked.items()},
            approvers=await self._approvers(execution, asked, buddy, team),
            people=people,
            left=await self._left(execution, buddy),
            ships=await self.shipping.of(execution, buddy),
        )

    async def _superseded(
        self, execution: Execution, buddy: BuddyClient, follow: Follow | None
    ) -> int | None:
        """Name the newest run that has overtaken this one, as far as it is known."""
        known = follow.superseded_by if follow else None
        if not execution.gates:
            return known
        newer = await self.histories.overtaker(execution, buddy)
        return max(known or 0, newer or 0) or None

    async def _approvers(
        self,
        execution: Execution,
        asked: Mapping[str, GateQuestion],
        buddy: BuddyClient,
        team: str,
    ) -> dict[str, Approvers]:
        """List who may answer each gate that has a list."""
        found = {}
        for gate, told in asked.items():
            listed = await self.approving.listed(told, execution, buddy, team)
            if listed is not None:
                found[gate] = listed
        return found

    async def _left(self, execution: Execution, buddy: BuddyClient) -> TimeLeft | None:
        """Tell about how much time is left, where it runs and waits for nobody."""
        if execution.status is not Status.INPROGRESS or execution.gates:
            return None
        usual = await self.histories.usual(execution, buddy)
        return time_left(execution, usual, self.clock.now())

    async def asked(self, execution: Execution, buddy: BuddyClient) -> dict[str, GateQuestion]:
        """Read what the waiting gates ask; a question that cannot be read is left out."""
        asked: dict[str, GateQuestion] = {}
        for gate in execution.gates:
            if gate.action_id is None:
                continue
            key = (execution.ref.host, execution.ref.pipeline, gate.action_id)
            kept = self._questions.get(key)
            if kept is None or self.clock.now() - kept[0] > QUESTION_KEPT:
                try:
                    told = await buddy.gate_question(execution.ref, gate.action_id)
                except BuddyError:
                    continue
                kept = self._questions[key] = (self.clock.now(), told)
            asked[gate.id] = kept[1]
        return asked


def _last_act(act: cards.LastAct) -> LastAct:
    did = PAST[act.operation]
    return LastAct(act.person.mention, did, act.at, act.reason, act.variables)


def _members(execution: Execution) -> set[int]:
    """Gather the Buddy numbers of everybody whom the card or its thread names."""
    numbers = {member.id for member in members_of(execution) if member.id is not None}
    return numbers | {deed.by for deed in deeds(execution)}
