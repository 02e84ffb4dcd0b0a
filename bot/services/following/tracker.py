"""Follow an execution until it ends; the only painter of its cards.

One job per execution looks at it, paints every card that shows something else, and sleeps until it
is due or poked. A read that was begun before an operation was sent is dropped: it would show the
past. While an operation is on its way, the card shows no buttons and says whose it is.

There may be thousands of executions, most of which stand as they stood. So what the rows say of
them is read for all that are due at once, and what was seen last is remembered: an execution that
did not change costs one read from Buddy and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from bot.cards.execution import CardVariants
from bot.cards.facts import Pending
from bot.cards.sight import Unseen, unseen_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.cadence import pause
from bot.domain.execution import Execution, ExecutionRef
from bot.errors import BotError, BuddyError, BuddyRateLimited, BuddyUnavailable, LinkError
from bot.jobs.queue import Clash, Job, Jobs, Outcome, Snooze
from bot.services.following import news
from bot.services.following.facts import Facts
from bot.services.following.memory import Memory, Seen, rows_of
from bot.services.following.painting import LATER, Painted, Painting
from bot.services.following.sight import HeldBack, LastRead, Look, Sight
from bot.services.following.story import Chapter, Storyteller
from bot.slack.channels import Channels
from bot.store import cards, follows
from bot.store.cards import Follow
from bot.store.follows import Identity, Known

log = structlog.get_logger()

KIND = "follow"
SLOTS = 256
_SOON = timedelta(seconds=2)
_AGAIN = timedelta(seconds=1)
_LATELY = timedelta(minutes=1)

_UNSEEN = ((timedelta(days=1), timedelta(minutes=5)), (timedelta(days=14), timedelta(hours=1)))
"""How often to look whether somebody can see an execution again, up to its age."""

MOST_WOKEN = 200
"""Executions that are looked at again when somebody connects an account."""


@dataclass(slots=True)
class Tracker:
    """Keeps the cards of an execution true."""

    database: Database
    sight: Sight
    facts: Facts
    painting: Painting
    channels: Channels
    storyteller: Storyteller
    jobs: Jobs
    clock: Clock
    command: str
    """The slash command people type."""

    _memory: Memory = field(default_factory=Memory)

    def register(self) -> None:
        """Name who follows executions."""
        self.jobs.handle(KIND, self.follow, slots=SLOTS, give_up=self.give_up, load=self._load)

    async def begin(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Follow an execution from now on, or look at it at once."""
        await self.jobs.put(transaction, _job(ref.identity), clash=Clash.POKE)

    async def begin_later(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Look at an execution in a while, if nothing says so before.

        An operation was sent: within three seconds its card must show that it is on its way. Or its
        card was posted just now.
        """
        await self.jobs.put(transaction, _job(ref.identity), clash=Clash.POKE, after=_SOON)

    async def poke(self, transaction: Transaction, ref: ExecutionRef) -> None:
        """Look at an execution that is followed: something happened to it."""
        await self.jobs.poke(transaction, KIND, _job(ref.identity).key)

    async def look_again(self, transaction: Transaction, team: str) -> None:
        """Look at what nobody could see: somebody connected an account."""
        for identity in await follows.out_of_sight(transaction, team, MOST_WOKEN):
            await self.jobs.put(transaction, _job(identity), clash=Clash.POKE)

    async def follow(self, job: Job) -> Outcome:
        """Look at an execution once and paint the cards that show something else."""
        known = await self._known(job)
        if known is None or not known.cards:
            self._memory.forget(_identity(job))
            return None
        seen = self._memory.of(known) if known.follow.is_in_sight else None
        began = self.clock.now()
        try:
            look = await self.sight.look(
                known,
                # A list does not tell what a hint may be about, such as a gate.
                LastRead(seen.read_at, seen.standing)
                if seen and seen.hints == known.follow.hints
                else None,
                is_urgent=seen is None and self._is_urgent(known),
            )
        except (HeldBack, BuddyError, LinkError) as failure:
            return await self._not_seen(known, failure)
        self.facts.histories.learn(look.newest, is_list=True)
        if seen is not None and (
            look.execution is None or not self._memory.is_news(seen, look.execution, known, began)
        ):
            if not self._is_overtaken(known, look):
                self.painting.metrics.unchanged()
                return self._next(known, look, seen)
            if look.execution is None:
                # Its card must change, and a list does not tell what stands on it.
                self._memory.forget(_identity(job))
                return Snooze(timedelta(0))
        return await self._show(known, look)

    def _is_overtaken(self, known: Known, look: Look) -> bool:
        """Tell whether a newer run has overtaken an execution that waits and did not change."""
        number = known.follow.ref.execution
        itself = (each for each in look.newest if each.ref.execution == number)
        shown = look.execution or next(itself, None)
        return (
            shown is not None
            and shown.waits
            and self.facts.histories.is_overtaken(shown, known.follow.superseded_by)
        )

    def _is_urgent(self, known: Known) -> bool:
        """Tell whether somebody did something to an execution; to one that is new here, lately."""
        act = known.follow.last_act
        return (
            self._memory.knows(known)
            or known.pending is not None
            or (act is not None and self.clock.now() - act.at < _LATELY)
        )

    async def give_up(self, job: Job) -> None:
        """Say on the cards that nobody looks any more."""
        known = await self._known(job)
        if known is not None:
            await self._paint_unseen(known)

    async def _load(
        self, transaction: Transaction, jobs: Sequence[Job]
    ) -> Mapping[int, Known | None]:
        """Read what the rows say of all executions that are looked at now."""
        wanted = {_identity(job): job.id for job in jobs}
        host = self.sight.identities.buddy.host
        found = await follows.known(transaction, list(wanted), host)
        return {number: found.get(identity) for identity, number in wanted.items()}

    async def _known(self, job: Job) -> Known | None:
        if isinstance(job.loaded, Known):
            return job.loaded
        async with self.database.snapshot() as transaction:
            return (await self._load(transaction, [job]))[job.id]

    async def _show(self, known: Known, look: Look) -> Outcome:
        """Paint what was read, unless something was done since the read began."""
        execution = look.execution
        assert execution is not None  # noqa: S101 - what a list leaves out is known already
        read_at, pending = self.clock.now(), known.pending
        facts = await self.facts.gather(
            execution,
            look.actor.buddy,
            known.follow.asker.team,
            known.follow,
            Pending(pending.person.mention, pending.operation) if pending else None,
        )
        chapter = await self.storyteller.prepare(facts, known.follow, look.actor.buddy)
        made, faces = CardVariants(facts), {}
        for stored in known.cards:
            is_discreet = await self.channels.is_discreet(stored.channel)
            faces[stored.id] = made.card(is_discreet=is_discreet)
        weight = facts.weight
        is_open = not execution.status.is_final or pending is not None
        learnt = _learnt(known.follow, execution, is_open=is_open)
        painted = Painted({}, None)
        is_shown = all(stored.digest == faces[stored.id].digest for stored in known.cards)
        if learnt or chapter is not None or not is_shown:
            if await self._has_changed(known):
                return Snooze(timedelta(0))
            is_urgent = self._memory.weight(known) != weight
            painted = await self.painting.paint(
                known.cards, lambda stored: faces[stored.id], is_urgent=is_urgent
            )
            if painted.again is not None:
                learnt.pop("is_open", None)
            await self._note(known.follow.ref, painted.digests, learnt, chapter)
            known = _told(known, chapter)
        if painted.again is not None:
            return painted.again
        if pending is not None:
            return Snooze(LATER)
        kept = self._memory.keep(known, execution, read_at, weight, held_back=painted.held_back)
        return self._next(known, look, kept)

    def _next(self, known: Known, look: Look, seen: Seen) -> Outcome:
        """Tell when to look next; never again once nothing can happen any more."""
        ref = known.follow.ref
        rest = pause(seen.tempo, self.clock.now() - seen.changed_at)
        if rest is None:
            self._memory.forget(ref.identity)
            return None
        return Snooze(self.sight.sharing.next_look(look.actor, ref, rest))

    async def _has_changed(self, known: Known) -> bool:
        """Tell whether the rows say something else than when the read began."""
        identity = known.follow.ref.identity
        async with self.database.snapshot() as transaction:
            now = await follows.known(transaction, [identity], self.sight.identities.buddy.host)
        return identity not in now or rows_of(now[identity]) != rows_of(known)

    async def _note(
        self,
        ref: ExecutionRef,
        digests: Mapping[int, str],
        learnt: Mapping[str, object],
        chapter: Chapter | None = None,
    ) -> None:
        """Tell the threads, note what the cards show now, and what the execution is like.

        Whoever crashes before that paints once more, which changes nothing.
        """
        if not digests and not learnt and chapter is None:
            return
        async with self.database.transaction() as transaction:
            if chapter is not None:
                await news.pass_on(transaction, self.jobs, ref)
                await self.storyteller.tell(transaction, chapter)
            for card_id, digest in digests.items():
                await cards.painted(transaction, card_id, digest)
            if learnt:
                await cards.change_follow(transaction, ref, **learnt)

    async def _not_seen(self, known: Known, failure: HeldBack | BotError) -> Outcome:
        """Tell when to look again at what could not be read now."""
        match failure:
            case HeldBack(wait=wait):
                return Snooze(wait)
            case BuddyRateLimited(retry_at=at):
                return Snooze(max(_AGAIN, at - self.clock.now()), is_firm=True)
            case BuddyUnavailable():
                return Snooze(LATER)
            case _:
                return await self._lose_sight(known, failure)

    async def _lose_sight(self, known: Known, lost: BotError) -> Outcome:
        """Say on the cards that nobody can read it, and look again now and then."""
        log.warning("follow.out_of_sight", code=lost.code)
        painted = await self._paint_unseen(known)
        if painted.again is not None:
            return painted.again
        age = self.clock.now() - known.follow.since
        return next((Snooze(rest) for until, rest in _UNSEEN if age < until), None)

    async def _paint_unseen(self, known: Known) -> Painted:
        follow = known.follow
        card = unseen_card(
            Unseen(follow.ref, follow.pipeline_name, follow.url, follow.asker.mention, self.command)
        )
        painted = await self.painting.paint(known.cards, lambda _: card, is_urgent=True)
        learnt = {"is_in_sight": False} if follow.is_in_sight else {}
        await self._note(follow.ref, painted.digests, learnt)
        return painted


def _learnt(follow: Follow, execution: Execution, *, is_open: bool) -> dict[str, object]:
    """Tell what the rows do not say yet of an execution."""
    told = {
        "pipeline_name": execution.pipeline_name or follow.pipeline_name,
        "url": execution.url or follow.url,
        "is_in_sight": True,
        "is_open": is_open,
    }
    return {name: value for name, value in told.items() if getattr(follow, name) != value}


def _told(known: Known, chapter: Chapter | None) -> Known:
    """Know what was just told, so that it is not taken for somebody else's deed."""
    if chapter is None:
        return known
    follow = replace(known.follow, bookmark=chapter.new, superseded_by=chapter.superseded_by)
    return replace(known, follow=follow)


def _job(identity: Identity) -> Job:
    host, pipeline, number = identity
    # No lane: the key alone keeps an execution from being painted twice at the same time.
    return Job(KIND, f"{host}/{pipeline}/{number}")


def _identity(job: Job) -> Identity:
    host, pipeline, number = job.key.rsplit("/", 2)
    return host, int(pipeline), int(number)
