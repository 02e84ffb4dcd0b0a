"""People of the simulated Buddy and their personal access tokens."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(hours=1)
"""How long a budget of calls lasts. Inferred: no source names the window."""

DEFAULT_SCOPES = ("WORKSPACE", "EXECUTION_INFO", "EXECUTION_RUN", "USER_INFO", "VARIABLE_INFO")

_IMPLIED = {
    "EXECUTION_INFO": {"EXECUTION_RUN", "EXECUTION_MANAGE", "PIPELINE_READ", "PIPELINE_RUN"},
    "EXECUTION_RUN": {"EXECUTION_MANAGE", "PIPELINE_RUN"},
    "WEBHOOK_INFO": {"WEBHOOK_ADD", "WEBHOOK_MANAGE"},
    "WEBHOOK_ADD": {"WEBHOOK_MANAGE"},
}
"""Which other scopes contain a scope. RUN contains INFO: S12; the newer names: S4 to S6; MANAGE
contains both: inferred."""


@dataclass(slots=True)
class Budget:
    """How many calls are left until when. Inferred: each token has its own."""

    used: int = 0
    resets_at: datetime | None = None

    def spend(self, now: datetime, limit: int) -> bool:
        """Take one call out of the budget; false when nothing is left."""
        if self.resets_at is None or now >= self.resets_at:
            self.used, self.resets_at = 0, now + WINDOW
        if self.used >= limit:
            return False
        self.used += 1
        return True

    def leave(self, calls: int, now: datetime, limit: int) -> None:
        """Let only so many calls be left, from now on for a whole window."""
        self.used, self.resets_at = limit - calls, now + WINDOW


@dataclass(slots=True)
class Token:
    """A personal access token: a UUID v4 (S38) with scopes, perhaps an end and a limit."""

    value: str = field(default_factory=lambda: str(uuid.uuid4()), repr=False)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = "slack-bot"
    scopes: list[str] = field(default_factory=lambda: list(DEFAULT_SCOPES))
    expires_at: datetime | None = None
    workspaces: list[str] = field(default_factory=list)
    """Domains the token is limited to; empty for all."""

    is_revoked: bool = False
    budget: Budget = field(default_factory=Budget)

    def is_valid(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return not self.is_revoked and (self.expires_at is None or now < self.expires_at)

    def covers(self, scope: str) -> bool:
        """Whether the scope, or one that contains it, was given."""
        return not {scope, *_IMPLIED.get(scope, ())}.isdisjoint(self.scopes)

    def reaches(self, domain: str) -> bool:
        """Whether the token is meant for this workspace."""
        return not self.workspaces or domain in self.workspaces


@dataclass(eq=False)
class Person:
    """Somebody with a Buddy account. What is said of "the token" is said of the newest one."""

    id: int
    name: str
    email: str
    tokens: list[Token] = field(default_factory=lambda: [Token()], repr=False)

    @property
    def newest_token(self) -> Token:
        """The token that was created last."""
        return self.tokens[-1]

    @property
    def token(self) -> str:
        """What the person would paste."""
        return self.newest_token.value

    @property
    def scopes(self) -> list[str]:
        """What the token may do."""
        return self.newest_token.scopes

    @scopes.setter
    def scopes(self, scopes: Iterable[str]) -> None:
        self.newest_token.scopes = list(scopes)

    @property
    def expires_at(self) -> datetime | None:
        """Until when the token is good."""
        return self.newest_token.expires_at

    @expires_at.setter
    def expires_at(self, moment: datetime | None) -> None:
        self.newest_token.expires_at = moment

    @property
    def budget(self) -> Budget:
        """What is left of the token's calls."""
        return self.newest_token.budget

    def create_token(
        self, scopes: Sequence[str] = DEFAULT_SCOPES, workspaces: Sequence[str] = ()
    ) -> str:
        """Create one more token; the older ones stay good."""
        self.tokens.append(Token(scopes=list(scopes), workspaces=list(workspaces)))
        return self.token

    def restrict_token(self, *domains: str) -> None:
        """Limit the token to these workspaces (S12, S15)."""
        self.newest_token.workspaces = list(domains)

    def revoke_token(self) -> None:
        """Make the token worthless."""
        self.newest_token.is_revoked = True


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with the token they came with."""

    person: Person
    token: Token
