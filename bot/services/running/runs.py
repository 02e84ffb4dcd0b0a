"""Take a wish for a run, and carry it out: started once, whatever happens in between.

    accept     stores it before it is acknowledged, or says «not taken»
    choose     says which pipeline was meant, where its name can mean several
    fill_in    opens the form with what was said so far
    carry_out  one step of a run's way; ``store/runs.py`` draws the steps

Where something is missing, the form opens at once if Slack still takes the trigger; else the answer
has a button that opens it.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.cards.answers import incident_card, patience_card
from bot.cards.lacking import lacks_card
from bot.cards.running import fill_in_button, pipelines_to_choose_card
from bot.clock import Clock
from bot.database import Database, Transaction
from bot.domain.click import Place
from bot.domain.command import Run
from bot.domain.mark import mark_of
from bot.domain.person import Person
from bot.domain.reader import read_pipeline
from bot.domain.run import RunClick
from bot.errors import AmbiguousName, BotError, ChoiceGone
from bot.jobs.queue import Held, Job, Jobs, Outcome, Snooze
from bot.services.operating.answers import Asker
from bot.services.operating.patience import soothing
from bot.services.operating.taking import Taking
from bot.services.running.checking import VALUES_FOR, Checking, Lacking
from bot.services.running.endings import Endings
from bot.services.running.forms import RunDraft
from bot.services.running.sending import Sending
from bot.services.running.sheets import RunSheets
from bot.store import keys, runs
from bot.store.runs import OPEN_STEPS, Sealed, Step, StoredRun
from bot.vault import Vault

log = structlog.get_logger()

KIND = "run"
ATTEMPTS = 5
"""Tries until somebody who waits is told that it failed: about a minute at the most."""

TRIGGER_LIVES = timedelta(seconds=2.5)
"""How long a form is tried to be opened; Slack takes a trigger for three seconds."""

MAX_TRIGGERS = 1_000
"""Triggers that are kept at once; each for a moment only."""

_MARKS = 1 << 40
_DRAWS = 5
"""Marks that are drawn before it is given up to find a new one; two are never drawn in practice."""


@dataclass(frozen=True, slots=True)
class _Trigger:
    id: str = field(repr=False)
    until: datetime


@dataclass(slots=True)
class Runs:
    """Takes wishes for runs and brings them to their end."""

    database: Database
    checking: Checking
    sending: Sending
    endings: Endings
    forms: RunSheets
    taking: Taking
    vault: Vault
    jobs: Jobs
    clock: Clock
    _triggers: dict[str, _Trigger] = field(default_factory=dict)

    def register(self) -> None:
        """Name who starts runs."""
        self.jobs.handle(KIND, self.carry_out, slots=32, attempts=ATTEMPTS, give_up=self.give_up)

    async def accept(self, asked: RunClick) -> None:
        """Store a wish so that it cannot be lost; its job starts once it is stored.

        The same one delivered twice is one run.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        sealed = Sealed(
            self.checking.seal(asked.wanted, asked.key), self._sealed(asked.answer_url, asked.key)
        )

        async def store(transaction: Transaction) -> Held | None:
            number = await self._stored(transaction, asked, sealed)
            return None if number is None else await self.jobs.hold(transaction, _job(number))

        async def void(transaction: Transaction) -> None:
            number = await runs.void(transaction, asked.key)
            if number is not None:
                await self.jobs.drop(transaction, KIND, _job(number).key)

        self._keep(asked)
        if held := await self.taking.take(store, void):
            held.start()

    async def choose(self, person: Person, run_id: int, choice: str, answer_url: str) -> None:
        """Go on with a run whose pipeline's name could mean several.

        Raises:
            ChoiceGone: it was chosen already, or is too old.
            NotTaken: it could not be stored in time.
        """
        async with self.database.snapshot() as transaction:
            asked = await runs.get(transaction, run_id)
        is_open = asked is not None and asked.step is Step.CHOOSING and asked.person == person
        if asked is None or not is_open or not isinstance(asked.wanted, Run):
            raise ChoiceGone
        if self.clock.now() - asked.taken_at >= VALUES_FOR:
            raise ChoiceGone
        chosen = replace(asked.wanted, pipeline=read_pipeline(choice))
        sealed = self._sealed(answer_url, asked.key)
        # Not the key of the job that asked: that one may not be over yet.
        job = Job(KIND, f"{run_id}/chosen")

        async def store(transaction: Transaction) -> Held | None:
            if not await runs.choose(transaction, run_id, person, chosen, sealed):
                return None
            return await self.jobs.hold(transaction, job)

        async def void(transaction: Transaction) -> None:
            if await runs.unchoose(transaction, run_id, sealed):
                await self.jobs.drop(transaction, KIND, job.key)

        held = await self.taking.take(store, void)
        if held is None:
            raise ChoiceGone
        held.start()

    async def fill_in(self, person: Person, run_id: int, trigger_id: str) -> None:
        """Open the form with what was said of a run so far; values of variables are not kept.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        async with self.database.snapshot() as transaction:
            asked = await runs.get(transaction, run_id)
        if asked is None or asked.person != person:
            raise ChoiceGone
        wanted = await self.checking.without_alias(asked, asked.wanted)
        await self.forms.open(person, trigger_id, asked.place, RunDraft(wanted))

    async def begin(self, person: Person, trigger_id: str, place: Place, typed: Run) -> None:
        """Open the form with what was typed, which names no pipeline.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
        typed = await self.checking.with_default(person, place.channel, typed)
        await self.forms.open(person, trigger_id, place, RunDraft(typed))

    async def carry_out(self, job: Job) -> Outcome:
        """Take a run as far as it goes without waiting."""
        while True:
            async with self.database.snapshot() as transaction:
                asked = await runs.get(transaction, _run_id(job))
            if asked is None:
                return None
            outcome = await self._step(asked, job)
            if not isinstance(outcome, Snooze) or outcome.duration > timedelta(0):
                return outcome

    async def give_up(self, job: Job) -> None:
        """Tell the person that something unforeseen stopped their run."""
        async with self.database.snapshot() as transaction:
            asked = await runs.get(transaction, _run_id(job))
        if asked is None or asked.step not in OPEN_STEPS:
            return
        is_sent = asked.step not in runs.HOLDS_VALUES
        step = Step.UNCLEAR if is_sent else Step.REFUSED
        await self.endings.end(asked, step, "given_up", incident_card(f"run-{asked.id}"))

    async def _step(self, asked: StoredRun, job: Job) -> Outcome:
        """Take a run one step further."""
        match asked.step:
            case Step.TAKEN:
                return await self._begin(asked)
            case Step.SENT | Step.SOUGHT:
                return await self.sending.seek(asked)
            case Step.STARTED:
                return await self.endings.show(asked, job)
            case _:
                return None

    async def _begin(self, asked: StoredRun) -> Outcome:
        """Check and send; say privately if that takes longer than silence may last."""

        async def say() -> None:
            place, url = asked.place, asked.sealed_answer_url
            asker = Asker(asked.key, asked.person, place, asked.taken_at, url)
            await self.endings.answers.tell(asker, patience_card())

        async with soothing(say):
            return await self._check_and_send(asked)

    async def _check_and_send(self, asked: StoredRun) -> Outcome:
        try:
            checked = await self.checking.check(asked)
            sent = await self.sending.claim(asked, checked)
        except Lacking as lacking:
            await self._ask(asked, lacking)
            return None
        except AmbiguousName as ambiguous:
            await self._ask_which(asked, ambiguous)
            return None
        except BotError as refusal:
            await self.endings.refuse(asked, refusal)
            return None
        return None if sent is None else await self.sending.send(sent, checked)

    async def _ask(self, asked: StoredRun, lacking: Lacking) -> None:
        """Open the form if that is still possible, else say what is missing."""
        trigger = self._triggers.pop(asked.key, None)
        if trigger and self.clock.now() < trigger.until:
            draft = RunDraft(lacking.wanted, lacking.lacks)
            try:
                await self.forms.open(asked.person, trigger.id, asked.place, draft)
            except BotError as late:
                log.info("run.form_not_opened", code=late.code)
            else:
                await self.endings.end(asked, Step.ASKED, Step.ASKED.value, None)
                return
        button = fill_in_button(asked.id, asked.person.user, "Fill in…")
        command = self.endings.command
        card = lacks_card(lacking.lacks, lacking.wanted, button, command)
        await self.endings.end(asked, Step.ASKED, Step.ASKED.value, card)

    async def _ask_which(self, asked: StoredRun, ambiguous: AmbiguousName) -> None:
        """Offer the pipelines as buttons; what was typed besides waits for the choice."""
        if not isinstance(asked.wanted, Run):
            await self.endings.refuse(asked, ambiguous)
            return
        card = pipelines_to_choose_card(asked.id, asked.person.user, ambiguous)
        async with self.database.transaction() as transaction:
            await self.endings.answer(transaction, asked, card, "choose")
            await runs.move(transaction, asked.id, Step.CHOOSING)

    async def _stored(
        self, transaction: Transaction, asked: RunClick, sealed: Sealed
    ) -> int | None:
        """Store a wish under a mark that no other run has; None if it is stored already."""
        for _ in range(_DRAWS):
            mark, now = mark_of(secrets.randbelow(_MARKS)), self.clock.now()
            number = await runs.take(transaction, asked, mark, sealed, now)
            if number is not None or await runs.is_known(transaction, asked.key):
                return number
        raise AssertionError("no free mark")

    def _sealed(self, answer_url: str, key: str) -> str:
        return self.vault.seal(answer_url, keys.answer_owner(key)) if answer_url else ""

    def _keep(self, asked: RunClick) -> None:
        """Keep a trigger for the moment in which it opens a form."""
        if not asked.trigger_id:
            return
        while len(self._triggers) >= MAX_TRIGGERS:
            del self._triggers[next(iter(self._triggers))]
        self._triggers[asked.key] = _Trigger(asked.trigger_id, self.clock.now() + TRIGGER_LIVES)


def _job(run_id: int) -> Job:
    return Job(KIND, str(run_id))


def _run_id(job: Job) -> int:
    return int(job.key.partition("/")[0])
