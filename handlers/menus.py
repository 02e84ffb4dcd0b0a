"""Menus that are filled while somebody types: the acknowledgement is the answer."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck

from bot.cards import run_form, subscribing
from bot.cards.run_memo import Memo
from bot.services import Services
from handlers.payloads import Body, Suggestion
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Menus:
    """Answers what Slack asks for while somebody types."""

    services: Services

    def register(self, routes: Routes) -> None:
        """Name each menu's method."""
        routes.options[run_form.PIPELINE_MENU] = self.pipelines
        routes.options[run_form.REF_MENU] = self.refs
        routes.options[subscribing.TOPIC_MENU] = self.topics

    async def topics(self, ack: AsyncAck, body: Body) -> None:
        """Offer the projects and pipelines that the person may see."""
        asked = Suggestion.parse(body)
        await ack(options=await self.services.run_menus.topics(asked.act.person, asked.typed))

    async def pipelines(self, ack: AsyncAck, body: Body) -> None:
        """Offer the pipelines that the person may see."""
        asked = Suggestion.parse(body)
        await ack(options=await self.services.run_menus.pipelines(asked.act.person, asked.typed))

    async def refs(self, ack: AsyncAck, body: Body) -> None:
        """Offer the branches of the pipeline that is chosen."""
        asked = Suggestion.parse(body)
        at = Memo.decode(asked.act.private_metadata).at
        await ack(options=await self.services.run_menus.refs(asked.act.person, at, asked.typed))
