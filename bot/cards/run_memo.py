"""What the form that starts a run remembers between its opening and its submission.

It travels through Slack and back, so it holds nothing secret, and is treated as untrusted input.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards.card import MAX_METADATA
from bot.domain.catalog import PipelineRef
from bot.domain.click import Place
from bot.errors import ButtonUnreadable

_LARGEST = 2**63 - 1
_MAX_NAME = 120


class _At(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    h: str = Field(min_length=1, max_length=255)
    w: str = Field(min_length=1, max_length=255)
    p: str = Field(max_length=255)
    n: int = Field(ge=0, le=_LARGEST)


class _Memo(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    at: _At | None = None
    name: str = Field(default="", max_length=_MAX_NAME)
    menu: int = Field(default=1, ge=1)
    turn: int = Field(default=1, ge=1)
    channel: str = Field(default="", max_length=64)
    thread: str = Field(default="", max_length=64)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Memo:
    """Which pipeline the form is for, and where it was opened."""

    at: PipelineRef | None = None
    name: str = ""
    """Project and pipeline as people know them; foreign text."""

    menu: int = 1
    """Counts the pipeline menus that were shown: an older one's choice does not count."""

    turn: int = 1
    """Counts how often the other fields were filled anew."""

    place: Place = field(default_factory=lambda: Place(""))

    @property
    def asks_channel(self) -> bool:
        """Whether the form has no channel to put the card into: a shortcut, or a conversation."""
        return not self.place.channel or self.place.channel.startswith("D")

    def encode(self) -> str:
        """Write it into a view's ``private_metadata``."""
        at = self.at
        told: dict[str, Any] = {
            "v": 1,
            "name": self.name[:_MAX_NAME],
            "menu": self.menu,
            "turn": self.turn,
            "channel": self.place.channel,
            "thread": self.place.thread_ts,
            "private": self.place.is_private,
        }
        if at is not None:
            # By its number it is found without a name that is too long.
            project = at.project if len(at.project) <= _MAX_NAME else ""
            told["at"] = {"h": at.host, "w": at.workspace, "p": project, "n": at.pipeline}
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        assert len(text) <= MAX_METADATA  # noqa: S101 - each part is short
        return text

    @classmethod
    def decode(cls, text: str) -> "Memo":
        """Read a view's ``private_metadata``.

        Raises:
            ButtonUnreadable: it was not written by ``encode``.
        """
        try:
            told = _Memo.model_validate_json(text)
        except ValidationError:
            raise ButtonUnreadable from None
        at = told.at
        return cls(
            PipelineRef(at.h, at.w, at.p, at.n) if at else None,
            told.name,
            told.menu,
            told.turn,
            Place(told.channel, thread_ts=told.thread, is_private=told.private),
        )
