"""Action ids, callback ids and button values: written here, read by the handlers.

A value is compact JSON with a version. It travels through Slack and back, so it holds no secret and
is treated as untrusted input: it says which attempt and gate a button meant, never who may press
it.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.cards.card import MAX_BUTTON_VALUE, MAX_OPTION_VALUE
from bot.domain.click import Place, Way
from bot.domain.execution import Attempt, Binding, ExecutionRef, Operation
from bot.errors import ButtonUnreadable

PREFIX = "greenlight"
OPEN_LINK = f"{PREFIX}.open"
"""A button that only opens a page; Slack sends its click all the same."""

SHOW = f"{PREFIX}.show"
"""The button of an overtaken card that brings the card of the newest run."""

CONNECT = f"{PREFIX}.connect"
"""The button that opens the form to link an account."""

RUN_AGAIN = f"{PREFIX}.run_again"
"""The button that opens the form of a run as an execution was run."""

CONNECT_FORM = f"{PREFIX}.connect_form"
REASON_FORM = f"{PREFIX}.reason_form"
PROPOSAL_FORM = f"{PREFIX}.proposal_form"
"""Asks once more before an execution is approved or retried by a shortcut."""

VALUES_FORM = f"{PREFIX}.values_form"
TOKEN_BLOCK = "token"  # noqa: S105 - the name of a form field
REASON_BLOCK = "reason"
GATE_BLOCK = "gate"

ASKS_REASON = frozenset({Operation.REJECT, Operation.CANCEL})
"""Operations whose button opens a form with an optional reason."""


def action_id(operation: Operation) -> str:
    """Name the button of an operation."""
    return f"{PREFIX}.{operation.value}"


OPERATION_BY_ACTION = {action_id(operation): operation for operation in Operation}


_LARGEST = 2**63 - 1
"""The largest number that every database keeps in the columns that hold them."""


class _Value(BaseModel):
    """The wire form of a binding; short keys, since a value may have 2,000 characters."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: int = Field(ge=1, le=1)
    h: str = Field(min_length=1, max_length=255)
    w: str = Field(min_length=1, max_length=255)
    p: str = Field(min_length=1, max_length=255)
    l: int = Field(ge=0, le=_LARGEST)  # noqa: E741 - the l of pipeline; p is the project
    e: int = Field(ge=0, le=_LARGEST)
    s: str = ""
    n: int = Field(ge=0, le=_LARGEST)
    g: str = Field(default="", max_length=255)
    t: str = ""
    i: str = Field(default="", max_length=32)


def encode(binding: Binding) -> str | None:
    """Write a binding into a button's value; None if ``decode`` or Slack would not take it."""
    ref = binding.ref
    try:
        value = _Value(
            v=1,
            h=ref.host,
            w=ref.workspace,
            p=ref.project,
            l=ref.pipeline,
            e=ref.execution,
            s=_written(binding.attempt.started_at),
            n=binding.attempt.retries,
            g=binding.gate_id,
            t=_written(binding.gate_started_at),
            i=binding.installation,
        )
    except ValidationError:
        return None
    text = value.model_dump_json(exclude=None if binding.installation else {"i"})
    return text if len(text) <= MAX_BUTTON_VALUE else None


def decode(text: str) -> Binding:
    """Read a button's value.

    Raises:
        ButtonUnreadable: it is of another version, or was never written by ``encode``.
    """
    try:
        value = _Value.model_validate_json(text)
        return Binding(
            ref=ExecutionRef(value.h, value.w, value.p, value.l, value.e),
            attempt=Attempt(_read(value.s), value.n),
            gate_id=value.g,
            gate_started_at=_read(value.t),
            installation=value.i,
        )
    except ValueError:  # pydantic's ValidationError is one
        raise ButtonUnreadable from None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form remembers between its opening and its submission: nothing secret."""

    operation: Operation
    binding: Binding
    place: Place
    way: Way = Way.FORM

    def encode(self) -> str:
        """Write it into the form's ``private_metadata``."""
        told: dict[str, Any] = {
            "operation": self.operation.value,
            "binding": encode(self.binding),
            "channel": self.place.channel,
            "message_ts": self.place.message_ts,
            "thread_ts": self.place.thread_ts,
            "is_private": self.place.is_private,
            "way": self.way.value,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def decode(cls, text: str) -> "Asked":
        """Read a form's ``private_metadata``.

        Raises:
            ButtonUnreadable: it was not written by ``encode``.
        """
        try:
            told = json.loads(text)
            return cls(
                Operation(told["operation"]),
                decode(str(told["binding"])),
                Place(
                    str(told["channel"]),
                    str(told["message_ts"]),
                    str(told["thread_ts"]),
                    bool(told["is_private"]),
                ),
                # A form that a former release opened was opened by a button.
                Way(told.get("way", Way.FORM.value)),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ButtonUnreadable from None


def encode_choice(operation: Operation, binding: Binding) -> str | None:
    """Write which gate is meant into an option's value; None if that cannot hold it."""
    told = [operation.value, binding.gate_id, _written(binding.gate_started_at)]
    text = json.dumps(told, separators=(",", ":"))
    return text if len(text) <= MAX_OPTION_VALUE else None


def decode_choice(text: str, binding: Binding) -> tuple[Operation, Binding]:
    """Read which gate of a binding's attempt was chosen.

    Raises:
        ButtonUnreadable: it was not written by ``encode_choice``.
    """
    try:
        operation, gate_id, started_at = map(str, json.loads(text))
        chosen = replace(binding, gate_id=gate_id[:255], gate_started_at=_read(started_at))
        return Operation(operation), chosen
    except (ValueError, TypeError, RecursionError):
        raise ButtonUnreadable from None


def _written(at: datetime | None) -> str:
    return "" if at is None else at.isoformat()


def _read(text: str) -> datetime | None:
    if not text:
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        # The first or the last day there is, in a zone on its other side.
        raise ValueError(text) from None
