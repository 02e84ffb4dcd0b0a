"""What must not be stored in clear is sealed for one owner, with keys that can be changed."""

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import LinkUnreadable
from bot.vault import UnknownKey, Vault, is_key_name, key_name, key_of

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
    """The new key comes last, seals once it is chosen, and then needs the old one no more."""
    before, during, after = Vault([OLD]), Vault([OLD, NEW]), Vault([NEW])
    old = during.seal(TOKEN, MAYA)

    during.sealing_key = key_name(NEW)
    new = during.reseal(old, MAYA)

    assert (key_of(old), key_of(new)) == (key_name(OLD), key_name(NEW))
    assert before.open(old, MAYA) == during.open(old, MAYA) == TOKEN
    assert during.open(new, MAYA) == after.open(new, MAYA) == TOKEN
    with pytest.raises(LinkUnreadable):
        after.open(old, MAYA)


def test_a_key_that_is_not_there_cannot_seal() -> None:
    """The vault goes on with the one before."""
    vault = Vault([OLD])

    with pytest.raises(UnknownKey, match=key_name(NEW)):
        vault.sealing_key = key_name(NEW)

    assert vault.sealing_key == key_name(OLD)
    assert vault.names == (key_name(OLD),)


def test_what_does_not_open_is_not_sealed_again() -> None:
    """A row that was moved to somebody else does not become theirs by a change of keys."""
    vault = Vault([OLD, NEW])
    sealed = vault.seal(TOKEN, MAYA)
    vault.sealing_key = key_name(NEW)

    with pytest.raises(LinkUnreadable):
        vault.reseal(sealed, "T1/TOM")


@pytest.mark.parametrize(
    ("sealed", "name"),
    [
        ("1a2b3c4d:gAAAA", "1a2b3c4d"),
        ("1a2b3c4d:", "1a2b3c4d"),
        ("1a2b3c4d", ""),
        ("gAAAAABn:secret", ""),
        ("1a2b3c4:d", ""),
        (TOKEN, ""),
        ("", ""),
    ],
)
def test_a_value_names_its_key_or_none(sealed: str, name: str) -> None:
    """What is no name may be part of a secret, and is never taken for one."""
    assert key_of(sealed) == name
    assert is_key_name(name) is bool(name)


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
