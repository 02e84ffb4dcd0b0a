"""Chapters of the main story in which executions are started from Slack."""

from datetime import timedelta

from sandbox.buddy import Execution, Pipeline
from sandbox.faults import Fault, Moment
from sandbox.slack import Channel, Message, Person
from sandbox.stage import Stage
from sandbox.teller import Teller


class Starting:
    """Somebody starts an execution now, and somebody one for later."""

    def __init__(self, stage: Stage, teller: Teller, deploy: Pipeline, channel: Channel) -> None:
        self.stage = stage
        self.teller = teller
        self.deploy = deploy
        self.channel = channel

    async def at_once(self, ben: Person) -> None:
        """Buddy starts it and its answer gets lost: it is found, and not started twice."""
        self.teller.chapter("Ben starts one from Slack, and Buddy's answer gets lost")
        lost = Fault("POST", path="/executions", moment=Moment.AFTER, drop=True)
        self.stage.buddy.faults.order(lost)
        before = len(self.deploy.runs)
        await self._types(ben, 'run shop/deploy @main comment:"the mails of last night"')
        [run] = self.deploy.runs[before:]
        self.teller.shows("#deployments, a new message", self._card(run).reads)
        self.teller.promise(
            "One command, one effect: Buddy was asked once, and has one run",
            holds=self._orders() == 1,
        )
        self.teller.promise(
            "It acts as you: Buddy's record says that Ben started it",
            holds=run.creator is not None and run.creator.name == "Ben Ito",
        )
        self.teller.promise(
            "The mark by which it was found stays in Buddy",
            holds="[gl-" in run.order.comment and "gl-" not in self._card(run).reads,
        )
        await self._cancels(ben, run)

    async def for_later(self, maya: Person) -> None:
        """The card says when it starts, and one click starts it now."""
        self.teller.chapter("Maya plans one for later, and then does not wait")
        # By the clock of the simulated people, who live an hour east of Greenwich in winter.
        evening = self.stage.clock.now() + timedelta(hours=4)
        await self._types(maya, f"run shop/deploy at:{evening:%H:%M}")
        run = self.deploy.runs[-1]
        card = self._card(run)
        self.teller.shows("#deployments, a new message", card.reads)
        self.teller.promise(
            "It is scheduled, and waits", holds="Scheduled for" in card.reads and not run.is_final
        )
        self.teller.acts("maya", "clicks Start now")
        await maya.clicks(card, "Start now")
        await self.stage.settled()
        await self.stage.passes(5)
        self.teller.shows("#deployments, the same message", card.reads)
        self.teller.shows("its thread", "\n".join(reply.reads for reply in card.thread))
        self.teller.promise("It runs", holds=run.status == "INPROGRESS")
        await self._cancels(maya, run)

    async def _types(self, person: Person, text: str) -> None:
        self.teller.acts(person.name, f"/buddy {text}")
        await person.says(f"/buddy {text}", in_=self.channel)
        await self.stage.settled()
        await self.stage.passes(2)
        for note in person.ephemerals:
            if not note.seen:
                self.teller.shows(f"only visible to {person.name}", note.reads)

    async def _cancels(self, person: Person, run: Execution) -> None:
        """End it, so that the next chapter begins with nothing going on."""
        card = self._card(run)
        self.teller.acts(person.name, "clicks Cancel, and gives no reason")
        await person.clicks(card, "Cancel")
        await self.stage.settled()
        await person.submits({})
        await self.stage.passes(10)
        self.teller.shows("its thread", "\n".join(reply.reads for reply in card.thread))
        self.teller.promise("It is cancelled", holds=run.status == "TERMINATED")

    def _card(self, run: Execution) -> Message:
        return next(one for one in self.channel.messages[::-1] if f"#{run.id}:" in one.text)

    def _orders(self) -> int:
        return len(self.stage.buddy.journal.select("POST"))
