"""See to it that Buddy tells us: make its webhook, or say what somebody must paste where.

The address is stored before Buddy is told of it. A webhook whose making was interrupted is looked
for among the workspace's before another one is made. A secret is made for the one call that hands
it on, or for the one answer that shows it, and kept by nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.cards.card import Card
from bot.cards.hooks import (
    Address,
    address_card,
    by_hand_card,
    polling_card,
    remade_card,
    told_card,
)
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.cadence import listing_pause
from bot.domain.person import Person
from bot.domain.subscription import Subscription
from bot.errors import (
    AnswerLost,
    BotError,
    BuddyError,
    LinkError,
    NotManager,
    SecretNotTaken,
    SecretUnclear,
)
from bot.services.identity import Actor, Identities
from bot.services.subscribing.webhooks import MAY_NOT, Handed, Webhooks
from bot.store import hooks, subscriptions
from bot.store.hooks import Hook, HookKind, Issued

log = structlog.get_logger()

LOOK_EVERY = listing_pause(timedelta(0), is_told=False, is_open=True)
"""How often a pipeline is looked at where Buddy does not tell, at best."""

Space = tuple[str, str, str]
"""A Slack team, and a Buddy host and workspace: what one webhook serves."""


_TRIES = 3
"""How often a secret is made anew, since somebody else made one at the same moment."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Keeps the addresses that Buddy calls."""

    database: Database
    identities: Identities
    clock: Clock
    public_url: str
    """Where Buddy reaches us, without a slash at its end; empty where it does not."""

    @property
    def webhooks(self) -> Webhooks:
        """Speaks to Buddy."""
        return Webhooks(self.public_url)

    async def see_to(self, actor: Actor, subscription: Subscription) -> Card:
        """Have Buddy tell us of a subscription's workspace; what the person is told about it."""
        if not self.public_url:
            return polling_card(LOOK_EVERY)
        known = await self._known(subscription)
        person = actor.link.person.mention
        if known is not None and _is_there(known) and not await self._is_deleted(actor, known):
            return told_card(person, subscription.id, is_made=False)
        try:
            await self._make(actor, subscription, known)
        except MAY_NOT as refused:
            log.info("webhook.not_made", code=refused.code)
            why = "Your Buddy token may not make webhooks; that takes an admin's."
            return by_hand_card(subscription.id, why)
        except BuddyError as failure:
            log.warning("webhook.not_made", code=failure.code)
            why = "Buddy did not take my webhook just now."
            return by_hand_card(subscription.id, why)
        return told_card(person, subscription.id, is_made=True)

    async def make_again(self, subscription: Subscription) -> None:
        """Have Buddy tell us of what lost its webhook, as far as whoever asked for it may.

        Raises:
            LinkError: their account is not there any more.
            BuddyError: they may not, or Buddy does not answer.
        """
        known = await self._known(subscription)
        if not self.public_url or (known is not None and _is_there(known)):
            return
        actor = await self.identities.actor(subscription.owner)
        await self._make(actor, subscription, known)

    async def show(
        self,
        subscription: Subscription,
        kind: HookKind,
        actor: Actor,
        since: datetime | None = None,
    ) -> Card:
        """Make an address, or a new secret for the one there is; shown once.

        Whoever calls an address with the secret of before may do so for another day; also
        when this was begun before, at ``since``, and came to nothing.

        Raises:
            NotManager: the webhook is somebody else's, and they may not manage webhooks.
            SecretNotTaken, SecretUnclear: Buddy keeps the one before, or may.
        """
        if not self.public_url:
            return polling_card(LOOK_EVERY)
        known = await self._known(subscription, kind)
        if known is not None and kind is HookKind.WEBHOOK:
            await self._check_manager(actor, known)
        if known is not None and known.webhook is not None:
            issued, handed = await self._rotate(actor, known, since)
        else:
            issued, handed = await self._issue(actor, subscription, kind, known, since), None
        workspace = subscription.scope.workspace
        if handed is Handed.MADE:
            return remade_card(workspace)
        address = Address(kind.value, workspace, issued.url(self.public_url), issued.secret)
        is_gone = handed is Handed.GONE
        is_rotated = known is not None and not is_gone
        return address_card(address, subscription.id, is_rotated=is_rotated, is_gone=is_gone)

    async def tidy(self, actor: Actor | None, space: Space, besides: int = 0) -> bool | None:
        """Take a workspace's webhook away, if it serves no subscription but one that is ending.

        False if Buddy may keep calling in vain, None if it calls for others. What is taken away
        already is not missed.
        """
        async with self.database.snapshot() as transaction:
            if await subscriptions.count_in(transaction, *space, besides=besides):
                return None
            known = await hooks.of_workspace(transaction, *space)
        is_clean = True
        for hook in known:
            if hook.kind is HookKind.WEBHOOK:
                is_clean &= await self.webhooks.delete(await self._able(actor, hook), hook)
        return is_clean

    async def acting(self, person: Person) -> Actor | None:
        """Find the client that acts as somebody; None where their account is not there any more."""
        try:
            return await self.identities.actor(person)
        except LinkError:
            return None

    @staticmethod
    async def forget(transaction: Transaction, space: Space, *, is_needed: bool) -> None:
        """Forget a workspace's addresses once its webhook is taken away.

        Somebody may have begun to use it meanwhile: then it is known to be gone.
        """
        for hook in await hooks.of_workspace(transaction, *space):
            if not is_needed:
                await hooks.remove(transaction, hook.id)
            elif hook.kind is HookKind.WEBHOOK:
                await hooks.note_deleted(transaction, hook.id)

    async def _make(self, actor: Actor, subscription: Subscription, known: Hook | None) -> None:
        """Make the webhook, unless it is there already; if that is refused, all is as it was."""
        if known is not None:
            number = await self.webhooks.number_of(actor.buddy, known)
            if number is not None:
                await self._note(known.id, number)
                return
        issued = await self._issue(actor, subscription, HookKind.WEBHOOK, known)
        try:
            number = await self.webhooks.make(actor.buddy, subscription.scope.workspace, issued)
        except AnswerLost:
            # It may be made all the same: then it calls this address, and is found by it again.
            raise
        except BotError:
            async with self.database.transaction() as transaction:
                if known is None:
                    await hooks.remove(transaction, issued.hook_id)
                else:
                    await hooks.restore(transaction, known, issued)
            raise
        await self._note(issued.hook_id, number)

    async def _is_deleted(self, actor: Actor, known: Hook) -> bool:
        """Tell whether a webhook that the bot made is gone, as far as this person may know."""
        if known.webhook is None:
            return False
        try:
            return await self.webhooks.number_of(actor.buddy, known) is None
        except BuddyError as untold:
            log.info("webhook.not_looked_for", code=untold.code)
            return False

    async def _check_manager(self, actor: Actor, known: Hook) -> None:
        """Refuse who neither had a webhook's address made nor may manage webhooks."""
        if known.owner == actor.link.person:
            return
        try:
            await actor.buddy.webhooks(known.workspace)
        except MAY_NOT:
            raise NotManager(known.owner.mention) from None

    async def _rotate(
        self, actor: Actor, known: Hook, since: datetime | None
    ) -> tuple[Issued, Handed]:
        """Give a webhook that the bot made a new secret; anew, if somebody else did so meanwhile.

        Whose call reached Buddy last, nobody knows then: only whoever's secret counts still once
        Buddy has taken it may leave it at that.

        Raises:
            SecretNotTaken, SecretUnclear: Buddy keeps the one before, or may.
        """
        for _ in range(_TRIES):
            async with self.database.transaction() as transaction:
                before = await hooks.hold(transaction, known.id)
                if before is None or before.webhook is None:
                    raise SecretNotTaken
                issued = await hooks.rotate(transaction, known.id, self.clock.now(), since=since)
            assert issued is not None  # noqa: S101 - nobody else changes what is held
            handed = await self._hand_on(actor, before, issued)
            async with self.database.snapshot() as transaction:
                now = await hooks.get(transaction, known.id)
            if now is not None and now.secret_hash == hooks.hashed(issued.secret):
                return issued, handed
            since = None
        raise SecretUnclear

    async def _hand_on(self, actor: Actor, known: Hook, issued: Issued) -> Handed:
        """Have Buddy take the new secret of a webhook that the bot made; else the old one counts.

        Raises:
            SecretNotTaken, SecretUnclear: it did not, or may have.
        """
        try:
            able = await self._able(actor, known)
            handed, number = await self.webhooks.hand_on(able, known, issued)
        except SecretNotTaken:
            async with self.database.transaction() as transaction:
                await hooks.restore(transaction, known, issued)
            raise
        if number is None:
            async with self.database.transaction() as transaction:
                await hooks.note_deleted(transaction, known.id)
        elif number != known.webhook:
            await self._note(known.id, number)
        return handed

    async def _able(self, actor: Actor | None, hook: Hook) -> list[Actor]:
        """List who may change a webhook: who asks for it, and who had it made."""
        several = [one for one in (actor, await self.acting(hook.owner)) if one is not None]
        return list({one.link.id: one for one in several}.values())

    async def _known(
        self, subscription: Subscription, kind: HookKind = HookKind.WEBHOOK
    ) -> Hook | None:
        scope = subscription.scope
        async with self.database.snapshot() as transaction:
            found = await hooks.of_workspace(
                transaction, subscription.team, scope.host, scope.workspace
            )
        return next((one for one in found if one.kind is kind), None)

    async def _issue(
        self,
        actor: Actor,
        subscription: Subscription,
        kind: HookKind,
        known: Hook | None,
        since: datetime | None = None,
    ) -> Issued:
        scope, now = subscription.scope, self.clock.now()
        async with self.database.transaction() as transaction:
            issued = None
            if known is not None:
                issued = await hooks.rotate(transaction, known.id, now, since=since)
            if issued is None:
                owner = actor.link.person
                issued = await hooks.issue(
                    transaction, kind, owner, scope.host, scope.workspace, now
                )
        return issued

    async def _note(self, hook_id: str, number: int) -> None:
        async with self.database.transaction() as transaction:
            await hooks.note_webhook(transaction, hook_id, number)


def _is_there(known: Hook) -> bool:
    """Tell whether Buddy calls an address, as far as that is known."""
    return known.webhook is not None or known.last_delivery_at is not None
