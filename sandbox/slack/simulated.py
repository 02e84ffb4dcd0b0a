"""The simulated Slack: one workspace, one app, and the people in it, behind one object."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.slack.core import Core
from sandbox.slack.delivery import FORM, Ack, Delivery, HttpCarrier, Kind, Outgoing, Retry, Way
from sandbox.slack.gestures import Desk
from sandbox.slack.payloads import Payloads
from sandbox.slack.person import Person
from sandbox.slack.server import Server
from sandbox.slack.socket import SocketMode
from sandbox.slack.state import Ping, Workspace
from sandbox.slack.surfaces import Channel, Ephemeral, Role, Shown
from sandbox.slack.wire import view_object

_RETRIES = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
"""Waits before the three repeats of an event. Source: Slack, «Events API», «Retries»."""


class SimulatedSlack:
    """A stateful Slack on loopback, written from Slack's documentation alone."""

    def __init__(self, clock: SandboxClock, commands: Iterable[str] = ("/buddy",)) -> None:
        self.clock = clock
        self.journal = Journal()
        self.faults = Faults()
        self._core = Core(clock)
        self.sockets = SocketMode(self._core, self.journal)
        self._server = Server(self._core, self.journal, self.faults, self.sockets)
        self._delivery = Delivery(self._core.installation.signing_secret)
        self._payloads = Payloads(self._core, lambda: self._server.base)
        self._desk = Desk(self._core, self._delivery, self._payloads, set(commands))
        self._people: dict[str, Person] = {}

    async def start(self) -> None:
        """Listen on loopback; after a stop, on the same port as before."""
        await self._server.start()

    async def stop(self) -> None:
        """Stop listening; what is remembered stays."""
        await self._server.stop()

    # The app's side

    @property
    def api_url(self) -> str:
        """The Web API's base address."""
        return f"{self._server.base}/api/"

    @property
    def team(self) -> str:
        """The workspace's id."""
        return self._core.space.team

    @property
    def bot_user(self) -> str:
        """The id of the bot's user."""
        return self._core.space.bot_user

    @property
    def app_id(self) -> str:
        """The app's id."""
        return self._core.space.app_id

    @property
    def bot_token(self) -> str:
        """The app's token."""
        return self._core.installation.bot_token

    @property
    def signing_secret(self) -> str:
        """The secret that signs requests to the bot."""
        return self._core.installation.signing_secret

    @property
    def app_token(self) -> str:
        """The app-level token that opens sockets."""
        return self._core.installation.app_token

    @property
    def app_scopes(self) -> set[str]:
        """The scopes of the app-level token; may be changed at any time."""
        return self._core.installation.app_scopes

    @property
    def scopes(self) -> set[str]:
        """The granted scopes; may be changed at any time."""
        return self._core.installation.scopes

    @property
    def supports_plan(self) -> bool:
        """Whether this workspace already has ``plan`` and ``task_card`` blocks."""
        return self._core.supports_plan

    @supports_plan.setter
    def supports_plan(self, supports: bool) -> None:
        self._core.supports_plan = supports

    @property
    def rate_limits(self) -> bool:
        """Whether calls are counted against Slack's limits."""
        return self._server.has_rate_limits

    @rate_limits.setter
    def rate_limits(self, has_limits: bool) -> None:
        self._server.has_rate_limits = has_limits

    def revoke(self) -> None:
        """Revoke the bot token."""
        self._core.installation.revoke()

    def uninstall(self) -> None:
        """Remove the app from the workspace."""
        self._core.installation.uninstall()

    def reinstall(self) -> None:
        """Bring the app back with the same token."""
        self._core.installation.reinstall()

    # People and channels

    def person(self, name: str, role: Role = Role.MEMBER) -> Person:
        """Find a person by name; a new one joins in this role."""
        if name not in self._people:
            self._people[name] = Person(self._desk, self._core.space.admit(name, role))
        return self._people[name]

    def channel(
        self,
        name: str,
        members: Iterable[Person] = (),
        *,
        bot_is_member: bool = True,
        private: bool = False,
        shared: bool = False,
        archived: bool = False,
    ) -> Channel:
        """Create a channel."""
        channel = self._core.space.create_channel(name, {person.id for person in members})
        channel.bot_is_member = bot_is_member
        channel.private, channel.shared, channel.archived = private, shared, archived
        return channel

    def changes_id(self, channel: Channel) -> tuple[str, str]:
        """Give a channel another id, as sharing a private one does; the old id is no channel's."""
        return self._core.space.change_id(channel)

    @property
    def channels(self) -> list[Channel]:
        """All channels and direct conversations, oldest first."""
        return list(self._core.space.channels.values())

    # What happened

    @property
    def space(self) -> Workspace:
        """The workspace's memory, for who follows along; nobody writes to it from outside."""
        return self._core.space

    @property
    def delivery(self) -> Delivery:
        """The way of requests to the bot."""
        return self._delivery

    @property
    def seq(self) -> int:
        """The number of the latest change; grows with each."""
        return self._core.space.seq

    @property
    def pings(self) -> list[Ping]:
        """Every mention by the bot that Slack would have turned into a notification."""
        return self._core.space.pings

    @property
    def lost(self) -> list[Ephemeral]:
        """Private messages that Slack accepted and showed to nobody."""
        return self._core.space.lost

    def unseen(self) -> list[Shown]:
        """List the messages, private messages and modals that nobody ever looked at."""
        return self._core.space.unseen()

    @property
    def unread(self) -> list[Shown]:
        """The same list, for reading aloud."""
        return self.unseen()

    @property
    def deliveries(self) -> list[Ack]:
        """How the bot answered each request, in order."""
        return self._delivery.log

    @property
    def refusals(self) -> list[str]:
        """Every refused call with its reason, such as ``chat.update: message_not_found``."""
        return [
            f"{call.path}: {call.body['error']}" for call in self.journal if "error" in call.body
        ]

    def name_of(self, key: str) -> str:
        """Name a person or a channel by its id."""
        return self._core.space.name_of(key)

    # Deliveries

    @property
    def way(self) -> Way:
        """How the way to the bot fares; may be changed at any time."""
        return self._delivery.way

    @property
    def deadline(self) -> timedelta:
        """How long the bot has to answer, in real time: three seconds."""
        return self._delivery.deadline

    @deadline.setter
    def deadline(self, deadline: timedelta) -> None:
        self._delivery.deadline = deadline

    def deliver_to(self, url: str) -> None:
        """Say where the bot listens for commands, interactions and events."""
        self._core.installation.has_socket_mode = False
        self._delivery.carrier = HttpCarrier(url)

    def deliver_by_socket(self) -> None:
        """Switch Socket Mode on: everything goes through the sockets that the app opens.

        Request URLs are ignored from now on. Source: Slack, «Using Socket Mode».
        """
        self._core.installation.has_socket_mode = True
        self._delivery.carrier = self.sockets

    def sign(self, body: bytes, timestamp: int | None = None) -> dict[str, str]:
        """Make the signature headers for a body; the timestamp is now unless given."""
        return self._delivery.sign(body, timestamp)

    async def sends(self, raw_body: bytes, headers: Mapping[str, str] | None = None) -> Ack:
        """Send exactly these bytes, with the headers as given: unsigned unless they sign."""
        request = Outgoing(Kind.EVENT, raw_body, {"Content-Type": FORM, **(headers or {})}, {})
        return await self._delivery.send(request)

    async def resends(self, ack: Ack) -> Ack:
        """Send the very same request again."""
        if ack.request is None:
            message = "nothing was sent that could be sent again"
            raise LookupError(message)
        return await self._delivery.send(ack.request)

    async def event(self, event: Mapping[str, Any]) -> Ack:
        """Deliver an event, with up to three repeats while the bot does not take it.

        Between the repeats simulated time passes: none, one minute, five minutes.
        """
        payload = self._payloads.event(dict(event))
        ack = await self._delivery.send(self._delivery.event(payload))
        for number, wait in enumerate(_RETRIES, start=1):
            if ack.is_ok or ack.headers.get("x-slack-no-retry") == "1":
                break
            await self.clock.sleep(wait)
            again = self._delivery.event(payload, Retry(number, ack.problem or "http_error"))
            ack = await self._delivery.send(again)
        return ack

    async def opens_home(self, person: Person) -> Ack:
        """Let somebody open the app's Home tab, which the bot hears of as an event."""
        channel = self._core.space.direct(person.id)
        event = {"type": "app_home_opened", "user": person.id, "channel": channel.id, "tab": "home"}
        # On the first opening there is no view yet. Source: Slack, «app_home_opened».
        home = {"view": view_object(self._core.space, person.home)} if person.home else {}
        return await self.event({**event, **home})
