"""The seam to the form that asks for what a run lacks."""

from dataclasses import dataclass
from typing import Protocol

from bot.domain.click import Place
from bot.domain.person import Person
from bot.domain.run import NOTHING, Lack, Wanted


@dataclass(frozen=True, slots=True)
class RunDraft:
    """What a form begins with: what was said so far, and what is missing, as far as it is known.

    Of values that came out of storage only the keys are here: their values are empty.
    """

    wanted: Wanted = NOTHING
    lacks: tuple[Lack, ...] = ()


class RunForms(Protocol):
    """Opens the form that starts a run."""

    async def open(self, person: Person, trigger_id: str, place: Place, draft: RunDraft) -> None:
        """Open the form prefilled; what is sent with it comes back through ``Runs.accept``.

        The trigger lives three seconds: it opens with what is known, and is filled in later.

        Raises:
            BotError: the person may not, is not linked, or the form came too late.
        """
