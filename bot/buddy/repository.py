"""Read what Buddy tells of a project's repository. Pure."""

from dataclasses import dataclass

from pydantic import ValidationError

from bot.buddy.models import WireBranches, WireRepository
from bot.buddy.readers import Unreadable


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a project's code is, if anywhere."""

    exists: bool
    default_branch: str


def repository(raw: object) -> Repository:
    """Read a project for its repository; older versions tell of none that is missing."""
    try:
        wire = WireRepository.model_validate(raw)
    except ValidationError:
        raise Unreadable from None
    return Repository(not wire.without_repository, wire.default_branch)


def branches(raw: object) -> tuple[str, ...]:
    """Read the names of a page of branches."""
    try:
        wires = WireBranches.model_validate(raw).branches
    except ValidationError:
        raise Unreadable from None
    return tuple(wire.name for wire in wires if wire.name)
