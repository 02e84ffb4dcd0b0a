"""The main story: a deployment is approved from Slack, by the person who may, exactly once."""

import asyncio

from sandbox.buddy import Execution, Gate, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague
from sandbox.buddy.people import DEFAULT_SCOPES
from sandbox.chapters import GateChapters, Somebody, thread_of
from sandbox.looks import dialog
from sandbox.slack import Channel, Message, Person, Role
from sandbox.stage import Stage
from sandbox.starting import Starting
from sandbox.subscribing import SubscribingChapters
from sandbox.teller import Teller

_BUILD = (
    "Fetching main",
    "Installing 214 packages",
    "Compiling 96 modules",
    "Wrote dist/shop.tar.gz",
)
_TESTS = ("cart: 58 passed", "checkout: 77 passed", "login: 31 passed", "166 passed")
_DEPLOY = (
    "Uploading dist/shop.tar.gz",
    "web-1: switched",
    "web-2: switched",
    "Both answer: 200 OK",
)


def build_shop(buddy: SimulatedBuddy) -> tuple[Pipeline, Colleague, Colleague]:
    """Set up a workspace with one pipeline that waits for approval, and two people in it."""
    buddy.workspace("acme", name="Acme")
    scopes = [*DEFAULT_SCOPES, "REPOSITORY_READ"]
    ben = buddy.person("Ben Ito", workspaces=["acme"], scopes=scopes)
    # An admin, whose token may make webhooks.
    may = [*scopes, "WEBHOOK_MANAGE"]
    maya = buddy.person("Maya Lindt", workspaces=["acme"], scopes=may, is_admin=True)
    buddy.project("acme", "shop", display_name="Web Shop")
    deploy = buddy.pipeline(
        "acme",
        "shop",
        "Deploy to production",
        identifier="deploy",
        actions=[
            Step("Build", seconds=20, logs=_BUILD),
            Step("Tests", seconds=15, logs=_TESTS),
            Gate("Approve production", question="Ship it to our customers?"),
            Step("Deploy", seconds=30, logs=_DEPLOY),
        ],
    )
    return deploy, ben, maya


