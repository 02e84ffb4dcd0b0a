"""Chapters of the story: a channel subscribes, and everything else comes to it by itself."""

from sandbox.buddy import Execution, Gate, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.slack import Channel, Message, Person
from sandbox.stage import Stage
from sandbox.teller import Teller


class SubscribingChapters:
    """What a channel that subscribed sees."""

    def __init__(
        self, stage: Stage, teller: Teller, approver: Colleague, ben: Person, maya: Person
    ) -> None:
        self.stage = stage
        self.teller = teller
        self.deploy = _build_pipeline(stage.buddy, approver)
        self.ben = ben
        self.maya = maya
        self.channel: Channel = stage.slack.channel("releases", [ben, maya])

    async def a_channel_subscribes(self) -> None:
        """One command; from then on a push is enough."""
        self.teller.chapter("The channel #releases subscribes")
        typed = "/buddy subscribe shop/europe"
        self.teller.acts("maya", typed)
        await self.maya.says(typed, in_=self.channel)
        await self.stage.settled()
        self.teller.shows("#releases", self.channel.messages[-1].reads)
        self._private(self.maya)

    async def a_push_is_enough(self, by: Colleague) -> None:
        """Card, gate, mention, approval, end: in one message and its thread."""
        self.teller.chapter("Ben pushes, and nobody types anything")
        run = self.deploy.push(by=by, message="Faster search")
        await self._comes_to_its_gate()
        card = self._card(run)
        self.teller.shows("#releases", card.reads)
        self.teller.shows("its thread", _thread(card))
        replies = {reply.ts for reply in card.thread}
        called = [ping.target for ping in self.stage.slack.pings if ping.ts in replies]
        self.teller.promise("Who may approve is called in the thread", holds=called == ["@maya"])
        self.teller.acts("maya", "clicks Approve, and says yes")
        await self.maya.clicks(card, "Approve")
        await self.stage.passes(60)
        self.teller.shows("its thread, in the end", _thread(card))
        self.teller.promise(
            "One quiet message per execution, also where nobody asked for it",
            holds=[one for one in self.channel.messages if f"#{run.id}" in one.text] == [card]
            and "Successful" in card.reads,
        )

    async def a_failure_finds_its_author(self, by: Colleague) -> None:
        """The thread says what failed, and who started it hears of it once."""
        self.teller.chapter("The next one fails")
        run = self.deploy.push(by=by, message="Even faster search")
        run.fails_at("Tests", logs=["search: 3 of 12 failed"])
        before = len(self.ben.dms)
        await self._comes_to_its_gate()
        card = self._card(run)
        self.teller.shows("#releases", card.reads)
        self.teller.shows("its thread", _thread(card))
        letters = self.ben.dms[before:]
        for letter in letters:
            self.teller.shows("directly to ben", letter.reads)
        self.teller.promise("Who started it is told, once", holds=len(letters) == 1)

    async def _comes_to_its_gate(self) -> None:
        self.teller.aside("a minute later: I looked at the pipeline by myself")
        await self.stage.passes(70)

    def _card(self, run: Execution) -> Message:
        return next(one for one in self.channel.messages if f"#{run.id}" in one.text)

    def _private(self, person: Person) -> None:
        for note in person.ephemerals:
            if not note.seen:
                self.teller.shows(f"only visible to {person.name}", note.reads)


def _build_pipeline(buddy: SimulatedBuddy, approver: Colleague) -> Pipeline:
    return buddy.pipeline(
        "acme",
        "shop",
        "Deploy to Europe",
        identifier="europe",
        actions=[
            Step("Build", seconds=20),
            Step("Tests", seconds=15),
            Gate("Approve Europe", question="Is support informed?", approvers=[approver]),
            Step("Deploy", seconds=30),
        ],
    )


def _thread(card: Message) -> str:
    return "\n".join(reply.reads for reply in card.thread)
