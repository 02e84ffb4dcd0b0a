"""Seal everything with the key that seals now, a few rows at a time, while bots go on working.

A batch is read, sealed anew outside any transaction, and put back where the old values still stand.
What somebody else changed meanwhile is looked at once more. What does not open stays as it is.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.database import Database
from bot.database.sealed import SealedColumn
from bot.domain.sealed import Sealed
from bot.errors import LinkUnreadable
from bot.jobs import secrets
from bot.store import keys
from bot.vault import Vault, key_of

COLUMNS: Sequence[SealedColumn] = (*keys.COLUMNS, secrets.COLUMN)
"""Wherever something sealed is stored."""

BATCH = 100
"""Rows of one transaction: it holds their locks, on SQLite everybody's, for a few milliseconds."""

PAUSE = timedelta(milliseconds=100)
"""How long others come first between two batches; SQLite's longest wait between two tries."""

ROUNDS = 5
"""How often what is always being written is tried."""


class KeysRefused(Exception):
    """What was asked of the keys must not be done; says why and what to do."""


@dataclass(slots=True)
class Rotated:
    """What a rotation did."""

    sealing_key: str
    resealed: Counter[str] = field(default_factory=Counter)
    """Rows by what they are."""

    unreadable: Counter[str] = field(default_factory=Counter)
    """Values that do not open, by the key they name; empty where they name none."""

    busy: int = 0
    """Values that somebody else was writing each time."""


@dataclass(frozen=True, slots=True)
class Resealing:
    """Seals the values of all columns anew with the vault's sealing key."""

    database: Database
    vault: Vault
    clock: Clock

    async def run(self, batch: int) -> Rotated:
        """Go through all values until none is left that can be sealed anew.

        Raises:
            KeysRefused: another key was promoted meanwhile.
        """
        done = Rotated(self.vault.sealing_key)
        for column in COLUMNS:
            left, unreadable = await self._round(column, batch, done)
            for _ in range(ROUNDS - 1):
                if left:
                    left, unreadable = await self._round(column, batch, done)
            done.busy += left
            done.unreadable += unreadable
        return done

    async def opens(self, name: str) -> bool:
        """Tell whether anything that a key sealed still opens: then it is not lost."""
        for column in COLUMNS:
            async for page in self._pages(column, BATCH, but=""):
                if self._sealed_anew([old for old in page if key_of(old.value) == name]):
                    return True
        return False

    async def _round(
        self, column: SealedColumn, batch: int, done: Rotated
    ) -> tuple[int, Counter[str]]:
        """Go through a column once; tell how much was being written, and what does not open."""
        left = 0
        unreadable: Counter[str] = Counter()
        async for page in self._pages(column, batch, but=self.vault.sealing_key):
            fresh = self._sealed_anew(page)
            unreadable.update(key_of(old.value) for old in page if old not in fresh)
            if not fresh:
                continue
            replaced = await self._store(column, fresh)
            done.resealed[column.what] += replaced
            left += len(fresh) - replaced
            await self.clock.sleep(PAUSE)
        return left, unreadable

    async def _pages(
        self, column: SealedColumn, size: int, *, but: str
    ) -> AsyncIterator[list[Sealed]]:
        after = 0
        while True:
            async with self.database.snapshot() as transaction:
                page = await column.not_sealed_with(transaction, but, after, size)
            if not page:
                return
            yield page
            after = page[-1].id

    def _sealed_anew(self, page: list[Sealed]) -> dict[Sealed, str]:
        fresh = {}
        for old in page:
            try:
                fresh[old] = self.vault.reseal(old.value, old.owner)
            except LinkUnreadable:
                continue
        return fresh

    async def _store(self, column: SealedColumn, fresh: dict[Sealed, str]) -> int:
        async with self.database.transaction() as transaction:
            # Held, so that a key that seals here is not replaced and retired at this moment.
            if await keys.sealing(transaction, held=True) != self.vault.sealing_key:
                raise KeysRefused(
                    "Another key was promoted meanwhile. What was re-sealed stays as it is; run "
                    "greenlight keys rotate again."
                )
            return await column.replace(transaction, fresh)
