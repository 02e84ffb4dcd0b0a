"""Put cards into channels, with what each Slack team can show.

A team that refused the plan block once is remembered and gets the plain list from then on. Blocks
that are refused even so fall back to text: a card that says less is better than none.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from bot.cards.card import Block, Card
from bot.database import Database
from bot.errors import BlocksRefused
from bot.slack.messenger import Messenger
from bot.store import cards

log = structlog.get_logger()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts and repaints cards."""

    database: Database
    messenger: Messenger
    _lacks_plan: dict[str, bool] = field(default_factory=dict)
    """What was read of each team. If another process learns more, Slack's refusal tells us too."""

    async def post(self, team: str, channel: str, card: Card, *, mark: str = "") -> str:
        """Post a card; its ``ts``. By its ``mark`` it is found again."""
        return await self._shown(
            team, card, lambda blocks: self.messenger.post(channel, card.text, blocks, mark=mark)
        )

    async def repaint(self, team: str, channel: str, ts: str, card: Card) -> None:
        """Change a card in place."""
        await self._shown(
            team, card, lambda blocks: self.messenger.update(channel, ts, card.text, blocks)
        )

    async def _shown(
        self, team: str, card: Card, show: Callable[[tuple[Block, ...]], Awaitable[T]]
    ) -> T:
        plain = await self._is_plain(team)
        try:
            return await show(card.blocks_for(plain=plain))
        except BlocksRefused:
            if plain or card.plain_blocks is None:
                return await self._as_text(show)
        try:
            shown = await show(card.blocks_for(plain=True))
        except BlocksRefused:
            return await self._as_text(show)
        async with self.database.transaction() as transaction:
            await cards.note_lack_of_plan(transaction, team)
        self._lacks_plan[team] = True
        log.info("slack.lacks_plan", team=team)
        return shown

    async def _is_plain(self, team: str) -> bool:
        if team not in self._lacks_plan:
            async with self.database.snapshot() as transaction:
                self._lacks_plan[team] = await cards.lacks_plan(transaction, team)
        return self._lacks_plan[team]

    @staticmethod
    async def _as_text(show: Callable[[tuple[Block, ...]], Awaitable[T]]) -> T:
        log.error("card.blocks_refused", chapter="Cards that Slack refuses")
        return await show(())
