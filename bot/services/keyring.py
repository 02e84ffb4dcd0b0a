"""Change the keys that seal tokens, while bots run and without anybody connecting again.

    add last ─▶ promote ─▶ rotate ─▶ retire ─▶ take out of the setting

The setting says which keys a process can open values with. Which one of them seals is said by the
database, to all processes at once: a key is promoted only when each of them knows it, and each
follows with its next heartbeat.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.database import Database, Transaction
from bot.jobs import secrets
from bot.jobs.secrets import Process
from bot.services.resealing import BATCH, COLUMNS, KeysRefused, Resealing, Rotated
from bot.store import keys
from bot.store.keys import State
from bot.vault import UnknownKey, Vault, key_of

__all__ = ["BATCH", "KeyStatus", "Keyring", "KeysRefused", "Process", "Rotated", "Status"]

SILENT_AFTER = timedelta(minutes=1)
"""How long a process may be silent and still be asked for: a paused one may come back."""

SETTING = "GREENLIGHT_TOKEN_KEYS"

Uses = dict[str, Counter[str]]
"""How many rows need a key, by its name and by what they are; damaged values name none."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """What is known of a key; never the key."""

    name: str
    is_here: bool
    """Whether this process's setting holds it."""

    known_by: int
    """How many running processes hold it."""

    state: State | None
    """None: it opens what it sealed, and may be promoted."""

    uses: Counter[str]


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of all keys."""

    keys: tuple[KeyStatus, ...]
    processes: tuple[Process, ...]
    damaged: int
    """Values that name no key."""


@dataclass(slots=True)
class Keyring:
    """Knows which key seals; looks after a change of keys."""

    database: Database
    vault: Vault
    clock: Clock
    _unknown: str = field(default="", init=False)

    async def begin(self) -> None:
        """Seal with the key that seals now; the first one of the setting, if none does yet.

        Raises:
            KeysRefused: the setting lacks the sealing key, or one that stored values need.
        """
        async with self.database.transaction() as transaction:
            sealing = await self._sealing(transaction)
            states = await keys.states(transaction)
            self._check(sealing, states, await _uses(transaction))
        self.vault.sealing_key = sealing

    async def refresh(self, transaction: Transaction) -> None:
        """Follow a promotion; part of each heartbeat."""
        sealing = await keys.sealing(transaction)
        if sealing is None or sealing in {self.vault.sealing_key, self._unknown}:
            return
        try:
            self.vault.sealing_key = sealing
        except UnknownKey:
            # It was promoted while this process counted as dead. What it has still opens.
            log.error("keys.unknown", key=sealing, chapter="Unknown sealing key")  # noqa: TRY400 - no traceback: the name says it all
            self._unknown = sealing
        else:
            log.info("keys.promoted", key=sealing)

    async def promote(self, name: str) -> bool:
        """Let a key seal from now on; False if it did already.

        Raises:
            KeysRefused: a running process does not know it, or it was taken out of use.
        """
        async with self.database.transaction() as transaction:
            sealing = await self._sealing(transaction)
            if name == sealing:
                return False
            self._refuse_unless_usable(name, await keys.states(transaction))
            unaware = [each for each in await self._running(transaction) if name not in each.keys]
            if unaware:
                raise KeysRefused(
                    f"Key {name} is not known yet to {_listed(unaware)}. Add it last to {SETTING} "
                    "of every replica, restart them one by one, then promote it."
                )
            await keys.promote(transaction, sealing, name)
        self.vault.sealing_key = name
        return True

    async def rotate(self, batch: int = BATCH) -> Rotated:
        """Seal everything with the sealing key; bots may run, and an interrupted run is repeated.

        Raises:
            KeysRefused: this process does not know the sealing key, or another was promoted.
        """
        async with self.database.transaction() as transaction:
            sealing = await self._sealing(transaction)
        if sealing not in self.vault.names:
            raise KeysRefused(
                f"{SETTING} of this machine lacks key {sealing}, which seals now. "
                "Add it last, then rotate."
            )
        self.vault.sealing_key = sealing
        return await Resealing(self.database, self.vault, self.clock).run(batch)

    async def retire(self, name: str, *, lost: bool = False) -> State:
        """Take a key out of use that nothing needs any more; tell what it is now.

        ``lost`` gives up what is sealed with it and cannot be opened by anybody.

        Raises:
            KeysRefused: something needs it, or it seals.
        """
        resealing = Resealing(self.database, self.vault, self.clock)
        opens_here = lost and await resealing.opens(name)
        async with self.database.transaction() as transaction:
            sealing = await self._sealing(transaction)
            states, uses = await keys.states(transaction), await _uses(transaction)
            running = await self._running(transaction)
            if name == sealing:
                raise KeysRefused(f"Key {name} seals now. Promote another one first.")
            if name not in {*self.vault.names, *states, *uses}.union(*(p.keys for p in running)):
                raise KeysRefused(f"Nobody knows a key {name}; greenlight keys status lists all.")
            _refuse_while_sealing(name, sealing, running)
            if lost:
                self._refuse_unless_lost(name, running, opens_here=opens_here)
            elif needed := uses.get(name):
                raise KeysRefused(
                    f"{_counted(needed)} {_is(needed)} sealed with key {name}. Run greenlight keys "
                    "rotate first, where the setting has the key."
                )
            state = State.LOST if uses.get(name) else State.RETIRED
            await keys.retire(transaction, name, state)
        return state

    async def status(self) -> Status:
        """Tell what is known of all keys."""
        async with self.database.snapshot() as transaction:
            states, uses = await keys.states(transaction), await _uses(transaction)
            running = await self._running(transaction)
        damaged = uses.pop("", Counter())
        known = dict.fromkeys(self.vault.names)
        known |= dict.fromkeys(sorted({*states, *uses}.union(*(p.keys for p in running))))
        return Status(
            tuple(
                KeyStatus(
                    name,
                    name in self.vault.names,
                    sum(name in each.keys for each in running),
                    states.get(name),
                    uses.get(name, Counter()),
                )
                for name in known
            ),
            running,
            damaged.total(),
        )

    async def _sealing(self, transaction: Transaction) -> str:
        """Name the sealing key, and keep it the same for as long as the transaction lasts."""
        sealing = await keys.sealing(transaction, held=True)
        if sealing is None:
            await keys.claim(transaction, self.vault.names[0])
            sealing = await keys.sealing(transaction, held=True)
        if sealing is None:
            raise KeysRefused(
                f"{SETTING}: key {self.vault.names[0]} was taken out of use, and none seals. "
                "Make a new one with greenlight keys new and put it first."
            )
        return sealing

    def _check(self, sealing: str, states: dict[str, State], uses: Uses) -> None:
        """Refuse to start without a key that is needed; all of them are named at once."""
        problems = []
        if sealing not in self.vault.names:
            problems.append(
                f"{SETTING} lacks key {sealing}, which seals now. Put it back, last in the list. "
                "If it is gone for good, promote another one with greenlight keys promote."
            )
        given_up = {name for name, state in states.items() if state is State.LOST}
        for name in sorted(uses.keys() - {"", sealing, *self.vault.names, *given_up}):
            needed = uses[name]
            problems.append(
                f"{SETTING} lacks key {name}; {_counted(needed)} {_is(needed)} sealed with it. Put "
                "it back, last in the list, and run greenlight keys rotate. If it is gone for "
                f"good, run greenlight keys retire {name} --lost: its people connect again."
            )
        if problems:
            raise KeysRefused("\n".join(problems))

    def _refuse_unless_usable(self, name: str, states: dict[str, State]) -> None:
        if name not in self.vault.names:
            raise KeysRefused(
                f"{SETTING} of this machine has no key {name}; greenlight keys status lists its "
                "keys, greenlight keys new makes one."
            )
        if name in states:
            raise KeysRefused(
                f"Key {name} was taken out of use, and a key that did its time does not come back. "
                "Make a new one with greenlight keys new."
            )

    def _refuse_unless_lost(
        self, name: str, running: Sequence[Process], *, opens_here: bool
    ) -> None:
        if opens_here:
            raise KeysRefused(f"Key {name} still opens what it sealed: run greenlight keys rotate.")
        holders = [each for each in running if name in each.keys]
        if holders and name not in self.vault.names:
            raise KeysRefused(
                f"Key {name} is not lost: {_listed(holders)} can open values with it. Add it to "
                f"{SETTING} of this machine too, and run greenlight keys rotate."
            )

    async def _running(self, transaction: Transaction) -> tuple[Process, ...]:
        now = await self.database.time(transaction, self.clock)
        return await secrets.running(transaction, now - SILENT_AFTER.total_seconds())


async def _uses(transaction: Transaction) -> Uses:
    found: Uses = {}
    for column in COLUMNS:
        for begins, values in (await column.uses(transaction)).items():
            found.setdefault(key_of(begins), Counter())[column.what] += values
    return found


def _refuse_while_sealing(name: str, sealing: str, running: Sequence[Process]) -> None:
    if not (behind := [each for each in running if each.sealing_key == name]):
        return
    step = "They follow the promotion within a few seconds: try again then."
    if stuck := [each for each in behind if sealing not in each.keys]:
        step = (
            f"Add key {sealing}, which seals now, last to {SETTING} of {_listed(stuck)}, and "
            "restart them."
        )
    raise KeysRefused(f"Key {name} still seals for {_listed(behind)}. {step}")


def _listed(processes: Sequence[Process]) -> str:
    return ", ".join(f"{each.name} ({each.id})" for each in processes)


def _counted(rows: Counter[str]) -> str:
    """Write «12 accounts and 1 job»."""
    told = [f"{number} {what}{'' if number == 1 else 's'}" for what, number in rows.items()]
    return " and ".join(filter(None, [", ".join(told[:-1]), told[-1]]))


def _is(rows: Counter[str]) -> str:
    return "is" if rows.total() == 1 else "are"
