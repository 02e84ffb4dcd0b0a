"""Why a run was not started."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.base import BotError
from bot.errors.text import quote


@dataclass(eq=False, repr=False)
class RunError(BotError):
    """A run was not started; nothing is running that was not running before."""

    code: ClassVar[str] = "run_error"


@dataclass(eq=False, repr=False)
class PipelineSwitchedOff(RunError):
    """The pipeline is disabled or paused in Buddy; ``reason`` is Buddy's, and may be empty."""

    code: ClassVar[str] = "pipeline_switched_off"

    pipeline: str
    reason: str
    is_paused: bool

    @override
    def explain(self) -> str:
        state = "paused" if self.is_paused else "switched off"
        why = f": “{quote(self.reason)}”" if self.reason else ""
        return (
            f"*{quote(self.pipeline, 80)}* is {state} in Buddy{why}. Nothing was started. "
            "Ask somebody who may change the pipeline to switch it on, then try again."
        )


@dataclass(eq=False, repr=False)
class RunRefused(RunError):
    """Buddy does not start it like this; ``message`` is Buddy's, and may be empty."""

    code: ClassVar[str] = "run_refused"

    status: int
    message: str

    @override
    def explain(self) -> str:
        said = f": “{quote(self.message)}”" if self.message else f" (status {self.status})"
        return (
            f"Buddy did not start it{said}. Nothing was started. Try again with "
            "what it says there changed, for example the branch."
        )


@dataclass(eq=False, repr=False)
class ValuesForgotten(RunError):
    """The values of variables are gone: their ten minutes are over, or a key is."""

    code: ClassVar[str] = "values_forgotten"

    @override
    def explain(self) -> str:
        return (
            "I was interrupted before I could send this, and I keep the values of variables for "
            "ten minutes at most. Nothing was sent. Please fill them in again."
        )


@dataclass(eq=False, repr=False)
class NoPlaceForCard(RunError):
    """The run's card could not be posted where it was asked for."""

    code: ClassVar[str] = "no_place_for_card"

    is_direct: bool

    @override
    def explain(self) -> str:
        if self.is_direct:
            return (
                "I am no part of this conversation, so its card could not appear here. Nothing was "
                "started. Use a channel that I am a member of, or our direct messages."
            )
        return (
            "I am not a member of this channel, or it is archived, so its card could not appear "
            "here. Nothing was started. Invite me with `/invite`, then try again."
        )
