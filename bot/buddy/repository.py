"""Read what Buddy tells of a project's repository. Pure."""

from dataclasses import dataclass

from bot.buddy.fields import read_named, read_objects, read_text
from bot.buddy.readers import Unreadable


@dataclass(frozen=True, slots=True)
class Repository:
    """Where a project's code is, if anywhere."""

    exists: bool
    default_branch: str


def repository(raw: object) -> Repository:
    """Read a project for its repository; older versions tell of none that is missing."""
    if not isinstance(raw, dict):
        raise Unreadable
    return Repository(
        raw.get("without_repository") is not True, read_text(raw.get("default_branch"))
    )


def branches(raw: object) -> tuple[str, ...]:
    """Read the names of a page of branches."""
    if not isinstance(raw, dict) or "branches" not in raw:
        raise Unreadable
    return tuple(filter(None, map(read_named, read_objects(raw["branches"]))))
