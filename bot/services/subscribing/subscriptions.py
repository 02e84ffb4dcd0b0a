"""Begin, change and end what a channel is told; each is stored before anybody is told so.

A job does it, in the order in which a channel was asked: it finds what is meant with the person's
own account, stores it, tells the channel once, and then sees to it that Buddy tells us.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

import structlog

from bot.cards.answers import note_card, problem_card
from bot.cards.card import Card
from bot.cards.hooks import left_in_buddy
from bot.cards.lists import choice_card
from bot.cards.subscriptions import begun_card, ended_card, ending_choice_card
from bot.cards.wishes import describe, title_of
from bot.clock import Clock
from bot.database import Database
from bot.domain import wishes
from bot.domain.command import Subscribe, Unsubscribe
from bot.domain.person import Person
from bot.domain.subscription import Subscription, Wish
from bot.domain.wishes import Begin, Change, End, Remove, SetUp
from bot.errors import (
    AmbiguousName,
    BotError,
    InputError,
    LinkError,
    NothingSubscribed,
    NotInvited,
    SlackBusy,
    SlackUnavailable,
    SubscriptionGone,
)
from bot.jobs.queue import Again, Job, Jobs, Outcome, Snooze
from bot.services.identity import Identities
from bot.services.notifying.polling import Polling
from bot.services.operating.answers import Answers
from bot.services.subscribing.hooks import Hooks
from bot.services.subscribing.keeping import Keeping
from bot.services.subscribing.rooms import Rooms
from bot.services.subscribing.topics import Topics, matches
from bot.services.subscribing.wishing import KIND, Asked
from bot.slack.people import People
from bot.store import subscriptions
from bot.store.hooks import HookKind

log = structlog.get_logger()

SLOTS = 16
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Case:
    """What is being carried out, and whether it may have been begun before."""

    asked: Asked
    job: Job
    is_again: bool

    @property
    def person(self) -> Person:
        return self.asked.person

    @property
    def mark(self) -> str:
        """Names the channel's word of it."""
        return f"subscribe/{self.job.key}"


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Carries out what is asked about subscriptions."""

    database: Database
    people: People
    identities: Identities
    topics: Topics
    rooms: Rooms
    hooks: Hooks
    keeping: Keeping
    polling: Polling
    answers: Answers
    jobs: Jobs
    clock: Clock
    command: str

    def register(self) -> None:
        """Name who carries it out."""
        self.jobs.handle(KIND, self.carry_out, slots=SLOTS, attempts=ATTEMPTS, give_up=self.give_up)

    async def carry_out(self, job: Job) -> Outcome:
        """Do what was asked, and tell the person what came of it."""
        asked = Asked.model_validate_json(job.data)
        case = _Case(asked, job, job.attempt > 1)
        try:
            await self.people.admit(case.person)
            card, is_secret = await self._do(case)
            if card is None:
                return None
        except SlackBusy as busy:
            pause = timedelta(seconds=busy.seconds)
            if isinstance(wishes.read(asked.deed), End | Remove) and not case.is_again:
                # Nothing was said or done: who begins anew need not look for what may stand there.
                return Snooze(pause, is_firm=True)
            return Again(busy.code, pause)
        except SlackUnavailable as silent:
            return Again(silent.code)
        except BotError as error:
            log.info("subscription.refused", code=error.code)
            card, is_secret = self._problem(case, error), False
        asker = asked.asker(job.sealed)
        if is_secret:
            # Said at once and written down nowhere: whoever misses it has another secret made.
            await self.answers.tell(asker, card)
            return None
        async with self.database.transaction() as transaction:
            await self.answers.put(transaction, asker, "end", card)
        return None

    async def give_up(self, job: Job) -> None:
        """Tell the person that it did not work."""
        asked = Asked.model_validate_json(job.data)
        card = problem_card(SlackUnavailable("given_up"), self.command)
        async with self.database.transaction() as transaction:
            await self.answers.put(transaction, asked.asker(job.sealed), "end", card)

    async def _do(self, case: _Case) -> tuple[Card | None, bool]:
        """Do it; nothing is left to say where it was stored together with what was done."""
        deed = wishes.read(case.asked.deed)
        match deed:
            case Begin():
                return await self._begin(case, deed), False
            case Change():
                return await self._change(case, deed), False
            case End():
                return await self._end(case, deed), False
            case Remove(number):
                await self._remove(case, await self._own(case, number))
                return None, False
            case SetUp(number, kind):
                actor = await self.identities.actor(case.person)
                subscription = await self._own(case, number)
                await self.topics.check_sight(actor, subscription.scope)
                since = case.asked.at if case.is_again else None
                card = await self.hooks.show(subscription, HookKind(kind), actor, since)
                return card, True
        assert_never(deed)

    async def _begin(self, case: _Case, deed: Begin) -> Card:
        """Subscribe the channel, tell it so, and have Buddy tell us."""
        actor = await self.identities.actor(case.person)
        topic = await self.topics.meant(case.person, case.asked.channel, deed.topic)
        found = await self.topics.find(actor, topic)
        await self.rooms.check(case.asked.channel)
        asked = subscriptions.Asked(
            case.asked.channel,
            found.scope,
            found.project_shown,
            found.pipeline_shown,
            deed.wish,
            case.person,
        )
        async with self.database.transaction() as transaction:
            await self.polling.begin(transaction)
            number, is_new = await subscriptions.save(transaction, asked, self.clock.now())
            subscription = await subscriptions.get(transaction, number)
        assert subscription is not None  # noqa: S101 - stored a moment ago
        # After a crash it is known already, and was new all the same.
        is_new = is_new or (case.is_again and subscription.created_at >= case.asked.at)
        card = begun_card(subscription, case.person.mention, is_new=is_new)
        try:
            await self.rooms.tell(case.asked.channel, card, case.mark, is_again=case.is_again)
        except NotInvited:
            if is_new:
                async with self.database.transaction() as transaction:
                    await subscriptions.remove(transaction, number)
            raise
        log.info("channel.subscribed", subscription=number, is_new=is_new)
        return await self.hooks.see_to(actor, subscription)

    async def _change(self, case: _Case, deed: Change) -> Card:
        known = await self._own(case, deed.subscription)
        await self.rooms.check(known.channel)
        wish = deed.wish
        if wish.by_user and known.wish.by_user:
            # Left as it was: whoever changes something else does not take it over.
            wish = replace(wish, by_user=known.wish.by_user)
        async with self.database.transaction() as transaction:
            await subscriptions.change_wish(transaction, known.id, wish)
            changed = await subscriptions.get(transaction, known.id)
        if changed is None:
            raise SubscriptionGone
        card = begun_card(changed, case.person.mention, is_new=False)
        await self.rooms.tell(known.channel, card, case.mark, is_again=case.is_again)
        return note_card(
            f":white_check_mark: This channel is told of *{title_of(changed)}*: "
            f"{describe(changed.wish)}."
        )

    async def _end(self, case: _Case, deed: End) -> Card | None:
        """End what was named; of several that could be meant, ask which."""
        asked = case.asked
        if deed.topic is not None:
            topic = await self.topics.meant(case.person, asked.channel, deed.topic)
            deed = replace(deed, topic=topic)
        async with self.database.snapshot() as transaction:
            told = await subscriptions.of_channel(transaction, asked.team, asked.channel)
        meant = told if deed.topic is None else [one for one in told if matches(deed.topic, one)]
        if not meant and deed.topic is not None:
            meant = await self._found(case, deed, told)
        if not meant:
            raise NothingSubscribed("" if deed.topic is None else str(deed.topic))
        if len(meant) > 1:
            return ending_choice_card(meant, case.person.user)
        await self._remove(case, meant[0])
        return None

    async def _found(self, case: _Case, deed: End, told: list[Subscription]) -> list[Subscription]:
        """Look in Buddy for what was named: people know a pipeline by several names."""
        assert deed.topic is not None  # noqa: S101 - asked by the caller
        try:
            actor = await self.identities.actor(case.person)
            found = await self.topics.find(actor, deed.topic)
        except (LinkError, InputError):
            return []
        return [one for one in told if one.scope.topic == found.scope.topic]

    async def _remove(self, case: _Case, known: Subscription) -> None:
        """End it once the channel was told; what is interrupted finds it there again.

        What the person is told, and that there is nothing more to do, is stored with its end.
        """
        title, by = title_of(known), case.person.mention
        try:
            card = ended_card(known, by)
            await self.rooms.tell(known.channel, card, case.mark, is_again=case.is_again)
        except NotInvited:
            log.info("channel.not_told")
        text = f":no_bell: This channel is told no more of *{title}*."
        scope = known.scope
        space = (known.team, scope.host, scope.workspace)
        actor = await self.hooks.acting(case.person)
        is_clean = await self.hooks.tidy(actor, space, besides=known.id)
        if is_clean is False:
            text += f" {left_in_buddy(scope.workspace)}"
        asker = case.asked.asker(case.job.sealed)
        async with self.database.transaction() as transaction:
            needed_by = await subscriptions.first_in(transaction, *space, besides=known.id)
            if is_clean is None:
                # The others may be ending at the same moment.
                await self.keeping.tidy_later(transaction, space, case.person)
            elif needed_by is not None:
                await self.keeping.make_again(transaction, needed_by)
            await subscriptions.remove(transaction, known.id)
            if is_clean is not None:
                await self.hooks.forget(transaction, space, is_needed=needed_by is not None)
            await self.answers.put(transaction, asker, "end", note_card(text))
            await self.jobs.drop(transaction, KIND, case.job.key)
        log.info("channel.unsubscribed", subscription=known.id)

    async def _own(self, case: _Case, number: int) -> Subscription:
        """Find a subscription that may be changed from here: the channel's, or one's own."""
        async with self.database.snapshot() as transaction:
            found = await subscriptions.get(transaction, number)
        is_ours = found is not None and found.team == case.person.team
        if found is None or not is_ours:
            raise SubscriptionGone
        if found.channel != case.asked.channel and found.owner != case.person:
            raise SubscriptionGone
        return found

    def _problem(self, case: _Case, error: BotError) -> Card:
        """Say why it was not done; several things of one name are offered as buttons."""
        if isinstance(error, AmbiguousName):
            deed, user = wishes.read(case.asked.deed), case.person.user
            if isinstance(deed, Begin):
                return choice_card(_typed(deed, case.person), error, user)
            if isinstance(deed, End):
                return choice_card(Unsubscribe(deed.topic), error, user)
        return problem_card(error, self.command)


def _typed(deed: Begin, person: Person) -> Subscribe:
    """Write what was wished as it could be typed, so that a choice carries on with it."""
    wish: Wish = deed.wish
    return Subscribe(deed.topic, wish.moments, wish.branch, by_me=wish.by_user == person.user)
