"""What must not be stored in clear is sealed for one owner, with keys that can be changed."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LinkUnreadable
from bot.vault import Vault, key_name

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
TOKEN = "01234567-89ab-cdef-0123-456789abcdef"
MAYA = "T1/MAYA"


@given(st.text(), st.text())
def test_what_was_sealed_opens_for_its_owner(secret: str, owner: str) -> None:
    """Whatever it says."""
    vault = Vault([NEW])

    assert vault.open(vault.seal(secret, owner), owner) == secret


def test_a_sealed_value_tells_nothing() -> None:
    """Neither what it holds nor for whom, nor that two are the same."""
    vault = Vault([NEW])

    first, second = vault.seal(TOKEN, MAYA), vault.seal(TOKEN, MAYA)

    assert first != second
    assert TOKEN not in first
    assert MAYA not in first
    assert first.startswith(f"{key_name(NEW)}:")


def test_a_row_moved_to_somebody_else_does_not_open() -> None:
    """Whoever can write the database cannot act as another person."""
    vault = Vault([NEW])

    with pytest.raises(LinkUnreadable):
        vault.open(vault.seal(TOKEN, MAYA), "T1/TOM")


def test_keys_are_changed_one_by_one() -> None:
    """The new key seals, both open; what the new one sealed needs the old one no more."""
    before, during, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])

    assert during.open(before.seal(TOKEN, MAYA), MAYA) == TOKEN
    assert after.open(during.seal(TOKEN, MAYA), MAYA) == TOKEN
    with pytest.raises(LinkUnreadable):
        after.open(before.seal(TOKEN, MAYA), MAYA)


def altered() -> list[str]:
    """Damage a sealed value in several ways."""
    sealed = Vault([NEW]).seal(TOKEN, MAYA)
    name, _, token = sealed.partition(":")
    return [
        "",
        ":",
        name,
        f"{name}:",
        token,
        f"{name}:{token[:-4]}",
        f"{name}:ä",
        f"{name}:{'A' if token[20] != 'A' else 'B'}{token[1:]}",
        f"{key_name(OLD)}:{token}",
    ]


@pytest.mark.parametrize("sealed", altered(), ids=range(len(altered())))
def test_an_altered_value_does_not_open(sealed: str) -> None:
    """Not even to nonsense."""
    with pytest.raises(LinkUnreadable):
        Vault([NEW, OLD]).open(sealed, MAYA)


def test_nothing_shows_a_key() -> None:
    """A vault ends up in tracebacks by accident."""
    shown = repr(Vault([NEW, OLD]))

    assert NEW not in shown
    assert OLD not in shown
    assert key_name(NEW) in shown
