"""Subscriptions: their commands, their buttons and their forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from slack_bolt.async_app import AsyncAck

from bot.cards import subscribing as ids
from bot.cards.reminders import muted_card
from bot.cards.subscribe_form import MOMENTS, More, Preset
from bot.cards.topic_menu import read_topic
from bot.domain.click import Place
from bot.domain.command import (
    Moment,
    ShowSettings,
    Subscribe,
    Subscribing,
    Subscriptions,
    Unsubscribe,
)
from bot.domain.ladder import Ladder, LadderUnreadable, read_ladder
from bot.domain.person import Person
from bot.domain.subscription import Wish
from bot.domain.wishes import Begin, Change, Deed, Remove, SetUp, typed
from bot.errors import BotError, NotTaken
from bot.services import Services
from bot.services.subscribing.wishing import Ask
from handlers.payloads import Body, ButtonClick, FormSubmission
from handlers.routes import Routes

_TAKEN = ":hourglass_flowing_sand: On it…"
_NOTHING = "Choose a project or a pipeline from the menu."
_NO_MOMENT = "Tick at least one of these."
_HALF = "Quiet hours need both ends; leave both empty for none."
_NO_LADDER = "Up to six durations from 1m to 7d, such as 15m, 1h, 4h; or off."


@dataclass(frozen=True, slots=True)
class SubscriptionActs:
    """Answers what is asked about subscriptions."""

    services: Services
    command: str

    def register(self, routes: Routes) -> None:
        """Name each method."""
        routes.actions[ids.EDIT] = self.edit
        routes.actions[ids.REMOVE] = self.remove
        routes.actions[ids.SET_UP] = self.set_up
        routes.actions[ids.EDIT_SETTINGS] = self.edit_settings
        routes.actions[ids.MUTE] = self.mute
        routes.forms[ids.SUBSCRIBE_FORM] = self.save
        routes.forms[ids.SETTINGS_FORM] = self.save_settings

    async def edit(self, ack: AsyncAck, body: Body) -> None:
        """Open the form that changes a subscription; nothing is changed yet."""
        await ack()
        pressed = ButtonClick.parse(body)
        about = ids.About.decode(pressed.value)
        await self.services.telling.edit(
            pressed.person, pressed.trigger_id, pressed.place, about.subscription
        )

    async def remove(self, ack: AsyncAck, body: Body) -> None:
        """Take the wish to end a subscription; a job ends it."""
        pressed = ButtonClick.parse(body)
        about = ids.About.decode(pressed.value)
        await self._take(pressed, Remove(about.subscription))
        await ack()

    async def set_up(self, ack: AsyncAck, body: Body) -> None:
        """Take the wish for a secret; a job makes it and shows it once."""
        pressed = ButtonClick.parse(body)
        about = ids.About.decode(pressed.value)
        await self._take(pressed, SetUp(about.subscription, about.kind))
        await ack()

    async def edit_settings(self, ack: AsyncAck, body: Body) -> None:
        """Open the form with what is set; nothing is changed yet."""
        await ack()
        pressed = ButtonClick.parse(body)
        await self.services.telling.ask_settings(
            pressed.person, pressed.trigger_id, pressed.place.channel
        )

    async def mute(self, ack: AsyncAck, body: Body) -> None:
        """Store that a person wants to be left alone, then say so."""
        pressed = ButtonClick.parse(body)
        await self.services.telling.mute(pressed.person)
        await ack()
        await self.services.browsing.messenger.tell(
            pressed.person, pressed.place, muted_card(self.command), pressed.answer_url
        )

    async def save(self, ack: AsyncAck, body: Body) -> None:
        """Take what was filled in, or say at the fields what is missing."""
        sent = FormSubmission.parse(body)
        memo = ids.FormMemo.decode(sent.private_metadata)
        deed, errors = self._filled(sent, memo)
        if deed is None:
            await ack(response_action="errors", errors=errors)
            return
        try:
            await self.services.wishing.take(Ask(sent.key, sent.person, Place(memo.channel), deed))
        except NotTaken as not_taken:
            errors = {ids.PRESET_BLOCK: not_taken.explain()}
            await ack(response_action="errors", errors=errors)
            return
        await ack()

    async def save_settings(self, ack: AsyncAck, body: Body) -> None:
        """Store what was chosen, or say at the fields what is wrong."""
        sent = FormSubmission.parse(body)
        memo = ids.FormMemo.decode(sent.private_metadata)
        hours, ladder, errors = _settings(sent.values)
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        wants = "failures" in _several(sent.values, ids.OWN_BLOCK)
        try:
            await self.services.telling.set(
                sent.person, memo.channel, hours, ladder, tells_failures=wants
            )
        except BotError as error:
            error.command = self.command
            await ack(response_action="errors", errors={ids.LADDER_BLOCK: error.explain()})
            return
        await ack()

    async def _take(self, pressed: ButtonClick, deed: Deed) -> None:
        await self.services.wishing.take(
            Ask(pressed.key, pressed.person, pressed.place, deed, pressed.answer_url)
        )

    def _filled(
        self, sent: FormSubmission, memo: ids.FormMemo
    ) -> tuple[Deed | None, dict[str, str]]:
        """Read a form; None and what is wrong, by field."""
        wish = _wish(sent.values, sent.person)
        if not wish.moments:
            return None, {ids.MOMENTS_BLOCK: _NO_MOMENT}
        if memo.subscription:
            return Change(memo.subscription, wish), {}
        topic = read_topic(sent.values.get(ids.TOPIC_BLOCK, ""), self.services.telling.page_host)
        if topic is None:
            return None, {ids.TOPIC_BLOCK: _NOTHING}
        return Begin(topic, wish), {}


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody typed one of the commands, or pressed a button that carries on with one."""

    key: str
    person: Person
    place: Place
    trigger_id: str
    command: Subscribing
    answer_url: str
    page: int = 1
    in_place: bool = False


