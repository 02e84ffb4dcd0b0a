"""What the form of a run begins with."""

from dataclasses import dataclass

from bot.domain.run import NOTHING, Lack, Wanted


@dataclass(frozen=True, slots=True)
class RunDraft:
    """What a form begins with: what was said so far, and what is missing, as far as it is known.

    Of values that came out of storage only the keys are here: their values are empty.
    """

    wanted: Wanted = NOTHING
    lacks: tuple[Lack, ...] = ()
