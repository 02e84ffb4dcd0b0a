"""What people do with their Buddy account: connect it, look at it, forget it."""

from dataclasses import dataclass

from bot.cards.answers import note_card, problem_card, whoami_card
from bot.cards.forms import REFUSED_BY_BUDDY, connect_form, connected_form, problem_form
from bot.domain.click import Place
from bot.domain.person import Person
from bot.errors import BuddyError, PersonRefused, SlackError, TokenRejected
from bot.services.identity import Identities
from bot.slack.messenger import Messenger
from bot.slack.people import People


@dataclass(frozen=True, slots=True)
class Accounts:
    """Links people to their Buddy accounts."""

    people: People
    identities: Identities
    messenger: Messenger
    buddy_app_url: str
    command: str

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

    async def connect(self, person: Person, token: str, view_id: str) -> None:
        """Check a token with Buddy, link its account, and say so in the form that is open."""
        try:
            await self.people.admit(person)
            user, facts = await self.identities.connect(person, token)
        except PersonRefused as refused:
            form = problem_form("Not connected", refused.explain())
            told = problem_card(refused, self.command)
        except TokenRejected as refused:
            form = connect_form(self.buddy_app_url, REFUSED_BY_BUDDY)
            told = problem_card(refused, self.command)
        except BuddyError as refused:
            form = connect_form(self.buddy_app_url, refused.explain())
            told = problem_card(refused, self.command)
        else:
            form = connected_form(user.name, facts, person.mention)
            told = whoami_card(user.name, facts, self.identities.buddy.host)
        try:
            await self.messenger.update_form(view_id, form)
        except SlackError:
            # The form was closed while Buddy was asked.
            await self.messenger.tell(person, Place(channel=""), told)

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
