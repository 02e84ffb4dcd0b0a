"""Read who belongs to a workspace, or to one of its groups. Pure."""

from bot.buddy.fields import read_number, read_objects, read_text
from bot.buddy.readers import Unreadable
from bot.domain.catalog import Colleague


def members(raw: object) -> tuple[Colleague, ...]:
    """Read a page of members; addresses are there for tokens with MEMBER_EMAIL only."""
    if not isinstance(raw, dict) or "members" not in raw:
        raise Unreadable
    return tuple(
        Colleague(number, read_text(found.get("name")), read_text(found.get("email")))
        for found in read_objects(raw["members"])
        if (number := read_number(found.get("id"))) is not None
    )


def member(raw: object) -> Colleague:
    """Read one member of a workspace."""
    number = read_number(raw.get("id")) if isinstance(raw, dict) else None
    if number is None or not isinstance(raw, dict):
        raise Unreadable
    return Colleague(number, read_text(raw.get("name")), read_text(raw.get("email")))
