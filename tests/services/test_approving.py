"""Who may answer a gate is told by Buddy to each reader, and believed only if it was told."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from bot.buddy.client import BuddyClient
from bot.buddy.ledger import Ledger
from bot.domain.catalog import Colleague, GateQuestion
from bot.errors import BuddyError, BuddyForbids, BuddyRateLimited, BuddyUnavailable
from bot.services.following.approving import KEPT, MAX_TRIES, Approving
from bot.services.identity import Identities
from bot.slack.addresses import Addresses
from sandbox.clock import SandboxClock
from tests.domain.samples import NOON, waiting

ZOE = Colleague(31, "Zoe", "zoe@acme.example")
QUESTION = GateQuestion("", (), (), (), others_may_answer=False)


@dataclass
class Reader:
    """One token's view of a workspace."""

    people: tuple[Colleague, ...] = (ZOE,)
    fails: BuddyError | None = None
    ledger: Ledger = field(default_factory=lambda: Ledger(0))
    reads: int = 0

    async def members(self, workspace: str) -> tuple[Colleague, ...]:
        """List everybody, or fail."""
        assert workspace == "acme"
        self.reads += 1
        if self.fails is not None:
            raise self.fails
        return self.people


@dataclass
class NobodyLinked:
    """Accounts of which none is connected."""

    async def mentions(self, team: str, numbers: Iterable[int]) -> dict[int, str]:
        """Mention nobody."""
        assert team == "T1"
        assert numbers
        return {}


@dataclass
class Directory:
    """A team in which some addresses are known."""

    known: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def find(self, email: str) -> str:
        """Find an account by its address."""
        self.asked.append(email)
        return self.known.get(email, "")


def approving(clock: SandboxClock, directory: Directory | None = None) -> Approving:
    """Make one that has seen nothing yet."""
    addresses = cast("Addresses", directory or Directory())
    return Approving(cast("Identities", NobodyLinked()), addresses, clock)


async def names(knows: Approving, reader: Reader) -> tuple[str, ...]:
    """Name whom a reader is told of, at a gate that Zoe may answer."""
    question = replace(QUESTION, approver_ids=(ZOE.id,))
    told = await knows.listed(question, waiting(), cast("BuddyClient", reader), "T1")
    assert told is not None
    return told.names


@pytest.mark.parametrize("silence", [BuddyUnavailable(), BuddyRateLimited(NOON)])
async def test_silence_is_not_believed(clock: SandboxClock, silence: BuddyError) -> None:
    """The next gate's people are called as soon as Buddy answers again."""
    knows, reader = approving(clock), Reader(fails=silence)
    assert await names(knows, reader) == ()

    reader.fails = None

    assert await names(knows, reader) == ("Zoe",)


async def test_a_refusal_is_believed_for_a_while(clock: SandboxClock) -> None:
    """A token that may not read people is not tried again and again."""
    knows, reader = approving(clock), Reader(fails=BuddyForbids(""))
    await names(knows, reader)
    await names(knows, reader)
    assert reader.reads == 1

    reader.fails = None
    clock.advance(KEPT + timedelta(seconds=1))

    assert await names(knows, reader) == ("Zoe",)


async def test_each_reader_is_told_what_their_own_token_reads(clock: SandboxClock) -> None:
    """Neither names nor refusals go from one to the other."""
    knows, maya, ben = approving(clock), Reader(), Reader(fails=BuddyForbids(""))

    assert await names(knows, maya) == ("Zoe",)
    assert await names(knows, ben) == ()
    assert await names(knows, maya) == ("Zoe",)
    assert (maya.reads, ben.reads) == (1, 1)


async def test_a_large_list_is_not_looked_up_to_its_end(clock: SandboxClock) -> None:
    """Whom Slack does not know costs a call, too: the rest is named."""
    people = tuple(Colleague(n, f"Member {n}", f"{n}@acme.example") for n in range(100, 600))
    last = people[MAX_TRIES - 1]
    directory = Directory({last.email: "U9"})
    question = replace(QUESTION, approver_ids=tuple(one.id for one in people))

    told = await approving(clock, directory).listed(
        question, waiting(), cast("BuddyClient", Reader(people)), "T1"
    )

    assert told is not None
    assert directory.asked == [one.email for one in people[:MAX_TRIES]]
    assert told.mentions == ("<@U9>",)
    assert len(told.names) == 499
