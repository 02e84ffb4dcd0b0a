"""Chapters of the main story about gates: two that wait at once, and one that wants variables."""

import asyncio
from dataclasses import dataclass

from sandbox.buddy import Execution
from sandbox.buddy import Person as Colleague
from sandbox.gated import build_prices, build_release
from sandbox.slack import Channel, Message, Person
from sandbox.stage import Stage
from sandbox.teller import Teller

_KEY = "s1gn-here"


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person, in front of Slack and in Buddy."""

    person: Person
    colleague: Colleague


@dataclass(frozen=True, slots=True)
class GateChapters:
    """What happens at gates that a single yes does not pass."""

    stage: Stage
    teller: Teller
    channel: Channel
    ben: Somebody
    maya: Somebody

    async def two_gates_for_two_people(self) -> None:
        """Each gate has its own pair of buttons; two people answer them at the same moment."""
        self.teller.chapter("A release waits for two people at once")
        release = build_release(self.stage.buddy, self.maya.colleague)
        run = release.push(by=self.ben.colleague, message="Version 5 of the app")
        card = await self._card_of("release", run, 15)
        before = self._patches()
        self.teller.acts("maya and ben", "approve at the same moment: Legal she, Budget he")
        await asyncio.gather(
            self.maya.person.clicks(card, "Approve: Legal"),
            self.ben.person.clicks(card, "Approve: Budget"),
        )
        await self.stage.settled()
        self.teller.shows("its thread", thread_of(card))
        answered = {(done.who, done.gate) for done in run.history}
        wanted = {(self.maya.colleague.name, "Legal"), (self.ben.colleague.name, "Budget")}
        self.teller.promise(
            "A button does what it says: each answered exactly their gate",
            holds=answered == wanted and self._patches() == before + 2,
        )
        await self._until_success(card)

    async def a_gate_wants_variables(self) -> None:
        """A form made of the gate's own fields; its values are told nowhere."""
        self.teller.chapter("New prices: a gate asks for variables")
        prices = build_prices(self.stage.buddy)
        run = prices.push(by=self.ben.colleague, message="Summer prices")
        card = await self._card_of("prices", run, 10)
        maya = self.maya.person
        self.teller.acts("maya", "clicks Provide variables…")
        await maya.clicks(card, "Provide variables…")
        await self.stage.settled()
        if maya.modal is not None:
            self.teller.shows("a form, before maya", maya.modal.reads)
        self.teller.acts("maya", "fills it in, and presses Send")
        filled = {"COUNTRY": "Japan", "VOUCHER": "SUMMER", "SIGNING_KEY": _KEY}
        await maya.submits(filled)
        await self.stage.settled()
        self.teller.shows("its thread", thread_of(card))
        given = {value.key: value.value for value in run.action("New prices").passed}
        self.teller.promise(
            "Buddy has every value exactly as it was entered",
            holds=given == {"PERCENT": "10", **filled},
        )
        self.teller.promise(
            "Names are told, values are not", holds=_KEY not in thread_of(card) + card.reads
        )
        await self._until_success(card)

    async def _card_of(self, pipeline: str, run: Execution, seconds: float) -> Message:
        self.teller.acts("ben", f"/buddy show shop/{pipeline}#{run.id}")
        await self.ben.person.says(f"/buddy show shop/{pipeline}#{run.id}", in_=self.channel)
        await self.stage.settled()
        card = self.channel.messages[-1]
        self.teller.aside(f"{seconds:.0f} seconds later it waits")
        await self.stage.passes(seconds)
        self.teller.shows("#deployments", card.reads)
        return card

    async def _until_success(self, card: Message) -> None:
        self.teller.aside("30 seconds later it is through")
        await self.stage.passes(30)
        self.teller.shows("#deployments, the same message", card.reads)
        self.teller.shows("its thread, in the end", thread_of(card))
        self.teller.promise("…and it goes on by itself", holds="Successful" in card.reads)

    def _patches(self) -> int:
        return len(self.stage.buddy.journal.select("PATCH"))


def thread_of(card: Message) -> str:
    """Read a card's thread."""
    return "\n".join(reply.reads for reply in card.thread)
