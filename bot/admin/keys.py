"""``greenlight keys``: change the keys that seal tokens, and say what was done and what comes next.

Names of keys and numbers are said, never a key and never what is sealed.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from bot.admin.opened import Refused, opened
from bot.admin.table import written
from bot.clock import SystemClock
from bot.services.keyring import Keyring, KeysRefused, KeyStatus, Status
from bot.store.keys import State
from bot.vault import Vault

_COLUMNS = ("key", "in this setting", "known to bots", "does", "accounts", "clicks", "jobs")
_WHAT = ("account", "click", "job")


async def promote(url: str, keys: Sequence[str], name: str) -> str:
    """Let a key seal from now on.

    Raises:
        Refused: it must not, or the database does not answer.
    """
    async with _keyring(url, keys) as keyring:
        if not await keyring.promote(name):
            return f"Key {name} seals already. Next: greenlight keys rotate."
        return (
            f"Key {name} seals from now on; running bots follow within a few seconds.\n"
            "Next: greenlight keys rotate."
        )


async def rotate(url: str, keys: Sequence[str]) -> str:
    """Seal everything with the key that seals now.

    Raises:
        Refused: this machine does not know the key, or the database does not answer.
    """
    async with _keyring(url, keys) as keyring:
        done = await keyring.rotate()
        idle = _idle(await keyring.status())
    lines = [f"Sealed anew with key {done.sealing_key}: {_counted(done.resealed)}."]
    for name, number in sorted(done.unreadable.items()):
        lines.append(_left(name, number, is_here=name in Vault(keys).names))
    if done.busy:
        lines.append(
            f"{done.busy} were being written all the time. Run greenlight keys rotate again."
        )
    elif idle:
        lines.append(
            f"Nothing is sealed with {', '.join(idle)} any more. Next: greenlight keys retire "
            f"{idle[0]}."
        )
    return "\n".join(lines)


async def retire(url: str, keys: Sequence[str], name: str, *, lost: bool) -> str:
    """Take a key out of use.

    Raises:
        Refused: something needs it, or the database does not answer.
    """
    async with _keyring(url, keys) as keyring:
        state = await keyring.retire(name, lost=lost)
    done = "is retired: nothing is sealed with it"
    if state is State.LOST:
        done = "is given up: whoever's account it sealed connects again with /buddy connect"
    return (
        f"Key {name} {done}. Next: take it out of GREENLIGHT_TOKEN_KEYS of every replica, and "
        "restart them one by one."
    )


async def status(url: str, keys: Sequence[str]) -> str:
    """Write a table of all keys, and what comes next.

    Raises:
        Refused: the database does not answer.
    """
    async with _keyring(url, keys) as keyring:
        found = await keyring.status()
    rows = [_COLUMNS, *(_row(each, len(found.processes)) for each in found.keys)]
    return "\n".join([*written(rows), *_advice(found)])


def _row(key: KeyStatus, running: int) -> tuple[str, ...]:
    does = {State.SEALING: "seals", State.RETIRED: "retired", State.LOST: "lost", None: "opens"}
    known = f"{key.known_by} of {running}"
    uses = (str(key.uses[what]) for what in _WHAT)
    return (key.name, "yes" if key.is_here else "no", known, does[key.state], *uses)


def _advice(found: Status) -> list[str]:
    """Name what is wrong, or the next step of a change."""
    lines = [
        _left(key.name, key.uses.total(), is_here=False)
        for key in found.keys
        if key.uses and not key.is_here and key.state is not State.LOST
    ]
    if found.damaged:
        lines.append(_left("", found.damaged, is_here=False))
    sealing = next((key for key in found.keys if key.state is State.SEALING), None)
    if sealing is None:
        lines.append("No key seals yet: the first one of the setting will when the bot starts.")
    elif not sealing.is_here:
        lines.append(
            f"This machine's GREENLIGHT_TOKEN_KEYS lacks key {sealing.name}, which seals: add it "
            "last."
        )
    elif any(key.uses and key.is_here for key in found.keys if key.state is not State.SEALING):
        lines.append("Not everything is sealed with the sealing key. Next: greenlight keys rotate.")
    elif idle := _idle(found):
        lines.append(
            f"Nothing is sealed with {', '.join(idle)}. Next: greenlight keys promote, if it is "
            "new; greenlight keys retire, if it is old."
        )
    return lines


def _idle(found: Status) -> list[str]:
    """Name keys that seal nothing and are not retired."""
    return [key.name for key in found.keys if key.state is None and not key.uses]


def _left(name: str, number: int, *, is_here: bool) -> str:
    values = f"{number} {'value' if number == 1 else 'values'}"
    if not name:
        return f"{values} of no key: damaged, left as they are. Their people connect again."
    if is_here:
        return (
            f"{values} of key {name} did not open: damaged, or of another row; left as they are. "
            f"Their people connect again; greenlight keys retire {name} --lost gives them up."
        )
    return (
        f"{values} of key {name}, which this machine does not know; left as they are. Add the key "
        "last to GREENLIGHT_TOKEN_KEYS and rotate again. If it is gone for good: greenlight keys "
        f"retire {name} --lost; their people connect again."
    )


def _counted(rows: Counter[str]) -> str:
    return ", ".join(f"{rows[what]} {what}{'' if rows[what] == 1 else 's'}" for what in _WHAT)


@contextlib.asynccontextmanager
async def _keyring(url: str, keys: Sequence[str]) -> AsyncIterator[Keyring]:
    async with opened(url) as database:
        try:
            yield Keyring(database, Vault(keys), SystemClock())
        except KeysRefused as refused:
            raise Refused(str(refused)) from None
