"""What came of a scene, by what Buddy did and what people read; the bot's rows are not asked.

lost       acknowledged, and neither was its effect seen nor was its person told why not
doubled    an effect that happened twice
wrong gate an effect on a gate that the button did not name
stale      after fifteen seconds a card neither tells the truth nor who is at it
"""

from collections import Counter
from dataclasses import dataclass, field

from sandbox.buddy import Execution
from sandbox.buddy.webhooks import Webhook
from sandbox.slack import Channel, Ephemeral, Message, Person
from tests.crash.scenes import GATE, START, Click, Scene
from tests.crash.told import SUBSCRIBE, UNSUBSCRIBE, webhooks
from tests.crash.universe import HISTORY

SILENCE = 15.0
"""Seconds in which every card must say the truth, or who is checking."""

_STATES = {
    "ENQUEUED": "waiting in line",
    "INPROGRESS": "running",
    "WAITING_FOR_APPLY": "waiting for approval",
    "WAITING_FOR_VARIABLES": "waiting for variables",
    "TERMINATING": "being stopped",
    "TERMINATED": "cancelled",
    "FAILED": "failed",
    "SUCCESSFUL": "successful",
}
_CHECKING = "Buddy does not show it yet"
_INTERIM = ("Still on it", "you act as", "I do not know your Buddy account yet", "on it…", "On it…")
"""What a person is told before anything has come of it."""

_PAST = {
    "APPLY": "approved",
    "APPLY_VARIABLES": "answered",
    "CANCEL": "cancelled",
    "RETRY": "retried",
    START: "started",
    SUBSCRIBE: "subscribed",
    UNSUBSCRIBE: "ended",
}
"""The word by which a thread or a card tells what was done."""

_ONE_OF = frozenset({"APPLY", "APPLY_VARIABLES", "CANCEL"})
"""Only one of these may be carried out: who was second has to confirm first."""


