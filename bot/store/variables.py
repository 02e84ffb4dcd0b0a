"""Names of variables as columns hold them; never their values."""

import json
from collections.abc import Sequence


def write_names(names: Sequence[str]) -> str:
    """Write names as JSON; nothing for none."""
    return json.dumps(list(names)) if names else ""


def read_names(text: str) -> tuple[str, ...]:
    """Read what ``write_names`` wrote."""
    return tuple(json.loads(text)) if text else ()
