"""Workspaces with their members, projects with their commits."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.buddy.errors import bad
from sandbox.buddy.people import Person
from sandbox.buddy.world import World


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace."""

    person: Person
    is_admin: bool = False
    is_owner: bool = False


@dataclass(eq=False, slots=True)
class Group:
    """People of a workspace under one name (S12, S22)."""

    id: int
    name: str
    people: list[Person] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Workspace:
    """A workspace; its ``domain`` is what paths and links call it."""

    id: int
    domain: str
    name: str
    created: datetime
    members: dict[int, Member] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    api_enabled: bool = True
    """An admin can switch the API off in the workspace's settings (S17)."""

    is_active: bool = True
    """False for a workspace that is frozen, unpaid or deleted (S29)."""

    @property
    def owner(self) -> Person | None:
        """Who created it; nobody as long as nobody joined."""
        return next((member.person for member in self.members.values() if member.is_owner), None)

    def join(self, person: Person, *, is_admin: bool = False) -> None:
        """Let a person in; the first one owns the workspace."""
        first = not self.members
        self.members[person.id] = Member(person, is_admin=is_admin or first, is_owner=first)

    def leave(self, person: Person) -> None:
        """Let a person go."""
        self.members.pop(person.id, None)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. Text is as foreign as text can be."""

    sha: str
    message: str
    author: Person | None
    at: datetime
    parent: "Commit | None" = field(default=None, repr=False, compare=False)


@dataclass(eq=False, slots=True)
class Project:
    """A project; ``name`` is its id in paths, ``display_name`` what people type (S12)."""

    world: World = field(repr=False)
    workspace: Workspace = field(repr=False)
    name: str
    display_name: str
    created: datetime
    creator: Person | None = None
    status: Literal["ACTIVE", "CLOSED"] = "ACTIVE"
    default_branch: str = "main"
    has_repository: bool = True
    commits: list[Commit] = field(default_factory=list, repr=False)
    heads: dict[str, Commit] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Begin with a commit, as every repository does."""
        self.commit("init repo", by=self.creator)

    def commit(
        self, message: str, *, by: Person | None, branch: str = "", sha: str | None = None
    ) -> Commit:
        """Add a commit to a branch."""
        before = self.heads.get(branch) or self.heads.get(self.default_branch)
        now = self.world.clock.now()
        commit = Commit(sha or self.world.revision(), message, by, now, before)
        self.commits.append(commit)
        self.heads[branch or self.default_branch] = commit
        return commit

    def rewrite(self, branch: str = "", *, to: Commit) -> None:
        """Let a branch begin anew at another commit, as with a forced push."""
        self.heads[branch or self.default_branch] = to

    def between(self, base: str, head: str) -> list[Commit]:
        """List the commits that only one of two has, the newest first.

        «Equivalent to ``git log base...head``», says Buddy's API, «Compare»: what only the base has
        is among them, too. That an unknown revision is refused is unknown, chosen.
        """
        mine, others = (self._history(self.find_commit(one, "")) for one in (base, head))
        known = {one.sha for one in mine} ^ {one.sha for one in others}
        return [one for one in reversed(self.commits) if one.sha in known]

    @staticmethod
    def _history(commit: Commit) -> list[Commit]:
        found: list[Commit] = []
        at: Commit | None = commit
        while at is not None:
            found.append(at)
            at = at.parent
        return found

    def find_commit(self, revision: str, branch: str) -> Commit:
        """Find a commit by its hash, or the branch's last one for HEAD (S6).

        That an unknown revision is refused, and an unknown branch is not, is unknown, chosen.
        """
        if revision == "HEAD":
            return self.heads.get(branch, self.commits[-1])
        for commit in self.commits:
            if commit.sha == revision:
                return commit
        raise bad("Revision not found")
