"""Show what a channel is told and what is set for it, and open the forms that change that."""

from dataclasses import dataclass
from datetime import time

from bot.cards.card import Card
from bot.cards.subscribe_form import settings_form, subscribe_form
from bot.cards.subscribing import FormMemo
from bot.cards.subscriptions import Names, settings_card, subscriptions_card, webhook_line
from bot.cards.text import duration
from bot.clock import Clock
from bot.database import Database
from bot.domain.click import Place
from bot.domain.command import Subscribe
from bot.domain.ladder import Ladder
from bot.domain.person import Person
from bot.domain.quiet import QuietHours, name_of
from bot.domain.subscription import Subscription
from bot.domain.wishes import wish_of
from bot.errors import SubscriptionGone
from bot.services.finding.aliases import Aliases
from bot.services.identity import Identities
from bot.services.subscribing.hooks import LOOK_EVERY, Hooks
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import habits, hooks, subscriptions
from bot.store.habits import ChannelHabits
from bot.store.hooks import Hook, HookKind


@dataclass(frozen=True, slots=True)
class Telling:
    """Answers questions about subscriptions, each to the one who asked."""

    database: Database
    people: People
    identities: Identities
    aliases: Aliases
    hooks: Hooks
    messenger: Messenger
    clock: Clock
    ladder: Ladder
    """When people are reminded in channels that did not choose."""

    command: str

    @property
    def page_host(self) -> str:
        """Host (and port) of Buddy's web app, as links name it."""
        return self.identities.buddy.page_host

    async def listed(self, person: Person, channel: str, page: int = 1) -> Card:
        """List what a channel is told.

        Raises:
            PersonRefused: the person may not know.
        """
        await self.people.admit(person)
        told = await self._told(person, channel)
        return subscriptions_card(told, person.user, page, self.command)

    async def settings(self, person: Person, channel: str) -> Card:
        """Show what is set for a channel and for the person.

        Raises:
            PersonRefused: the person may not know.
        """
        await self.people.admit(person)
        told = await self._told(person, channel)
        kept, wants = await self._habits(person, channel)
        own = "I tell you directly when something fails that you started."
        if not wants:
            own = "I do not tell you directly when something fails that you started."
        ladder = self.ladder if kept.ladder is None else kept.ladder
        names = Names(
            await self.aliases.listed(person, channel), await self.aliases.default(person, channel)
        )
        return settings_card(told, await self._sources(told), kept.quiet, ladder, own, names)

    async def ask_subscription(
        self, person: Person, trigger_id: str, channel: str, command: Subscribe
    ) -> None:
        """Open the form that asks what a channel is to be told.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        await self.people.admit(person)
        await self.identities.actor(person)
        form = subscribe_form(FormMemo(channel), wish_of(command, person))
        await self.messenger.open_form(trigger_id, form)

    async def edit(self, person: Person, trigger_id: str, place: Place, number: int) -> None:
        """Open the form that changes what a channel is told.

        Raises:
            BotError: the person may not, it is over, or the form came too late.
        """
        await self.people.admit(person)
        async with self.database.snapshot() as transaction:
            known = await subscriptions.get(transaction, number)
        if known is None or known.team != person.team:
            raise SubscriptionGone
        if known.channel != place.channel and known.owner != person:
            raise SubscriptionGone
        memo = FormMemo(known.channel, known.id)
        await self.messenger.open_form(
            trigger_id, subscribe_form(memo, known.wish, known, person.user)
        )

    async def ask_settings(self, person: Person, trigger_id: str, channel: str) -> None:
        """Open the form that changes what is set for a channel and for the person.

        Raises:
            BotError: the person may not, or the form came too late.
        """
        await self.people.admit(person)
        kept, wants = await self._habits(person, channel)
        ladder = self.ladder if kept.ladder is None else kept.ladder
        form = settings_form(FormMemo(channel), kept.quiet, ladder, tells_failures=wants)
        await self.messenger.open_form(trigger_id, form)

    async def set(
        self,
        person: Person,
        channel: str,
        hours: tuple[time, time] | None,
        ladder: Ladder,
        *,
        tells_failures: bool,
    ) -> None:
        """Store what somebody chose, by the clocks of their own time zone.

        Raises:
            PersonRefused: the person may not.
        """
        await self.people.admit(person)
        zone = name_of(self.people.zone_of(person))
        quiet = QuietHours(*hours, zone) if hours else None
        chosen = ChannelHabits(quiet, None if ladder == self.ladder else ladder)
        async with self.database.transaction() as transaction:
            await habits.set_channel(transaction, person.team, channel, chosen)
            await habits.set_tells_failures(transaction, person, wants=tells_failures)

    async def mute(self, person: Person) -> None:
        """Tell a person no more directly when something fails that they started.

        Raises:
            PersonRefused: the person may not change anything.
        """
        await self.people.admit(person)
        async with self.database.transaction() as transaction:
            await habits.set_tells_failures(transaction, person, wants=False)

    async def _told(self, person: Person, channel: str) -> list[Subscription]:
        async with self.database.snapshot() as transaction:
            return await subscriptions.of_channel(transaction, person.team, channel)

    async def _habits(self, person: Person, channel: str) -> tuple[ChannelHabits, bool]:
        async with self.database.snapshot() as transaction:
            found = await habits.of_places(transaction, [(person.team, channel)])
            wants = await habits.tells_failures(transaction, person)
        return found.get((person.team, channel), ChannelHabits()), wants

    async def _addresses(self, told: list[Subscription]) -> list[Hook]:
        spaces = {(one.team, one.scope.host, one.scope.workspace) for one in told}
        async with self.database.snapshot() as transaction:
            return [
                hook
                for space in sorted(spaces)
                for hook in await hooks.of_workspace(transaction, *space)
            ]

    async def _sources(self, told: list[Subscription]) -> list[str]:
        """Say how Buddy tells us, and how well that works."""
        if not told:
            return []
        every = f"I look at the pipelines by myself, every {duration(LOOK_EVERY)} at best"
        if not self.hooks.public_url:
            return [f"{every}: I have no public address that Buddy could call"]
        now = self.clock.now()
        lines = [
            webhook_line(
                hook.workspace, hook.last_delivery_at, now, is_step=hook.kind is HookKind.STEP
            )
            for hook in await self._addresses(told)
        ]
        return lines or [f"{every}: no webhook is set up yet"]
