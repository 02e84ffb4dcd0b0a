"""Seal and open what must never be stored in clear: tokens, response URLs.

A sealed value is ``<key name>:<Fernet token>``. The name tells which key opens it, so that keys can
be changed one by one; the owner is sealed in with the secret, so that a row moved to somebody else
does not open.
"""

import hashlib
import json
import re
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from typing_extensions import override

from bot.errors import LinkUnreadable

_NAME = re.compile(r"[0-9a-f]{8}")


def key_name(key: str) -> str:
    """Name a key without telling it: the first eight hex digits of its hash."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def is_key_name(text: str) -> bool:
    """Tell whether a text has the form of a key's name; anything else may be part of a secret."""
    return _NAME.fullmatch(text) is not None


def key_of(sealed: str) -> str:
    """Tell the name of the key that a value is sealed with; empty if it names none."""
    name, colon, _ = sealed.partition(":")
    return name if colon and is_key_name(name) else ""


class UnknownKey(Exception):
    """The vault has no key of this name."""


class Vault:
    """Seals with one key, opens with whichever key a value names."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key_name(key): Fernet(key) for key in keys}
        self._sealing = key_name(keys[0])

    @override
    def __repr__(self) -> str:
        return f"Vault(keys={list(self._keys)})"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all keys, in the order of the setting."""
        return tuple(self._keys)

    @property
    def sealing_key(self) -> str:
        """The name of the key that seals; the first one until somebody chooses another.

        Raises:
            UnknownKey: the chosen key is none of the vault's; it goes on with the one before.
        """
        return self._sealing

    @sealing_key.setter
    def sealing_key(self, name: str) -> None:
        if name not in self._keys:
            raise UnknownKey(name)
        self._sealing = name

    def seal(self, secret: str, owner: str) -> str:
        """Seal a secret for one owner."""
        told = json.dumps({"owner": owner, "secret": secret}).encode()
        return f"{self._sealing}:{self._keys[self._sealing].encrypt(told).decode()}"

    def reseal(self, sealed: str, owner: str) -> str:
        """Seal with the sealing key what another one sealed for this owner.

        Raises:
            LinkUnreadable: it does not open.
        """
        return self.seal(self.open(sealed, owner), owner)

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
