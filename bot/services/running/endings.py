"""How a run ends: its card is in the channel, or its person is told why there is none."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

import structlog

from bot.cards.answers import problem_card
from bot.cards.card import Card
from bot.cards.running import fill_in_button, refused_card, started_card, unshown_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.command import Run
from bot.domain.execution import Execution
from bot.errors import (
    BotError,
    BuddyRateLimited,
    BuddyUnavailable,
    EffectUnclear,
    RunRefused,
    SlackBusy,
    SlackError,
    SlackUnavailable,
    ValuesForgotten,
)
from bot.jobs.queue import Again, Job, Outcome, Snooze
from bot.metrics import Metrics
from bot.services.finding.reading import Reading
from bot.services.following.executions import Executions, Mark
from bot.services.identity import Actor, Identities
from bot.services.operating.answers import Answers, Asker
from bot.store import cards, runs
from bot.store.audit import RUN, Event, append_run
from bot.store.runs import Step, StoredRun

log = structlog.get_logger()

_MENDED_BY_A_FORM = (RunRefused, ValuesForgotten)
_AGAIN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Endings:
    """Brings runs to their end."""

    database: Database
    identities: Identities
    reading: Reading
    executions: Executions
    answers: Answers
    clock: Clock
    metrics: Metrics
    command: str
    installation: str
    buddy_app_url: str

    async def show(self, asked: StoredRun, job: Job) -> Outcome:
        """Put the card of a run that was started into its channel, and say so."""
        try:
            actor = await self.identities.actor(asked.person)
            ref = asked.pipeline.execution(asked.execution)
            execution = await self.reading.execution(actor, ref)
        except (BuddyUnavailable, BuddyRateLimited) as silent:
            return _wait(job, silent.code, _AGAIN)
        except BotError as error:
            await self.end(asked, Step.TOLD, error.code, problem_card(error, self.command))
            return None
        try:
            channel = await self._post(asked, job, execution, actor)
        except SlackBusy as busy:
            return _wait(job, busy.code, timedelta(seconds=busy.seconds))
        except SlackUnavailable as silent:
            # What may stand there already is looked for in the next attempt.
            return Again(silent.code)
        except SlackError as error:
            log.info("run.card_not_posted", code=error.code)
            await self.end(asked, Step.TOLD, Event.DONE.value, unshown_card(execution))
            return None
        is_here = channel == asked.place.channel
        card = started_card(execution, is_here=is_here, now=self.clock.now())
        await self.end(asked, Step.TOLD, Event.DONE.value, card)
        return None

    async def refuse(self, asked: StoredRun, error: BotError) -> None:
        """End a run that was not started: say why, and what next."""
        card = problem_card(error, self.command)
        if isinstance(error, _MENDED_BY_A_FORM):
            button = fill_in_button(asked.id, asked.person.user, "Fill in again…")
            card = refused_card(error, button, self.command)
        async with self.database.transaction() as transaction:
            await append_run(transaction, asked, Event.REFUSED, self.clock.now(), error.code)
            await self.answer(transaction, asked, card)
            await self._ended(transaction, asked, Step.REFUSED, error.code)
        log.info("run.refused", code=error.code)

    async def lose_sight(self, asked: StoredRun, code: str) -> None:
        """End a run that was sent, and that nobody can look for any more."""
        await self.end(asked, Step.UNCLEAR, code, problem_card(EffectUnclear(), self.command))

    async def end(self, asked: StoredRun, step: Step, outcome: str, card: Card | None) -> None:
        """End a run, and tell its person."""
        async with self.database.transaction() as transaction:
            if card is not None:
                await self.answer(transaction, asked, card)
            await self._ended(transaction, asked, step, outcome)

    async def answer(
        self, transaction: Transaction, asked: StoredRun, card: Card, about: str = "end"
    ) -> None:
        """Let the person who asked, and only them, be told once the transaction is stored."""
        asker = Asker(asked.key, asked.person, asked.place, asked.taken_at, asked.sealed_answer_url)
        await self.answers.put(transaction, asker, about, card)

    def place_of(self, asked: StoredRun) -> tuple[str, str]:
        """Name a run's pipeline, and the page with its executions."""
        at, base = asked.pipeline, self.buddy_app_url.rstrip("/")
        workspace, project = quote(at.workspace, safe=""), quote(at.project, safe="")
        url = f"{base}/{workspace}/{project}/pipelines/pipeline/{at.pipeline}/executions"
        typed = asked.wanted.pipeline if isinstance(asked.wanted, Run) else None
        return str(typed or f"{at.project} / pipeline {at.pipeline}"), url

    async def _post(self, asked: StoredRun, job: Job, execution: Execution, actor: Actor) -> str:
        """Post the card where it was asked for, else to the person; the channel it is in."""
        async with self.database.snapshot() as transaction:
            shown = await cards.cards_of(transaction, execution.ref.identity)
        here = asked.place.channel
        if any(card.channel == here for card in shown):
            return here
        mark = Mark(f"{self.installation}/run/{asked.id}", may_stand_there=job.attempt > 1)
        post = self.executions.post_card
        try:
            await post(asked.person, actor, execution, here, mark=mark)
        except (SlackBusy, SlackUnavailable):
            raise
        except SlackError as error:
            log.info("run.card_goes_to_person", code=error.code)
        else:
            return here
        direct = await self.executions.posting.messenger.direct_channel(asked.person)
        if not any(card.channel == direct for card in shown):
            await post(asked.person, actor, execution, direct, mark=mark)
        return direct

    async def _ended(
        self, transaction: Transaction, asked: StoredRun, step: Step, outcome: str
    ) -> None:
        await runs.move(transaction, asked.id, step, outcome=outcome)
        took = (self.clock.now() - asked.taken_at).total_seconds()
        transaction.after_commit(lambda: self.metrics.told(RUN, outcome, took))


def _wait(job: Job, code: str, duration: timedelta) -> Outcome:
    """Wait; once a card may stand there, that must not be forgotten meanwhile."""
    return Again(code, duration) if job.attempt > 1 else Snooze(duration, is_firm=True)
