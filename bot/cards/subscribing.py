"""Action ids and values of what is shown about subscriptions: written here, read by the handlers.

A value names a subscription by its number and is untrusted input: whose it is and which channel's,
is looked up again.
"""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards.actions import PREFIX
from bot.errors import ButtonUnreadable

EDIT = f"{PREFIX}.edit_subscription"
REMOVE = f"{PREFIX}.remove_subscription"
SET_UP = f"{PREFIX}.set_up_hook"
"""Makes a secret that Buddy calls us with, or a new one, and shows it once."""

EDIT_SETTINGS = f"{PREFIX}.edit_settings"
MUTE = f"{PREFIX}.mute_failures"
"""No more direct messages when something that the person started fails."""

SUBSCRIBE_FORM = f"{PREFIX}.subscribe_form"
SETTINGS_FORM = f"{PREFIX}.settings_form"

TOPIC_MENU = f"{PREFIX}.topic_menu"

TOPIC_BLOCK = "topic"
PRESET_BLOCK = "preset"
MOMENTS_BLOCK = "moments"
BRANCH_BLOCK = "branch"
MORE_BLOCK = "more"
MENTION_BLOCK = "mention"

QUIET_FROM_BLOCK = "quiet_from"
QUIET_UNTIL_BLOCK = "quiet_until"
LADDER_BLOCK = "ladder"
OWN_BLOCK = "own"

_LARGEST = 2**31 - 1


class _Value(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    s: int = Field(ge=1, le=_LARGEST)
    k: str = Field(default="", max_length=8)


@dataclass(frozen=True, slots=True)
class About:
    """Which subscription a button is about, and which kind of hook, if it is about one."""

    subscription: int
    kind: str = ""

    def encode(self) -> str:
        """Write it into a button's value."""
        return _Value(v=1, s=self.subscription, k=self.kind).model_dump_json()

    @classmethod
    def decode(cls, text: str) -> "About":
        """Read a button's value.

        Raises:
            ButtonUnreadable: it was not written by ``encode``.
        """
        try:
            value = _Value.model_validate_json(text)
        except ValidationError:
            raise ButtonUnreadable from None
        return cls(value.s, value.k)


class _Memo(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    c: str = Field(min_length=1, max_length=64)
    s: int = Field(default=0, ge=0, le=_LARGEST)


@dataclass(frozen=True, slots=True)
class FormMemo:
    """For which channel a form is, and which subscription it changes; 0 for a new one."""

    channel: str
    subscription: int = 0

    def encode(self) -> str:
        """Write it into the form's ``private_metadata``."""
        return _Memo(v=1, c=self.channel, s=self.subscription).model_dump_json()

    @classmethod
    def decode(cls, text: str) -> "FormMemo":
        """Read a form's ``private_metadata``.

        Raises:
            ButtonUnreadable: it was not written by ``encode``.
        """
        try:
            memo = _Memo.model_validate_json(text)
        except ValidationError:
            raise ButtonUnreadable from None
        return cls(memo.c, memo.s)
