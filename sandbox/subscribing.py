"""Chapters of the story: a channel subscribes, and everything else comes to it by itself."""

from sandbox.buddy import Execution, Gate, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.buddy.webhooks import Webhook
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
        if not self.is_public:
            return
        made = self._webhooks()
        for webhook in made:
            self.teller.shows("Buddy, the workspace's webhooks", _described(webhook))
        self.teller.promise(
            "The webhook was made for her: nobody pasted anything, and there is one",
            holds=len(made) == 1 and self.webhook_url in made[0].target_url,
        )

    async def a_push_is_enough(self, by: Colleague) -> None:
        """Card, gate, mention, approval, end: in one message and its thread."""
        self.teller.chapter("Ben pushes, and nobody types anything")
        run = self._push(by, "Faster search")
        if self.is_public:
            await self.stage.settled()
            self._deliveries(1)
            self.teller.shows("#releases, at once", self._card(run).reads)
        await self._a_minute_later("no webhook tells of a gate, so I looked")
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
        if self.is_public:
            self._deliveries(3)
        self.teller.promise(
            "One quiet message per execution, also where nobody asked for it",
            holds=[one for one in self.channel.messages if f"#{run.id}" in one.text] == [card]
            and "Successful" in card.reads,
        )

    async def a_failure_finds_its_author(self, by: Colleague) -> None:
        """The thread says what failed, and who started it hears of it once."""
        self.teller.chapter("The next one fails")
        run = self._push(by, "Even faster search")
        run.fails_at("Tests", logs=["search: 3 of 12 failed"])
        before = len(self.ben.dms)
        await self._a_minute_later("Buddy told me at once")
        card = self._card(run)
        self.teller.shows("#releases", card.reads)
        self.teller.shows("its thread", _thread(card))
        letters = self.ben.dms[before:]
        for letter in letters:
            self.teller.shows("directly to ben", letter.reads)
        self.teller.promise("Who started it is told, once", holds=len(letters) == 1)

    @property
    def is_public(self) -> bool:
        """Whether Buddy can call the bot; else the bot looks at the pipelines by itself."""
        return self.stage.settings.public_url is not None

    @property
    def webhook_url(self) -> str:
        """How the addresses begin that Buddy calls."""
        return f"{self.stage.settings.public_url}/buddy/webhooks/"

    def _webhooks(self) -> list[Webhook]:
        return list(self.stage.buddy.state.webhooks.values())

    def _deliveries(self, count: int) -> None:
        """Show what Buddy told by its webhook so far, as its settings list it."""
        told = [one for webhook in self._webhooks() for one in webhook.requests]
        lines = "\n".join(f"{one.at:%H:%M:%S} {one.event}: {one.status}" for one in told)
        self.teller.shows("Buddy, the webhook's deliveries", lines)
        self.teller.promise(
            "Each delivery was taken", holds=[one.status for one in told] == [200] * count
        )

    def _push(self, by: Colleague, message: str) -> Execution:
        then = "starts the pipeline, and calls" if self.is_public else "starts the pipeline"
        self.teller.aside(f"Ben pushes “{message}” to main; Buddy {then}")
        return self.deploy.push(by=by, message=message)

    async def _a_minute_later(self, how: str) -> None:
        """Let time pass; ``how`` it was noticed what happened, where Buddy can call."""
        self.teller.aside(f"a minute later: {how if self.is_public else 'I looked by myself'}")
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


def _described(webhook: Webhook) -> str:
    """Say what a webhook tells, and where to; the end of its address is as good as a password."""
    address = webhook.target_url.rpartition("/")[0]
    return f"{address}/…\n{', '.join(webhook.events)}"


def _thread(card: Message) -> str:
    return "\n".join(reply.reads for reply in card.thread)
