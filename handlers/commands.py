"""The slash command: understand it, take or acknowledge it, hand it to its service."""

import functools
import json
from dataclasses import dataclass
from typing import assert_never

from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse

from bot.cards.confirm import taken_card
from bot.cards.help import help_card
from bot.cards.running import run_taken_card
from bot.domain.click import Click, Way
from bot.domain.command import (
    Alias,
    Connect,
    Disconnect,
    Executions,
    Help,
    Inbox,
    Logs,
    Operate,
    Pipelines,
    Projects,
    Run,
    Show,
    ShowSettings,
    ShowStatus,
    Subscribe,
    Subscriptions,
    Unsubscribe,
    Whoami,
    Why,
)
from bot.domain.grammar import parse
from bot.domain.run import RunClick
from bot.domain.values import typed as entries_of
from bot.services import Services
from bot.services.browsing import Question
from bot.services.naming import NameQuestion
from handlers import subscriptions
from handlers.payloads import Body, SlashCommand
from handlers.routes import Routes


@dataclass(frozen=True, slots=True)
class Commands:
    """Answers the slash command."""

    name: str
    services: Services

    def register(self, routes: Routes) -> None:
        """Name the command's method."""
        routes.commands[self.name] = self.run

    async def run(self, ack: AsyncAck, body: Body) -> None:
        """Understand what was typed and do it."""
        typed = SlashCommand.parse(body)
        command = parse(typed.text)
        match command:
            case Help(topic):
                ack.response = BoltResponse(status=200, body=_help(self.name, topic))
            case Connect() | Disconnect() | Whoami() | Alias():
                await ack()
                await self.about_oneself(typed, command)
            case Operate() if not command.execution.is_latest:
                await self.operate(ack, typed, command)
            case Run():
                await self.start(ack, typed, command)
            case (
                Projects()
                | Pipelines()
                | Executions()
                | Show()
                | ShowStatus()
                | Logs()
                | Why()
                | Inbox()
                | Operate()
            ):
                await ack()
                asked = Question(typed.person, typed.place, command, typed.answer_url)
                await self.services.browsing.answer(asked)
            case Subscribe() | Unsubscribe() | Subscriptions() | ShowSettings():
                asked_for = subscriptions.Typed(
                    typed.key,
                    typed.person,
                    typed.place,
                    typed.trigger_id,
                    command,
                    typed.answer_url,
                )
                await subscriptions.answer(self.services, ack, asked_for)
            case _:
                assert_never(command)

    async def about_oneself(
        self, typed: SlashCommand, command: Connect | Disconnect | Whoami | Alias
    ) -> None:
        """Link, forget or show an account; name a pipeline."""
        accounts = self.services.accounts
        match command:
            case Connect():
                await accounts.ask_token(typed.person, typed.trigger_id)
            case Disconnect():
                await accounts.disconnect(typed.person, typed.place, typed.answer_url)
            case Whoami():
                await accounts.whoami(typed.person, typed.place, typed.answer_url)
            case Alias():
                asked = NameQuestion(typed.person, typed.place, command, typed.answer_url)
                await self.services.naming.answer(asked)

    async def operate(self, ack: AsyncAck, typed: SlashCommand, command: Operate) -> None:
        """Take the operation; a job carries it out, repaints the cards and replies."""
        self.services.asking.drafts.expect(typed.key, typed.trigger_id)
        await self.services.operations.accept(
            Click(
                key=typed.key,
                person=typed.person,
                way=Way.COMMAND,
                place=typed.place,
                operation=command.meant,
                named=command.execution,
                reason=command.reason,
                entries=entries_of(command.variables) if command.variables else None,
                answer_url=typed.answer_url,
            )
        )
        await ack(text=taken_card(command.operation, str(command.execution)).text)

    async def start(self, ack: AsyncAck, typed: SlashCommand, command: Run) -> None:
        """Take the run, or open the form where no pipeline is named; a job starts it, or asks."""
        runs = self.services.runs
        if command.pipeline is None:
            await ack()
            await runs.begin(typed.person, typed.trigger_id, typed.place, command)
            return
        await runs.accept(
            RunClick(
                key=typed.key,
                person=typed.person,
                way=Way.COMMAND,
                place=typed.place,
                wanted=command,
                answer_url=typed.answer_url,
                trigger_id=typed.trigger_id,
            )
        )
        await ack(text=run_taken_card(str(command.pipeline)).text)


@functools.cache
def _help(name: str, topic: str) -> str:
    """Write help down once: nothing in it changes, and encoding it takes longer than the rest."""
    card = help_card(name, topic)
    return json.dumps({"text": card.text, "blocks": card.blocks})
