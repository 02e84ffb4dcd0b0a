"""Read what Buddy tells of a project's repository. Pure."""

from dataclasses import dataclass

from bot.buddy.fields import read_named, read_objects, read_text
from bot.buddy.readers import Readers, Unreadable, read_revision
from bot.domain.execution import Revision


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


@dataclass(frozen=True, slots=True)
class CommitPage:
    """Some of the commits between two revisions, the newest first."""

    commits: tuple[Revision, ...]
    url: str
    """Page in Buddy's web app; empty when Buddy gave none."""


def commits(raw: object, readers: Readers) -> CommitPage:
    """Read a page of commits; one without a hash is none."""
    if not isinstance(raw, dict) or "commits" not in raw:
        raise Unreadable
    found = (read_revision(one) for one in read_objects(raw["commits"]))
    url = readers.links.keep(read_text(raw.get("html_url")))
    return CommitPage(tuple(one for one in found if one is not None), url)