async def answer(services: Services, ack: AsyncAck, asked: Typed) -> None:
    """Carry out a command about subscriptions; what changes something is stored first."""
    command, person, place = asked.command, asked.person, asked.place
    match command:
        case Subscribe(None):
            await ack()
            await services.telling.ask_subscription(
                person, asked.trigger_id, place.channel, command
            )
        case Subscribe() | Unsubscribe():
            await services.wishing.take(
                Ask(asked.key, person, place, typed(command, person), asked.answer_url)
            )
            await (ack() if asked.in_place else ack(text=_TAKEN))
        case Subscriptions() | ShowSettings():
            await ack()
            telling, messenger = services.telling, services.browsing.messenger
            if isinstance(command, Subscriptions):
                card = await telling.listed(person, place.channel, asked.page)
            else:
                card = await telling.settings(person, place.channel)
            show = messenger.replace if asked.in_place else messenger.tell
            await show(person, place, card, asked.answer_url)


def _wish(values: Mapping[str, str], person: Person) -> Wish:
    chosen = _several(values, ids.MOMENTS_BLOCK)
    preset = values.get(ids.PRESET_BLOCK, "")
    usual = next((told for one, told in MOMENTS.items() if one.value == preset), None)
    ticked = tuple(moment for moment in Moment if moment.value in chosen)
    more = _several(values, ids.MORE_BLOCK)
    called = [f"<@{user}>" for user in _several(values, ids.MENTION_BLOCK) if user.isalnum()]
    return Wish(
        moments=usual if usual is not None and preset != Preset.CHOSEN else ticked,
        branch=" ".join(values.get(ids.BRANCH_BLOCK, "").replace(",", " ").split()),
        by_user=person.user if More.MINE.value in more else "",
        broadcasts_failures=More.BROADCAST.value in more,
        mention=" ".join(called),
    )


def _settings(
    values: Mapping[str, str],
) -> tuple[tuple[time, time] | None, Ladder, dict[str, str]]:
    """Read the form of settings: quiet hours, the ladder, and what is wrong by field."""
    begins, ends = values.get(ids.QUIET_FROM_BLOCK, ""), values.get(ids.QUIET_UNTIL_BLOCK, "")
    errors: dict[str, str] = {}
    hours: tuple[time, time] | None = None
    ladder: Ladder = ()
    if bool(begins) != bool(ends):
        errors[ids.QUIET_UNTIL_BLOCK if begins else ids.QUIET_FROM_BLOCK] = _HALF
    elif begins:
        try:
            hours = time.fromisoformat(begins), time.fromisoformat(ends)
        except ValueError:
            errors[ids.QUIET_FROM_BLOCK] = _HALF
    try:
        ladder = read_ladder(values.get(ids.LADDER_BLOCK, ""))
    except LadderUnreadable:
        errors[ids.LADDER_BLOCK] = _NO_LADDER
    return hours, ladder, errors


def _several(values: Mapping[str, str], block_id: str) -> list[str]:
    return [one for one in values.get(block_id, "").split(",") if one]