@dataclass(slots=True)
class Case:
    """A scene while it is judged."""

    scene: Scene
    told_before: dict[str, int] = field(default_factory=dict)
    """How many private messages each person had before."""

    patched_before: int = 0
    asked_before: int = 0
    traced_before: int = 0
    traced_until: int | None = None
    """Where the next scene's trace begins; None as long as this one goes on."""

    @classmethod
    def of(cls, scene: Scene) -> "Case":
        """Begin with a scene in which nobody did anything yet."""
        people = scene.here.people.values()
        told = {person.name: len(person.ephemerals) + len(person.dms) for person in people}
        asked = len(scene.here.buddy.journal), len(scene.here.slack.journal)
        return cls(scene, told, *asked, scene.here.trace_size)

    # The cards

    def is_true(self, card: Message) -> bool:
        """Tell whether a card shows what Buddy would show."""
        run = self._shown(card)
        reads = card.reads
        state = _STATES.get(run.status, run.status)
        gates = [
            name for name in (g.action.name for g in run.attempt.actions) if _asks(reads, name)
        ]
        is_checking = _CHECKING in reads
        return card.text.endswith(f": {state}") and gates == run.waiting_gates and not is_checking

    def _shown(self, card: Message) -> Execution:
        """Tell which execution a card shows: the one that was begun here, or the one before."""
        return next(
            (run for run in self.scene.started if f"#{run.id}:" in card.text), self.scene.run
        )

    @property
    def cards(self) -> list[Message]:
        """The cards that must be true. Where the bot cannot look, it may have posted one twice.

        The older one is adopted by whoever clicks it.
        """
        if not self.scene.begun and not self.scene.is_told:
            return self.scene.cards
        found = [self._found(channel) for channel in self.scene.channels]
        return [card for each in found for card in (each if self.may_read else each[-1:])]

    @property
    def may_read(self) -> bool:
        """Whether the bot may look into channels and threads."""
        return HISTORY[0] in self.scene.here.slack.scopes

    @property
    def all_true(self) -> bool:
        """Tell whether there are cards and all of them are true."""
        if self.scene.wish:
            return not self.stale
        is_due = self.scene.started if self.scene.begun else True
        is_there = bool(self.cards or not is_due) and not self.missing_cards
        return is_there and all(self.is_true(card) for card in self.cards)

    @property
    def missing_cards(self) -> int:
        """Count the channels without the card of what the bot took."""
        if not self.scene.is_taken:
            return 0
        return sum(not self._found(channel) for channel in self.scene.channels)

    @property
    def doubled_cards(self) -> int:
        """Count the cards beyond the first in each channel that is told of an execution."""
        if not self.scene.is_told:
            return 0
        return sum(max(0, len(self._found(channel)) - 1) for channel in self.scene.channels)

    def _found(self, channel: Channel) -> list[Message]:
        """List the cards in a channel that nobody put there by a command."""
        return [one for one in channel.messages if not self.scene.is_told or self._is_ours(one)]

    def _is_ours(self, message: Message) -> bool:
        return f"Go {self.scene.number} #{self.scene.run.id}" in message.text

    @property
    def stale(self) -> int:
        """Count the cards that neither are true nor say who is at it, or webhooks that are not."""
        if self.scene.wish:
            # What was not acknowledged need not have happened: then all is as it was.
            is_subscribed = (self.scene.wish == SUBSCRIBE) == bool(self._words)
            return int(bool(self._webhooks) != is_subscribed)
        cards = self.cards
        return sum(not self.is_true(card) and _CHECKING not in card.reads for card in cards)

    # The clicks

    def is_answered(self, click: Click) -> bool:
        """Tell whether a click had its effect, or its person was told why not."""
        return self._took_effect(click) or self._is_told(click)

    @property
    def lost(self) -> list[Click]:
        """List the acknowledged clicks of which nothing came."""
        return [one for one in self.scene.clicks if one.ack.is_ok and not self.is_answered(one)]

    @property
    def is_well(self) -> bool:
        """Tell whether everything came to its end as it should."""
        return not self.lost and self.all_true and self.is_told

    @property
    def is_told(self) -> bool:
        """Tell whether every thread was told the news, and it or the person of each effect."""
        if not all(self._has_news(card) for card in self.cards) or not self.has_letter:
            return False
        for click in self.scene.clicks:
            if self._took_effect(click) and not self._is_told(click):
                return False
        return True

    @property
    def doubled_effects(self) -> int:
        """Count the effects beyond the one that may be; what is done in Buddy itself may be."""
        if self.scene.wish:
            return max(0, len(self._webhooks) - 1)
        if self.scene.begun:
            return max(0, len(self.scene.started) - len(self.scene.clicks))
        colleagues = self.scene.here.colleagues
        asked = {colleagues[click.person.name].name for click in self.scene.clicks}
        history = [effect for effect in self.scene.run.history if effect.who in asked]
        decided = sum(effect.operation in _ONE_OF for effect in history)
        others = Counter(e.operation for e in history if e.operation not in _ONE_OF)
        return max(0, decided - 1) + sum(count - 1 for count in others.values())

    @property
    def wrong_gates(self) -> int:
        """Count the answers to another gate than the one that was pressed."""
        return sum(effect.gate not in {None, GATE} for effect in self.scene.run.history)

    @property
    def second_requests(self) -> Counter[str]:
        """Count the writes beyond each person's first, by operation; what 429 refused is none."""
        number = self.scene.run.pipeline.id
        calls = [
            call
            for call in self.scene.here.buddy.journal.calls[self.patched_before :]
            if call.method in {"PATCH", "POST"} and f"/pipelines/{number}/" in call.path
        ]
        asked = Counter(
            (call.who, str(call.body.get("operation", START)))
            for call in calls
            if call.status != 429
        )
        seconds: Counter[str] = Counter()
        for (_, operation), count in asked.items():
            seconds[operation] += count - 1
        return +seconds

    @property
    def sent_from_storage(self) -> int:
        """Count the processes that sent values which another process had taken."""
        if not self.scene.gives_values:
            return 0
        traced = self.scene.here.traced(self.traced_before, self.traced_until)
        took = {name for name, what in traced if "INSERT click" in what}
        sent = {name for name, what in traced if "INSERT decision" in what}
        return len(sent - took)

    @property
    def doubled_replies(self) -> int:
        """Count what stands in a thread, in a channel or before a person more than once."""
        told = [[reply.reads for reply in card.thread] for card in self.cards]
        if self.scene.wish:
            told.append([one.reads for one in self._words])
        doubled = sum(count - 1 for each in told for count in Counter(each).values())
        return doubled + max(0, len(self._letters) - 1)

    @property
    def told(self) -> int:
        """Count the replies and letters, and a channel's words of its subscription."""
        replies = sum(len(card.thread) for card in self.cards)
        return replies + len(self._letters) + (len(self._words) if self.scene.wish else 0)

    @property
    def has_letter(self) -> bool:
        """Tell whether the author was told directly.

        A letter that may stand there is not sent again where the bot cannot look.
        """
        return bool(self._letters) or not self.scene.letter_to or not self.may_read

    @property
    def _letters(self) -> list[str]:
        if not self.scene.letter_to:
            return []
        told = self.scene.here.people[self.scene.letter_to].dms
        return [one.text for one in told if f"Go {self.scene.number} #" in one.text]

    @property
    def _words(self) -> list[Message]:
        """What the channel was told of its subscription since the scene began."""
        mark = ":bell:" if self.scene.wish == SUBSCRIBE else ":no_bell:"
        return [one for one in self.scene.channels[0].messages if one.text.startswith(mark)]

    @property
    def _webhooks(self) -> list[Webhook]:
        return webhooks(self.scene.here, self.scene.run.pipeline.project.workspace.domain)

    def _has_news(self, card: Message) -> bool:
        """Tell whether a thread tells the scene's news, in order.

        A reply that may stand there already is not repeated where the bot cannot look; the card
        tells the same.
        """
        if not self.may_read and self.is_true(card):
            return True
        left = iter(reply.reads for reply in card.thread)
        return all(any(news in told for told in left) for news in self.scene.news)

    def _took_effect(self, click: Click) -> bool:
        who = self.scene.here.colleagues[click.person.name].name
        if click.operation in {SUBSCRIBE, UNSUBSCRIBE}:
            return bool(self._words)
        if click.operation == START:
            return any(run.creator and run.creator.name == who for run in self.scene.started)
        return any(e.who == who and e.operation == click.operation for e in self.scene.run.history)

    def _is_told(self, click: Click) -> bool:
        """Tell whether a thread, a card or a private message says what came of a click."""
        mention, past = f"@{click.person.name}", _PAST[click.operation]
        replies = [reply.reads for card in self.scene.cards for reply in card.thread]
        if any(mention in reply or past in reply.lower() for reply in replies):
            return True
        # A reply that may stand in a thread already is not repeated where the bot cannot look; the
        # card says the same.
        if any(f"{past} by {mention}" in card.reads.lower() for card in self.scene.cards):
            return True
        return any(
            not any(word in text for word in _INTERIM) for text in self._private(click.person)
        )

    def _private(self, person: Person) -> list[str]:
        """Read what a person was told privately since the scene began."""
        notes: list[Ephemeral | Message] = [*person.ephemerals, *person.dms]
        # Two lists: by their time they are one.
        recent = sorted(notes, key=lambda one: one.ts)[self.told_before.get(person.name, 0) :]
        return [one.reads for one in recent if one.is_by_bot]


def _asks(reads: str, gate: str) -> bool:
    return f"“{gate}” waits for a decision" in reads or f"“{gate}” waits for variables" in reads
