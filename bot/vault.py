"""Seal and open what must never be stored in clear: tokens, response URLs.

A sealed value is ``<key name>:<Fernet token>``. The name tells which key opens it, so that keys can
be changed one by one; the owner is sealed in with the secret, so that a row moved to somebody else
does not open.
"""

import hashlib
import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from typing_extensions import override

from bot.errors import LinkUnreadable


def key_name(key: str) -> str:
    """Name a key without telling it: the first eight hex digits of its hash."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


class Vault:
    """Seals with the first key, opens with whichever key a value names."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key_name(key): Fernet(key) for key in keys}
        self._first = key_name(keys[0])

    @override
    def __repr__(self) -> str:
        return f"Vault(keys={list(self._keys)})"

    def seal(self, secret: str, owner: str) -> str:
        """Seal a secret for one owner."""
        told = json.dumps({"owner": owner, "secret": secret}).encode()
        return f"{self._first}:{self._keys[self._first].encrypt(told).decode()}"

    def open(self, sealed: str, owner: str) -> str:
        """Open what was sealed for this owner.

        Raises:
            LinkUnreadable: the key is gone, the value was altered, or it belongs to somebody else.
        """
        name, _, token = sealed.partition(":")
        key = self._keys.get(name)
        if key is None:
            raise LinkUnreadable
        try:
            told = json.loads(key.decrypt(token.encode()))
        except (InvalidToken, ValueError):
            raise LinkUnreadable from None
        if told["owner"] != owner:
            raise LinkUnreadable
        return str(told["secret"])
