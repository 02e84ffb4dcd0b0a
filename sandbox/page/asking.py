"""Read what a page asks for, and say no in one shape."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class Wrong(Exception):
    """An answer that is no success: a status, a code for the page, a sentence for people."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


def bad(message: str) -> Wrong:
    """The page asked for something that makes no sense."""
    return Wrong(400, "bad_request", message)


def missing(what: str) -> Wrong:
    """There is no such thing, or it is not for this person: nobody learns which."""
    return Wrong(404, "not_found", f"There is no such {what} here.")


def gone(message: str) -> Wrong:
    """What was on the screen a moment ago is not there any more."""
    return Wrong(409, "gone", message)


def refused(message: str) -> Wrong:
    """It may not be done, or not now."""
    return Wrong(409, "refused", message)


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON object of a POST; each reader refuses what is not of its type."""

    told: Json

    def text(self, name: str, most: int = 255) -> str:
        """Read a text that must be there."""
        value = self.told.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise bad(f"{name} must be a text of at most {most} characters.")
        return value

    def maybe_text(self, name: str) -> str | None:
        """Read a text that may be left out."""
        return None if self.told.get(name) in (None, "") else self.text(name)

    def number(self, name: str, *, least: float = 0, most: float = 1e9) -> float:
        """Read a number."""
        value = self.told.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise bad(f"{name} must be a number.")
        if not least <= value <= most:
            raise bad(f"{name} must be between {least:g} and {most:g}.")
        return value

    def flag(self, name: str) -> bool:
        """Read a yes or no; left out means no."""
        return self.told.get(name) is True

    def inside(self, name: str) -> "Body":
        """Read an object; left out it is empty."""
        value = self.told.get(name)
        if value is not None and not isinstance(value, dict):
            raise bad(f"{name} must be an object.")
        return Body(value or {})

    def has(self, name: str) -> bool:
        """Whether something was said about this."""
        return self.told.get(name) is not None
