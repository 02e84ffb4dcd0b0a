"""Gather what waits for somebody and what they started: from cards, and from their own pipelines.

Read anew each time, with their own token, and within what it may spend: executions that have a card
in the team come first, then those of pipelines whose list says that something goes on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.cards.card import Card
from bot.cards.execution import state_of
from bot.cards.inbox import PAGE, Shelf, Waiting, inbox_card
from bot.database import Database
from bot.domain import rules
from bot.domain.catalog import GateQuestion, PipelineRef
from bot.domain.execution import Binding, Effect, Execution, ExecutionRef, Gate, Operation
from bot.errors import BuddyError, BuddyRateLimited, BuddyUnavailable, OperationError
from bot.services.finding.listing import CLOSED
from bot.services.finding.reading import Reading
from bot.services.finding.standing import is_listed, may_ask
from bot.services.following.facts import Facts
from bot.services.identity import Actor
from bot.store import cards, follows

log = structlog.get_logger()

MAX_READ = 30
"""Executions that are read for one look."""

MAX_PROJECTS = 10
MAX_PIPELINES = 10
"""Projects whose pipelines are listed, and pipelines whose executions are, beside the cards."""

_AT_ONCE = 5
_PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Inboxes:
    """Makes the answers to «what waits for me?»."""

    database: Database
    reading: Reading
    facts: Facts
    command: str

    async def card(self, actor: Actor, page: int) -> Card:
        """Show a page of what waits for somebody, and of what they started.

        Raises:
            BuddyUnavailable, BuddyRateLimited: Buddy cannot be asked now.
        """
        refs, is_cut = await self._candidates(actor)
        executions = await self._read(actor, refs)
        waiting, running = [], []
        for execution in executions:
            if options := await self._answerable(actor, execution):
                waiting.append((execution, options))
            elif _is_mine(actor, execution):
                running.append(execution)
        entries = len(waiting) + len(running)
        pages = max(1, -(-entries // PAGE))
        page = min(page, pages)
        start, end = (page - 1) * PAGE, page * PAGE
        shown = [await self._waiting(actor, *one) for one in waiting[start:end]]
        rest = slice(max(0, start - len(waiting)), max(0, end - len(waiting)))
        shelf = Shelf(shown, running[rest], page, pages, len(waiting), len(running), is_cut)
        return inbox_card(shelf, actor.link.person.user, self.command)

    async def _candidates(self, actor: Actor) -> tuple[Sequence[ExecutionRef], bool]:
        """List what to look at, and whether that is not all there may be."""
        host = self.reading.catalog.buddy.host
        async with self.database.snapshot() as transaction:
            team = actor.link.person.team
            known = await follows.open_of(transaction, team, host, MAX_READ + 1)
        more, is_cut = await self._of_pipelines(actor)
        refs = list({ref.identity: ref for ref in (*known, *more)}.values())
        return refs[:MAX_READ], is_cut or len(refs) > MAX_READ

    async def _of_pipelines(self, actor: Actor) -> tuple[list[ExecutionRef], bool]:
        """Find open executions of the person's own pipelines, as far as their calls allow."""
        if not may_ask(actor.buddy):
            return [], True
        catalog, found = self.reading.catalog, list[PipelineRef]()
        places = await catalog.places.fitting(actor)
        for place in places[:MAX_PROJECTS]:
            try:
                pipelines = await catalog.pipelines(actor, place)
            except CLOSED:
                continue
            host, domain = catalog.buddy.host, place.workspace.domain
            found += [
                PipelineRef(host, domain, place.project.name, one.id)
                for one in pipelines.things
                if one.last_status is not None and not one.last_status.is_final
            ]
        refs: list[ExecutionRef] = []
        for at in found[:MAX_PIPELINES]:
            try:
                page = await actor.buddy.executions(
                    at.workspace, at.project, at.pipeline, per_page=_PER_PAGE
                )
            except (BuddyUnavailable, BuddyRateLimited):
                raise
            except BuddyError as hidden:
                log.info("inbox.left_out", code=hidden.code)
                continue
            self.facts.histories.learn(page.executions, is_list=True)
            refs += [one.ref for one in page.executions if not one.status.is_final]
        return refs, len(places) > MAX_PROJECTS or len(found) > MAX_PIPELINES

    async def _read(self, actor: Actor, refs: Sequence[ExecutionRef]) -> list[Execution]:
        """Read executions, a few at once; what the person may not see is none of their business."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def read(ref: ExecutionRef) -> Execution | None:
            async with turns:
                try:
                    return await self.reading.execution(actor, ref)
                except (BuddyUnavailable, BuddyRateLimited):
                    raise
                except BuddyError as hidden:
                    log.info("inbox.left_out", code=hidden.code)
                    return None

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(read(ref)) for ref in refs]
        except* (BuddyUnavailable, BuddyRateLimited) as silent:
            raise silent.exceptions[0] from None
        read_ones = [task.result() for task in tasks]
        return [one for one in read_ones if one is not None and not one.status.is_final]

    async def _answerable(
        self, actor: Actor, execution: Execution
    ) -> tuple[tuple[Operation, Binding, Gate], ...]:
        """List the gates of an execution that this person may answer, as far as Buddy tells."""
        if not execution.gates:
            return ()
        if await self.facts.histories.overtaker(execution, actor.buddy) is not None:
            return ()
        questions = await self.facts.asked(execution, actor.buddy)
        async with self.database.snapshot() as transaction:
            retries = await cards.retries_of(transaction, execution.ref)
        try:
            options = rules.options(Operation.APPROVE, execution, retries, state_of(execution))
        except OperationError:
            return ()
        found = []
        for operation, binding in options:
            gate = execution.gate(binding.gate_id, binding.gate_started_at)
            if gate is None or operation.effect is not Effect.ANSWER:
                continue
            if await _may_answer(actor, execution, questions.get(gate.id)):
                bound = replace(binding, installation=self.facts.installation)
                found.append((operation, bound, gate))
        return tuple(found)

    async def _waiting(
        self,
        actor: Actor,
        execution: Execution,
        options: tuple[tuple[Operation, Binding, Gate], ...],
    ) -> Waiting:
        async with self.database.snapshot() as transaction:
            known = await cards.get_follow(transaction, execution.ref.identity)
        team = actor.link.person.team
        facts = await self.facts.gather(execution, actor.buddy, team, known)
        return Waiting(facts, options)


async def _may_answer(actor: Actor, execution: Execution, told: GateQuestion | None) -> bool:
    """Tell whether a gate waits for this person; where Buddy does not tell, it may."""
    if told is None:
        return True
    me, creator = actor.link.buddy.id, execution.creator
    if told.prevents_self_approval and creator is not None and creator.id == me:
        return False
    return told.others_may_answer or await is_listed(actor, execution, told) is not False


def _is_mine(actor: Actor, execution: Execution) -> bool:
    return execution.creator is not None and execution.creator.id == actor.link.buddy.id
