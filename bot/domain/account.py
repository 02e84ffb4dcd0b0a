"""A person's Buddy account, as their own token tells it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BuddyUser:
    """The person a token belongs to."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What Buddy tells about the token in use. Source: ``GET /user/token``."""

    name: str
    expires_at: datetime | None
    scopes: tuple[str, ...]
    workspaces: tuple[str, ...]
    """Domains the token is limited to; empty means every workspace of the person."""
