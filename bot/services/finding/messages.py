"""Find the execution that a message is about: a card of ours, its thread, or a pasted link.

a card                         what it shows
a reply of ours                what the card of its thread shows
somebody's message             the execution that it links to, else the card of its thread
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.database import Database
from bot.domain.click import Place
from bot.domain.execution import Execution, ExecutionRef
from bot.domain.link import read_link
from bot.domain.reference import ExecutionName
from bot.errors import NoExecutionHere, SeveralExecutionsHere
from bot.services.finding.reading import Reading
from bot.services.identity import Actor
from bot.store import shown


@dataclass(frozen=True, slots=True)
class Spot:
    """A message that somebody points at."""

    place: Place
    links: tuple[str, ...] = ()
    """Addresses in it, whosever they are."""

    is_ours: bool = False
    """Whether an app wrote it: then what it quotes leads nowhere."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The execution of a message, and where answers about it belong."""

    execution: Execution
    place: Place
    """Names the message only if that is a card."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Finds executions by what stands in a channel."""

    database: Database
    reading: Reading

    async def execution(self, actor: Actor, spot: Spot) -> Meant:
        """Read the execution that a message is about.

        Raises:
            NoExecutionHere, SeveralExecutionsHere: it is about none, or about several.
            InputError, BuddyError: it cannot be found, or not be read.
        """
        place = spot.place
        if ref := await self._shown(place.channel, place.message_ts):
            return Meant(await self.reading.execution(actor, ref), place)
        beside = replace(place, message_ts="")
        linked = () if spot.is_ours and place.thread_ts else self._linked(spot.links)
        if len(linked) > 1:
            raise SeveralExecutionsHere
        if linked:
            return Meant(await self.reading.find(actor, linked[0]), beside)
        if place.thread_ts and (ref := await self._shown(place.channel, place.thread_ts)):
            return Meant(await self.reading.execution(actor, ref), beside)
        raise NoExecutionHere

    def _linked(self, links: Iterable[str]) -> tuple[ExecutionName, ...]:
        """Read the links to executions of our Buddy; what leads elsewhere is nothing to us."""
        buddy = self.reading.catalog.buddy
        found = [linked.execution for link in links if (linked := read_link(link))]
        named = (
            name
            for name in found
            if not name.is_latest and buddy.has_page(getattr(name.pipeline, "host", ""))
        )
        return tuple(dict.fromkeys(named))

    async def _shown(self, channel: str, ts: str) -> ExecutionRef | None:
        host = self.reading.catalog.buddy.host
        async with self.database.snapshot() as transaction:
            return await shown.shown_by(transaction, host, channel, ts)
