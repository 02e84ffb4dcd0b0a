"""Keep Buddy's own webhooks: make them, give them another secret, take them away.

Buddy answers 404 where something is gone, and also to whoever may not see it. Which of the two it
is tells the workspace's list of webhooks, to whoever may read that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import structlog

from bot.buddy.client import BuddyClient
from bot.cards.hooks import EVENTS
from bot.errors import (
    AnswerLost,
    BuddyError,
    BuddyForbids,
    NotFoundInBuddy,
    SecretNotTaken,
    SecretUnclear,
    TokenRejected,
)
from bot.services.identity import Actor
from bot.store.hooks import Hook, Issued

log = structlog.get_logger()

MAY_NOT = (BuddyForbids, NotFoundInBuddy, TokenRejected)
"""What Buddy answers to whoever may not manage webhooks, or not see them."""


class Handed(Enum):
    """What became of a new secret."""

    TAKEN = "taken"
    """The webhook has it."""

    MADE = "made"
    """The webhook was gone, and another one was made with it."""

    GONE = "gone"
    """The webhook is gone, and none of these people may make another one."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Speaks to Buddy about webhooks that call our addresses."""

    public_url: str
    """Where Buddy reaches us, without a slash at its end."""

    async def number_of(self, buddy: BuddyClient, known: Hook) -> int | None:
        """Find the webhook that calls an address of ours.

        Raises:
            BuddyError: whether there is one, this person is not told.
        """
        return (await buddy.webhooks(known.workspace)).get(self._target(known))

    async def make(self, buddy: BuddyClient, workspace: str, issued: Issued) -> int:
        """Make a webhook that calls an address of ours; its number.

        Raises:
            AnswerLost: it may be made all the same.
            BuddyError: it is not.
        """
        target = issued.url(self.public_url)
        return await buddy.create_webhook(workspace, target, EVENTS, issued.secret)

    async def hand_on(
        self, several: Sequence[Actor], known: Hook, issued: Issued
    ) -> tuple[Handed, int | None]:
        """Have Buddy take a new secret, with whoever's account may; and the webhook's number.

        Raises:
            SecretNotTaken: it keeps the one before, as far as can be told.
            SecretUnclear: it may have taken it.
        """
        is_lost = is_gone = False
        for one in several:
            try:
                handed = await self._hand_on(one.buddy, known, issued)
            except BuddyError as refused:
                log.info("webhook.not_changed", code=refused.code)
                is_lost |= isinstance(refused, AnswerLost)
                continue
            if handed is not None:
                return handed
            is_gone = True
        if is_lost:
            raise SecretUnclear
        if is_gone:
            return Handed.GONE, None
        raise SecretNotTaken

    async def delete(self, several: Sequence[Actor], known: Hook) -> bool:
        """Take a webhook away with whoever's account may; whether it is gone, as far as is known.

        One whose number nobody noted, since Buddy's answer got lost or a person pasted it, is
        looked for by its address.
        """
        may_stand = known.webhook is not None or known.last_delivery_at is not None
        for one in several:
            try:
                await self._delete(one.buddy, known)
            except BuddyError as refused:
                log.info("webhook.not_deleted", code=refused.code)
                may_stand |= not isinstance(refused, MAY_NOT)
            else:
                return True
        return not may_stand

    async def _hand_on(
        self, buddy: BuddyClient, known: Hook, issued: Issued
    ) -> tuple[Handed, int | None] | None:
        """Do so as one person; None where it is gone and they may make no other.

        Raises:
            AnswerLost: Buddy may have done it.
            BuddyError: it did not.
        """
        assert known.webhook is not None  # noqa: S101 - asked by the caller
        try:
            await buddy.change_webhook_secret(known.workspace, known.webhook, issued.secret)
        except NotFoundInBuddy:
            number = await self._other(buddy, known)
        else:
            return Handed.TAKEN, known.webhook
        if number is not None:
            await buddy.change_webhook_secret(known.workspace, number, issued.secret)
            return Handed.TAKEN, number
        try:
            return Handed.MADE, await self.make(buddy, known.workspace, issued)
        except AnswerLost:
            raise
        except BuddyError as refused:
            log.info("webhook.not_made", code=refused.code)
            return None

    async def _delete(self, buddy: BuddyClient, known: Hook) -> None:
        try:
            if known.webhook is not None:
                await buddy.delete_webhook(known.workspace, known.webhook)
                return
        except NotFoundInBuddy:
            pass
        other = await self._other(buddy, known)
        if other is not None:
            await buddy.delete_webhook(known.workspace, other)

    async def _other(self, buddy: BuddyClient, known: Hook) -> int | None:
        """Make sure that a webhook is gone; the number of another one that calls the same address.

        Raises:
            BuddyError: it is there, or whether it is, this person is not told.
        """
        listed = await buddy.webhooks(known.workspace)
        if known.webhook in listed.values():
            raise NotFoundInBuddy
        return listed.get(self._target(known))

    def _target(self, known: Hook) -> str:
        return f"{self.public_url}{known.kind.path}/{known.id}"