class Story:
    """The people, the channel and the pipeline of the story."""

    def __init__(self, stage: Stage, teller: Teller) -> None:
        self.stage = stage
        self.teller = teller
        self.deploy, self.ben_in_buddy, self.maya_in_buddy = build_shop(stage.buddy)
        self.ben = stage.slack.person("ben")
        self.maya = stage.slack.person("maya")
        self.gia = stage.slack.person("gia", Role.GUEST)
        people = [self.ben, self.maya, self.gia]
        self.channel: Channel = stage.slack.channel("deployments", people)
        ben = Somebody(self.ben, self.ben_in_buddy)
        maya = Somebody(self.maya, self.maya_in_buddy)
        self.gates = GateChapters(stage, teller, self.channel, ben, maya)

    async def play(self) -> int:
        """Play every chapter; the exit code is 1 if a promise was broken."""
        self.teller.title("Greenlight: a deployment is approved from Slack")
        await self.people_connect()
        card = await self.a_commit_is_pushed()
        await self.a_guest_is_refused(card)
        await self.maya_approves(card)
        await self.it_succeeds(card)
        failed = await self.two_approve_at_once()
        await self.a_failure_is_retried(failed)
        await self.maya_rejects()
        await self.ben_cancels()
        await self.gates.two_gates_for_two_people()
        await self.gates.a_gate_wants_variables()
        starting = Starting(self.stage, self.teller, self.deploy, self.channel)
        await starting.at_once(self.ben)
        await starting.for_later(self.maya)
        told = SubscribingChapters(self.stage, self.teller, self.maya_in_buddy, self.ben, self.maya)
        await told.a_channel_subscribes()
        await told.a_push_is_enough(self.ben_in_buddy)
        await told.a_failure_finds_its_author(self.ben_in_buddy)
        self.every_message_was_wanted()
        return self.teller.end()

    async def people_connect(self) -> None:
        """Two people link their own Buddy accounts."""
        self.teller.chapter("Ben and Maya connect their Buddy accounts")
        await self._connect(self.ben, self.ben_in_buddy)
        self.teller.acts("maya", "/buddy connect, and pastes her password by mistake")
        await self.maya.says("/buddy connect", in_=self.channel)
        await self.stage.settled()
        await self.maya.submits({"Personal access token": "my password"})
        self.teller.shows(
            "in the form, below the field", "\n".join(self.maya.modal_errors.values())
        )
        self.teller.acts("maya", "pastes her token instead, and presses Connect")
        await self.maya.submits({"Personal access token": self.maya_in_buddy.token})
        await self.stage.settled()
        self._show_modal(self.maya)
        await self.maya.closes_modal()

    async def a_commit_is_pushed(self) -> Message:
        """A push starts the pipeline; one command puts its live card into the channel."""
        self.teller.chapter("Ben pushes a commit")
        run = self._push("Fix the login of returning customers")
        self.teller.acts("ben", f"/buddy show shop/deploy#{run.id}")
        await self.ben.says(f"/buddy show shop/deploy#{run.id}", in_=self.channel)
        await self.stage.settled()
        card = self.channel.messages[-1]
        self.teller.shows("#deployments", card.reads)
        self.teller.aside("40 seconds later: built and tested, and now it waits")
        await self.stage.passes(40)
        self.teller.shows("#deployments, the same message", card.reads)
        self.teller.promise(
            "One quiet message per execution: the card was edited in place",
            holds=len(self.channel.messages) == 1 and card.buttons == ["Approve", "Reject"],
        )
        return card

    async def a_guest_is_refused(self, card: Message) -> None:
        """Who may not act is told so, and nothing happens."""
        self.teller.chapter("A guest tries")
        self.teller.acts("gia, a guest", "clicks Approve")
        before = self._patches()
        await self.gia.clicks(card, "Approve")
        await self.stage.settled()
        self.teller.shows("only visible to gia", self.gia.ephemerals[-1].reads)
        self.teller.promise("Deny by default: nothing was sent", holds=self._patches() == before)

    async def maya_approves(self, card: Message) -> None:
        """The approver's double click has one effect."""
        self.teller.chapter("Maya approves, with a nervous finger")
        self.teller.acts("maya", "clicks Approve, and Slack asks")
        self.teller.shows("a dialog, before maya", dialog(card.button("Approve").confirm or ""))
        self.teller.acts("maya", "says yes, and the click is sent twice")
        old = card.snapshot()
        before = self._patches()
        await self.maya.double_clicks(card, "Approve")
        await self.stage.settled()
        self.teller.shows("#deployments", card.reads)
        self.teller.shows("its thread", thread_of(card))
        self.teller.shows("only visible to maya", self.maya.ephemerals[-1].reads)
        sent = self._patches() - before
        self.teller.promise("One click, one effect: one PATCH for two clicks", holds=sent == 1)
        self.teller.promise(
            "It acts as you: Buddy's record names Maya",
            holds=self.deploy.runs[0].history[-1].who == self.maya_in_buddy.name,
        )
        await self._press_a_stale_button(old)

    async def it_succeeds(self, card: Message) -> None:
        """The card tells the end by itself."""
        self.teller.chapter("It goes live")
        self.teller.aside("30 seconds later it is deployed")
        await self.stage.passes(60)
        self.teller.shows("#deployments", card.reads)
        self.teller.shows("its thread", thread_of(card))
        self.teller.promise(
            "Every copy tells the truth: the card says successful", holds="Successful" in card.reads
        )

    async def two_approve_at_once(self) -> Execution:
        """Two approvers at the same moment: one PATCH, and both are told the truth."""
        self.teller.chapter("Ben and Maya approve the next one at the same moment")
        run = self._push("Show prices with tax")
        run.fails_at("Deploy", logs=["Connecting to web-1…", "No space left on device"])
        card = await self._card_of(run)
        self.teller.aside("40 seconds later its card waits for approval, as the first one did")
        await self.stage.passes(40)
        before = self._patches()
        self.teller.acts("ben and maya", "click Approve, and say yes")
        seen = len(self.ben.ephemerals) + len(self.maya.ephemerals)
        await asyncio.gather(self.ben.clicks(card, "Approve"), self.maya.clicks(card, "Approve"))
        await self.stage.settled()
        self.teller.shows("its thread", thread_of(card))
        for person in (self.ben, self.maya):
            for note in person.ephemerals:
                if not note.seen:
                    self.teller.shows(f"only visible to {person.name}", note.reads)
        told = len(self.ben.ephemerals) + len(self.maya.ephemerals) - seen
        self.teller.promise("Two people, one gate: one PATCH", holds=self._patches() == before + 1)
        self.teller.promise("No click is silent: the other one was told", holds=told == 1)
        self.teller.aside("a minute later: this time the last step fails")
        await self.stage.passes(60)
        self.teller.shows("#deployments, the second message", card.reads)
        self.teller.shows("directly to ben, who started it", self.ben.dms[-1].reads)
        return run

    async def a_failure_is_retried(self, run: Execution) -> None:
        """A retry keeps the number; a button of the earlier attempt does nothing any more."""
        self.teller.chapter("It failed, and Ben retries")
        card = self.channel.messages[-1]
        self.teller.acts("ben", "clicks Retry")
        await self.ben.clicks(card, "Retry")
        await self.stage.settled()
        self.teller.shows("its thread", thread_of(card))
        self.teller.aside("45 seconds later it waits again")
        await self.stage.passes(45)
        self.teller.shows("#deployments, the second message", card.reads)
        self.teller.promise("The same execution runs again", holds=run.is_waiting)
        self.teller.acts("maya", "clicks Approve, and says yes")
        await self.maya.clicks(card, "Approve")
        await self.stage.passes(60)
        self.teller.shows("its thread, in the end", thread_of(card))
        self.teller.promise("…and succeeds", holds="Successful" in card.reads)

    async def maya_rejects(self) -> None:
        """A reject is a cancel in Buddy, and its reason stands in the thread."""
        self.teller.chapter("Maya rejects the third one, and says why")
        run = self._push("Try a new payment page")
        card = await self._card_of(run)
        self.teller.aside("40 seconds later it waits for approval")
        await self.stage.passes(40)
        self.teller.acts("maya", "clicks Reject")
        await self.maya.clicks(card, "Reject")
        await self.stage.settled()
        self._show_modal(self.maya)
        self.teller.acts("maya", "types “Legal has not seen it yet”, and presses Reject")
        await self.maya.submits({"Reason": "Legal has not seen it yet"})
        await self.stage.settled()
        await self.stage.passes(10)
        self.teller.shows("#deployments, the third message", card.reads)
        self.teller.shows("its thread", thread_of(card))
        self.teller.promise(
            "The reason is told, and Buddy cancelled it",
            holds="Legal has not seen it yet" in thread_of(card) and run.status == "TERMINATED",
        )

    async def ben_cancels(self) -> None:
        """A run that is still going on is stopped where it is, by whoever has a reason to."""
        self.teller.chapter("Ben cancels the fourth one, which still builds")
        run = self._push("Fix the payment page")
        card = await self._card_of(run)
        await self.stage.passes(10)
        self.teller.shows("#deployments, the fourth message", card.reads)
        self.teller.acts("ben", "clicks Cancel")
        await self.ben.clicks(card, "Cancel")
        await self.stage.settled()
        self._show_modal(self.ben)
        self.teller.acts("ben", "types “Wrong branch”, and presses Cancel")
        await self.ben.submits({"Reason": "Wrong branch"})
        await self.stage.settled()
        await self.stage.passes(10)
        self.teller.shows("#deployments, the fourth message", card.reads)
        self.teller.shows("its thread", thread_of(card))
        effect = run.history[-1]
        self.teller.promise(
            "It stopped before its gate, and everybody reads why",
            holds="Wrong branch" in thread_of(card) and run.action("Tests").started is None,
        )
        self.teller.promise(
            "It acts as you: Buddy's record says that Ben cancelled it",
            holds=(effect.who, effect.operation) == (self.ben_in_buddy.name, "CANCEL")
            and run.status == "TERMINATED",
        )

    def every_message_was_wanted(self) -> None:
        """Nothing was posted that nobody looked at, and Slack refused nothing."""
        self.teller.chapter("In the end")
        unseen = [shown.source for shown in self.stage.slack.unseen()]
        for text in unseen:
            self.teller.shows("never looked at", text)
        self.teller.promise("Nothing was said that this story did not show", holds=not unseen)
        refusals = self.stage.slack.refusals
        self.teller.promise("Slack refused none of the bot's calls", holds=not refusals)

    async def _connect(self, person: Person, colleague: Colleague) -> None:
        self.teller.acts(person.name, "/buddy connect")
        await person.says("/buddy connect", in_=self.channel)
        await self.stage.settled()
        self._show_modal(person)
        self.teller.acts(person.name, "pastes a token made in Buddy, and presses Connect")
        await person.submits({"Personal access token": colleague.token})
        await self.stage.settled()
        self._show_modal(person)
        await person.closes_modal()

    async def _press_a_stale_button(self, old: Message) -> None:
        self.teller.acts("ben", "clicks Approve on a screen that was not refreshed")
        before = self._patches()
        await self.ben.clicks(old, "Approve")
        await self.stage.settled()
        self.teller.shows("only visible to ben", self.ben.ephemerals[-1].reads)
        self.teller.promise("A stale button sends nothing", holds=self._patches() == before)

    async def _card_of(self, run: Execution) -> Message:
        self.teller.acts("ben", f"/buddy show shop/deploy#{run.id}")
        await self.ben.says(f"/buddy show shop/deploy#{run.id}", in_=self.channel)
        await self.stage.settled()
        return self.channel.messages[-1]

    def _push(self, message: str) -> Execution:
        self.teller.aside(f"Ben pushes “{message}” to main; Buddy starts the pipeline")
        return self.deploy.push(by=self.ben_in_buddy, branch="main", message=message)

    def _patches(self) -> int:
        return len(self.stage.buddy.journal.select("PATCH"))

    def _show_modal(self, person: Person) -> None:
        if person.modal is not None:
            self.teller.shows(f"a form, before {person.name}", person.modal.reads)
