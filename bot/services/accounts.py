"""What people do with their Buddy account: connect it, look at it, forget it.

A pasted token is sealed into the job that checks it, and wiped before Buddy is asked: it is used
once. A process that dies in between leaves nothing to try again with, and the person is asked to
paste it once more.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from bot.cards.answers import note_card, problem_card, whoami_card
from bot.cards.card import Card, Form
from bot.cards.forms import REFUSED_BY_BUDDY, connect_form, connected_form, problem_form
from bot.cards.text import escape
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.account import BuddyUser, TokenFacts
from bot.domain.click import Place
from bot.domain.person import Person
from bot.domain.rules import VERBS
from bot.errors import (
    BotError,
    BuddyError,
    LinkUnreadable,
    NotConnected,
    PersonRefused,
    SlackError,
    TokenRejected,
)
from bot.jobs.queue import Held, Job, Jobs, Outcome
from bot.services.identity import Identities
from bot.services.operating.operations import Operations
from bot.services.operating.taking import Taking
from bot.slack.messenger import Messenger
from bot.slack.people import People
from bot.store import cards
from bot.store.clicks import StoredClick
from bot.vault import Vault

KIND = "link"
PASTED_FOR = timedelta(minutes=10)
"""How long a pasted token is kept at most, sealed, until it is checked."""


class _Pasted(BaseModel):
    """What the data of a job that checks a token holds; the token itself is sealed beside it."""

    v: Literal[1] = 1
    owner: str
    team: str
    user: str
    view_id: str
    at: AwareDatetime


@dataclass(frozen=True, slots=True)
class Accounts:
    """Links people to their Buddy accounts."""

    database: Database
    people: People
    identities: Identities
    operations: Operations
    messenger: Messenger
    taking: Taking
    vault: Vault
    jobs: Jobs
    clock: Clock
    buddy_app_url: str
    command: str

    def register(self) -> None:
        """Name who checks pasted tokens."""
        self.jobs.handle(KIND, self.check, slots=8, give_up=self.give_up)

    @staticmethod
    def read_token(pasted: str) -> str:
        """Check what somebody pasted, before Buddy is asked.

        Raises:
            TokenMalformed: it cannot be a Buddy token.
        """
        return Identities.read_token(pasted)

    async def ask_token(self, person: Person, trigger_id: str) -> None:
        """Open the form to link an account.

        Raises:
            PersonRefused, SlackError: the person may not, or the form came too late.
        """
        await self.people.admit(person)
        await self.messenger.open_form(trigger_id, connect_form(self.buddy_app_url))

    async def take(self, person: Person, token: str, view_id: str) -> Held:
        """Keep a pasted token until it is checked, which begins when the caller says so.

        Raises:
            NotTaken: it could not be stored in time; nothing of it is kept.
        """
        # A form whose token was refused is sent again as the same view.
        key = f"{view_id}/{secrets.token_hex(8)}"
        owner = f"pasted/{key}"
        pasted = _Pasted(
            owner=owner, team=person.team, user=person.user, view_id=view_id, at=self.clock.now()
        )
        job = Job(
            KIND,
            key,
            lane=f"link/{person.team}/{person.user}",
            data=pasted.model_dump_json(),
            sealed=self.vault.seal(token, owner),
        )

        async def store(transaction: Transaction) -> Held | None:
            return await self.jobs.hold(transaction, job, sealed_for=PASTED_FOR)

        async def void(transaction: Transaction) -> None:
            await self.jobs.drop(transaction, KIND, key)

        held = await self.taking.take(store, void)
        assert held is not None  # noqa: S101 - its key is new
        return held

    async def check(self, job: Job) -> Outcome:
        """Check a token with Buddy, link its account, and say so in the form that is open."""
        pasted = _Pasted.model_validate_json(job.data)
        person = Person(pasted.team, pasted.user)
        try:
            token = self.vault.open(job.sealed, pasted.owner) if job.sealed else ""
        except LinkUnreadable:
            token = ""
        if token:
            async with self.database.transaction() as transaction:
                await self.jobs.wipe(transaction, job)
            form, told = await self._connect(person, token)
        else:
            form, told = await self._after_all(person, pasted.at)
        await self._show(person, pasted.view_id, form, told)
        return None

    async def give_up(self, job: Job) -> None:
        """Say that the token could not be checked; it is not kept."""
        pasted = _Pasted.model_validate_json(job.data)
        interrupted = NotConnected()
        form, told = self._ask_again(interrupted, interrupted.explain())
        await self._show(Person(pasted.team, pasted.user), pasted.view_id, form, told)

    async def _show(self, person: Person, view_id: str, form: Form, told: Card) -> None:
        """Show what came of it in the form, or beside it if the form was closed meanwhile."""
        try:
            await self.messenger.update_form(view_id, form)
        except SlackError:
            await self.messenger.tell(person, Place(channel=""), told)

    async def _connect(self, person: Person, token: str) -> tuple[Form, Card]:
        """Check a token and link its account; what to say, in the form or beside it."""
        try:
            await self.people.admit(person)
            user, facts = await self.identities.check(token)
        except PersonRefused as refused:
            form = problem_form("Not connected", refused.explain())
            return form, problem_card(refused, self.command)
        except TokenRejected as refused:
            return self._ask_again(refused, REFUSED_BY_BUDDY)
        except BuddyError as refused:
            return self._ask_again(refused, refused.explain())
        async with self.database.transaction() as transaction:
            await self.identities.link(transaction, person, user, token)
            waiting = await self.operations.wake(transaction, person)
            names = [await _name(transaction, asked) for asked in waiting]
        return self._connected(person, user, facts, names)

    async def _after_all(self, person: Person, pasted_at: datetime) -> tuple[Form, Card]:
        """Say what came of a token that is not kept any more: it was linked, or nothing was."""
        try:
            actor = await self.identities.actor(person)
            if actor.link.linked_at >= pasted_at:
                facts = await actor.buddy.token_facts()
                return self._connected(person, actor.link.buddy, facts, [])
        except BotError:
            pass
        interrupted = NotConnected()
        return self._ask_again(interrupted, interrupted.explain())

    def _connected(
        self, person: Person, user: BuddyUser, facts: TokenFacts, waiting: list[str]
    ) -> tuple[Form, Card]:
        form = connected_form(user.name, facts, person.mention, waiting)
        return form, whoami_card(user.name, facts, self.identities.buddy.host)

    def _ask_again(self, refused: BotError, problem: str) -> tuple[Form, Card]:
        return connect_form(self.buddy_app_url, problem), problem_card(refused, self.command)

    async def disconnect(self, person: Person, place: Place, answer_url: str) -> None:
        """Forget the person's account."""
        # Even somebody who is not admitted any more may take their token back.
        removed = await self.identities.disconnect(person)
        text = (
            "Forgotten: I no longer hold your Buddy token. To make sure that nobody can use it, "
            "delete it in Buddy too (avatar → Security → Personal Access Tokens)."
            if removed
            else "There was no Buddy account to forget. Nothing was changed."
        )
        await self.messenger.tell(person, place, note_card(text), answer_url)

    async def whoami(self, person: Person, place: Place, answer_url: str) -> None:
        """Show which account the person acts as, as Buddy tells it now.

        Raises:
            BotError: the person may not, is not linked, or Buddy does not take the token.
        """
        await self.people.admit(person)
        actor = await self.identities.actor(person)
        user = await actor.buddy.user()
        facts = await actor.buddy.token_facts()
        card = whoami_card(user.name, facts, self.identities.buddy.host)
        await self.messenger.tell(person, place, card, answer_url)


async def _name(transaction: Transaction, asked: StoredClick) -> str:
    """Name what waited for an account, in words."""
    assert asked.binding is not None  # noqa: S101 - only what is bound waits
    ref = asked.binding.ref
    follow = await cards.get_follow(transaction, ref.identity)
    pipeline = follow.pipeline_name if follow else f"pipeline {ref.pipeline}"
    verb = VERBS[asked.operation].capitalize()
    return f"{verb} {escape(ref.project, 80)} / {escape(pipeline, 80)} #{ref.execution}"
