"""Whose Buddy account somebody acts with: connect, disconnect, and the client that acts as them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.buddy.client import BuddyApi, BuddyClient
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.person import Person
from bot.errors import LinkChanged, NotLinked, TokenMalformed
from bot.store import identities, keys, run_memory
from bot.store.identities import Link
from bot.vault import Vault

log = structlog.get_logger()

_TOKEN = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
"""A personal access token is a UUID. Source: Buddy's login action, README."""


MAX_ACTORS = 2_000
"""People whose clients are kept at hand."""

NAMED_FOR = timedelta(seconds=10)
"""How long it is kept who is linked. A start renders thousands of cards that name the same few."""


@dataclass(slots=True)
class _Named:
    """Who is linked, by team and Buddy user number; empty for nobody."""

    since: datetime
    mentions: dict[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person together with the client that acts as them."""

    link: Link
    buddy: BuddyClient


@dataclass(frozen=True, slots=True)
class Identities:
    """Knows who is linked to which Buddy account."""

    database: Database
    vault: Vault
    buddy: BuddyApi
    clock: Clock
    _actors: dict[int, Actor] = field(default_factory=dict, repr=False)
    _named: list[_Named] = field(default_factory=list, repr=False)
    """At most one."""

    @staticmethod
    def read_token(pasted: str) -> str:
        """Check what somebody pasted, before Buddy is asked.

        Raises:
            TokenMalformed: it cannot be a Buddy token.
        """
        token = pasted.strip()
        if not _TOKEN.fullmatch(token):
            raise TokenMalformed
        return token.lower()

    async def check(self, token: str) -> tuple[BuddyUser, TokenFacts]:
        """Ask Buddy whose a token is and what it may do.

        Raises:
            BuddyError: Buddy does not take the token, or does not answer.
        """
        client = self.buddy.acting_as(token)
        return await client.user(), await client.token_facts()

    async def link(
        self, transaction: Transaction, person: Person, user: BuddyUser, token: str
    ) -> None:
        """Let a person act as the Buddy user whose token was checked."""
        sealed = self.vault.seal(token, self._owner(person))
        now = self.clock.now()
        await identities.save(transaction, person, self.buddy.host, user, sealed, now)
        transaction.after_commit(self._named.clear)
        log.info("account.connected", buddy_user=user.id)

    async def disconnect(self, person: Person) -> bool:
        """Forget a person's account; tell whether there was one."""
        async with self.database.transaction() as transaction:
            removed = await identities.remove(transaction, person, self.buddy.host)
            await run_memory.forget(transaction, person, self.buddy.host)
            transaction.after_commit(self._named.clear)
        for actor in [kept for kept in self._actors.values() if kept.link.person == person]:
            del self._actors[actor.link.id]
        if removed:
            log.info("account.disconnected")
        return removed

    async def actor(self, person: Person) -> Actor:
        """Find the client that acts as the person.

        Raises:
            NotLinked: the person has no Buddy account connected.
            LinkUnreadable: the stored token's key is gone.
        """
        async with self.database.snapshot() as transaction:
            link = await identities.find(transaction, person, self.buddy.host)
        if link is None:
            raise NotLinked
        return self.acting(link)

    def acting(self, link: Link) -> Actor:
        """Make the client that acts as the person of a link, or find it.

        Raises:
            LinkUnreadable: the stored token's key is gone.
        """
        kept = self._actors.get(link.id)
        if kept is None or kept.link != link:
            token = self.vault.open(link.sealed_token, self._owner(link.person))
            while len(self._actors) >= MAX_ACTORS:
                del self._actors[next(iter(self._actors))]
            kept = self._actors[link.id] = Actor(link, self.buddy.acting_as(token))
        return kept

    async def pin(self, transaction: Transaction, actor: Actor) -> None:
        """Make sure that the account is still the one that was checked.

        Raises:
            LinkChanged: it was connected anew or disconnected since.
        """
        link = actor.link
        current = await identities.find(transaction, link.person, self.buddy.host)
        if current is None or (current.id, current.generation) != (link.id, link.generation):
            raise LinkChanged

    async def pinned(self, person: Person, number: int | None, generation: int | None) -> Actor:
        """Act as the very account that something was sent with.

        Raises:
            NotLinked, LinkChanged: the person has no account any more, or another one.
        """
        actor = await self.actor(person)
        if (actor.link.id, actor.link.generation) != (number, generation):
            raise LinkChanged
        return actor

    async def mentions(self, team: str, buddy_ids: Iterable[int]) -> dict[int, str]:
        """Name linked people of a team by their Buddy user numbers."""
        numbers = list(buddy_ids)
        now = self.clock.now()
        if not self._named or now - self._named[0].since > NAMED_FOR:
            self._named[:] = [_Named(now)]
        known = self._named[0].mentions
        if unknown := [number for number in numbers if (team, number) not in known]:
            async with self.database.snapshot() as transaction:
                found = await identities.mentions(transaction, team, self.buddy.host, unknown)
            known.update({(team, number): found.get(number, "") for number in unknown})
        return {number: name for number in numbers if (name := known[team, number])}

    def _owner(self, person: Person) -> str:
        return keys.account_owner(self.buddy.host, person.team, person.user)
