"""See to it that Buddy tells us: make its webhook, or say what somebody must paste where.

The address is stored before Buddy is told of it. A webhook whose making was interrupted is looked
for among the workspace's before another one is made. A secret is made for the one call that hands
it on, or for the one answer that shows it, and kept by nobody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.buddy.client import BuddyClient
from bot.cards.card import Card
from bot.cards.hooks import (
    EVENTS,
    Address,
    address_card,
    by_hand_card,
    polling_card,
    told_card,
)
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.cadence import listing_pause
from bot.domain.subscription import Subscription
from bot.errors import (
    AnswerLost,
    BotError,
    BuddyError,
    BuddyForbids,
    NotFoundInBuddy,
    NotManager,
    SecretNotTaken,
    SecretUnclear,
    TokenRejected,
)
from bot.services.identity import Actor, Identities
from bot.store import hooks, subscriptions
from bot.store.hooks import Hook, HookKind, Issued

log = structlog.get_logger()

LOOK_EVERY = listing_pause(timedelta(0), is_told=False, is_open=True)
"""How often a pipeline is looked at where Buddy does not tell, at best."""

_MAY_NOT = (BuddyForbids, NotFoundInBuddy, TokenRejected)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Keeps the addresses that Buddy calls."""

    database: Database
    identities: Identities
    clock: Clock
    public_url: str
    """Where Buddy reaches us, without a slash at its end; empty where it does not."""

    async def see_to(self, actor: Actor, subscription: Subscription) -> Card:
        """Have Buddy tell us of a subscription's workspace; what the person is told about it."""
        if not self.public_url:
            return polling_card(LOOK_EVERY)
        known = await self._known(subscription)
        person = actor.link.person.mention
        if known is not None and (known.webhook is not None or known.last_delivery_at):
            return told_card(person, subscription.id, is_made=False)
        try:
            await self._make(actor, subscription, known)
        except _MAY_NOT as refused:
            log.info("webhook.not_made", code=refused.code)
            why = "Your Buddy token may not make webhooks; that takes an admin's."
            return by_hand_card(subscription.id, why)
        except BuddyError as failure:
            log.warning("webhook.not_made", code=failure.code)
            why = "Buddy did not take my webhook just now."
            return by_hand_card(subscription.id, why)
        return told_card(person, subscription.id, is_made=True)

    async def see_again(self, subscription: Subscription) -> None:
        """Have Buddy tell us of what lost its webhook, as far as whoever asked for it may."""
        try:
            actor = await self.identities.actor(subscription.owner)
        except BotError as refused:
            log.info("webhook.not_made", code=refused.code)
            return
        await self.see_to(actor, subscription)

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
        issued = await self._issue(actor, subscription, kind, known, since)
        if known is not None and known.webhook is not None:
            await self._hand_on(actor, known, issued)
        url = issued.url(self.public_url)
        address = Address(kind.value, subscription.scope.workspace, url, issued.secret)
        return address_card(address, subscription.id, is_rotated=known is not None)

    async def of_workspaces(self, told: list[Subscription]) -> list[Hook]:
        """List the addresses that serve subscriptions."""
        spaces = {(one.team, one.scope.host, one.scope.workspace) for one in told}
        async with self.database.snapshot() as transaction:
            return [
                hook
                for space in sorted(spaces)
                for hook in await hooks.of_workspace(transaction, *space)
            ]

    async def tidy(self, actor: Actor | None, ending: Subscription) -> bool | None:
        """Take away what serves nothing but a subscription that is about to end.

        False if Buddy keeps calling in vain, None if it calls for others. What is taken away
        already is not missed.
        """
        if await self._others(ending):
            return None
        is_clean = True
        for hook in await self.of_workspaces([ending]):
            if hook.webhook is not None:
                is_clean &= await self._delete(actor, hook)
        return is_clean

    async def forget(self, transaction: Transaction, ended: Subscription) -> Subscription | None:
        """Forget the addresses that served a subscription, if they serve no other one.

        Somebody may have begun to use a webhook while it was taken away: then it is known to be
        gone, and what needs it is returned, to be seen to.
        """
        scope = ended.scope
        other = await subscriptions.other_in(transaction, ended)
        for hook in await hooks.of_workspace(transaction, ended.team, scope.host, scope.workspace):
            if other is None:
                await hooks.remove(transaction, hook.id)
            elif hook.webhook is not None:
                await hooks.note_deleted(transaction, hook.id)
        return other

    async def _others(self, ending: Subscription) -> int:
        scope = ending.scope
        async with self.database.snapshot() as transaction:
            return await subscriptions.count_in(
                transaction, ending.team, scope.host, scope.workspace, besides=ending.id
            )

    async def _make(self, actor: Actor, subscription: Subscription, known: Hook | None) -> None:
        """Make the webhook, unless it is there already; if that is refused, all is as it was."""
        buddy, workspace = actor.buddy, subscription.scope.workspace
        if known is not None:
            number = await self._number_of(buddy, workspace, known)
            if number is not None:
                await self._note(known.id, number)
                return
        issued = await self._issue(actor, subscription, HookKind.WEBHOOK, known)
        target = issued.url(self.public_url)
        try:
            number = await buddy.create_webhook(workspace, target, EVENTS, issued.secret)
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

    async def _check_manager(self, actor: Actor, known: Hook) -> None:
        """Refuse who neither had a webhook's address made nor may manage webhooks."""
        if known.owner == actor.link.person:
            return
        try:
            await actor.buddy.webhooks(known.workspace)
        except _MAY_NOT:
            raise NotManager(known.owner.mention) from None

    async def _hand_on(self, actor: Actor, known: Hook, issued: Issued) -> None:
        """Have Buddy take the new secret of a webhook that the bot made; else the old one counts.

        Raises:
            SecretNotTaken, SecretUnclear: it did not, or may have.
        """
        assert known.webhook is not None  # noqa: S101 - asked by the caller
        is_lost = False
        for one in (actor, await self._owner(known)):
            if one is None:
                continue
            try:
                await one.buddy.change_webhook_secret(known.workspace, known.webhook, issued.secret)
            except BuddyError as refused:
                log.info("webhook.not_changed", code=refused.code)
                is_lost |= isinstance(refused, AnswerLost)
            else:
                return
        if is_lost:
            raise SecretUnclear
        async with self.database.transaction() as transaction:
            await hooks.restore(transaction, known, issued)
        raise SecretNotTaken

    async def _number_of(self, buddy: BuddyClient, workspace: str, known: Hook) -> int | None:
        """Find the webhook that calls an address of ours."""
        target = f"{self.public_url}{known.kind.path}/{known.id}"
        return (await buddy.webhooks(workspace)).get(target)

    async def _delete(self, actor: Actor | None, hook: Hook) -> bool:
        """Take a webhook away with somebody's token: of who ends it, else of who had it made."""
        assert hook.webhook is not None  # noqa: S101 - asked by the caller
        for one in (actor, await self._owner(hook)):
            if one is None:
                continue
            try:
                await one.buddy.delete_webhook(hook.workspace, hook.webhook)
            except NotFoundInBuddy:
                return True
            except BuddyError as refused:
                log.info("webhook.not_deleted", code=refused.code)
            else:
                return True
        return False

    async def _owner(self, hook: Hook) -> Actor | None:
        try:
            return await self.identities.actor(hook.owner)
        except BotError:
            return None

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
