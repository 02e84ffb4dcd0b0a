"""Read what Buddy tells of the webhooks of a workspace. Pure."""

from bot.buddy.fields import read_number, read_objects, read_text
from bot.buddy.readers import Unreadable


def number(raw: object) -> int:
    """Read the number of a webhook that was made."""
    found = read_number(raw.get("id")) if isinstance(raw, dict) else None
    if found is None:
        raise Unreadable
    return found


def numbers(raw: object) -> dict[str, int]:
    """Read the numbers of a workspace's webhooks, by the address that each calls."""
    if not isinstance(raw, dict) or "webhooks" not in raw:
        raise Unreadable
    return {
        read_text(found.get("target_url")): known
        for found in read_objects(raw["webhooks"])
        if (known := read_number(found.get("id"))) is not None
    }
