"""What a typed line means: a command, a button's number, or the answer to a dialog."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sandbox.buddy import Refused
from sandbox.clock import RATES
from sandbox.shop import Player, Shop
from sandbox.slack import Person, View
from sandbox.terminal import completion
from sandbox.terminal.answers import Answers
from sandbox.terminal.backstage import Backstage
from sandbox.terminal.buttons import Buttons
from sandbox.terminal.commands import Misunderstood, guess, show_help
from sandbox.terminal.dialogs import Dialog
from sandbox.terminal.filling import Filling
from sandbox.terminal.logtail import LogTail
from sandbox.terminal.news import News
from sandbox.terminal.pace import parse_duration
from sandbox.terminal.pressing import ONCE, TWICE, Pressing, is_number
from sandbox.terminal.screen import Screen
from sandbox.terminal.shortcuts import Shortcuts

PATIENCE = timedelta(seconds=2)
"""How long a command waits, in real time, for what follows from it."""

Command = Callable[[str], Awaitable[None] | None]


@dataclass(slots=True)
class Session:
    """One person at a time before the channel; every line does something or says why not."""

    shop: Shop
    screen: Screen
    log: LogTail
    player: Player = field(init=False)
    dialog: Dialog | None = None
    """What must be answered before anything else."""

    is_over: bool = False
    _news: News = field(init=False)
    _pressing: Pressing = field(init=False)
    _backstage: Backstage = field(init=False)
    _shortcuts: Shortcuts = field(init=False)
    _commands: dict[str, Command] = field(init=False)

    def __post_init__(self) -> None:
        """Begin as the developer."""
        self.player = self.shop.players["ben"]
        buttons = Buttons()
        self._news = News(self.shop.channel, self.screen, buttons)
        self._pressing = Pressing(buttons, self.screen)
        self._backstage = Backstage(self.shop, self.screen)
        self._shortcuts = Shortcuts(self.shop.channel, self.screen)
        self._commands = self._all_commands()

    @property
    def prompt(self) -> str:
        """Say what time it is and who types, or what is asked."""
        if self.dialog is not None:
            return self.dialog.prompt
        return f"{self.shop.stage.clock.now():%H:%M:%S} {self.player.person.name} ▸ "

    def completions(self, text: str) -> list[str]:
        """List the lines that begin like this."""
        if self.dialog is not None:
            return completion.beginning_with(text, iter(self.dialog.words))
        return completion.beginning_with(text, completion.commands(self.shop))

    async def takes(self, line: str) -> None:
        """Do what a line says, wait a little for what follows, and print what changed."""
        try:
            await self._understand(line)
        except Misunderstood as misunderstood:
            self.screen.says(str(misunderstood))
        except Refused as refused:
            self.screen.says(f"Buddy refuses: {refused.message}.")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await self.shop.stage.settled()
        self.look_around()

    def look_around(self) -> None:
        """Print what changed, and open the form that stands before the person."""
        person = self.player.person
        self._news.tell(person)
        for warning in person.warnings:
            self.screen.says(f"Slack shows a warning beside the button: {warning}")
        person.warnings.clear()
        before = self.dialog
        if before is not None and not before.is_open:
            self.dialog = None
        if self.dialog is None and person.modal is not None:
            is_same = isinstance(before, Filling) and before.view is person.modal
            answered = before.answered if isinstance(before, Filling) and is_same else set()
            self.dialog = self._filling(person, person.modal, answered)

    def _filling(self, person: Person, view: View, answered: set[str]) -> Filling:
        own, stage = self.player.colleague, self.shop.stage
        shortcuts = {"token": own.token} if own else {}
        places = [one for one in stage.slack.channels if not one.is_direct]
        answers = Answers(stage.clock.now, places)
        return Filling(person, view, self.screen, shortcuts, answers, answered)

    async def _understand(self, line: str) -> None:
        dialog = self.dialog
        if dialog is not None:
            # A form that only tells something gives way to the next command.
            gives_way = isinstance(dialog, Filling) and not dialog.asks
            await dialog.takes(line)
            if not gives_way:
                return
            self.dialog = None
        if line:
            await self._obey(line)

    async def _obey(self, line: str) -> None:
        if line.startswith("/"):
            await self.player.person.says(line, in_=self.shop.channel)
            return
        word, _, rest = ("click", "", line) if is_number(line) else line.partition(" ")
        command = self._commands.get(word.casefold())
        if command is None:
            raise guess(line, [*self.shop.players])
        done = command(rest.strip())
        if done is not None:
            await done

    def _all_commands(self) -> dict[str, Command]:
        stage = self._backstage
        return {
            "click": lambda text: self._press(text, ONCE),
            "double": lambda text: self._press(text, TWICE),
            "more": lambda text: self._shortcuts.of_message(self.player.person, text),
            "shortcut": lambda text: self._shortcuts.anywhere(self.player.person, text),
            "as": self._become,
            "look": lambda _: self._news.show_all(self.player.person),
            "thread": self._thread,
            "push": lambda text: stage.push(text, self.player),
            "fail": stage.fail,
            "buddy": lambda text: stage.buddy(text, self.player),
            "slack": stage.slack,
            "log": self._show_log,
            "wait": self._wait,
            **{word: self._rate(word) for word in RATES},
            "help": self._help,
            "?": self._help,
            "quit": self._quit,
            "exit": self._quit,
        }

    async def _press(self, text: str, times: int) -> None:
        self.dialog = await self._pressing.press(self.player.person, text, times)

    def _become(self, name: str) -> None:
        found = self.shop.players.get(name.casefold())
        if found is None:
            raise Misunderstood(f"You can be {self._names}. Type for example: as maya")
        self.player = found
        account = f", {found.colleague.name} in Buddy" if found.colleague else ""
        self.screen.says(f"You are {found.person.name} now{account}: {found.about}.")

    def _thread(self, text: str) -> None:
        if text and not is_number(text):
            raise Misunderstood("Type a message's number: thread 1")
        number = int(text.strip("[]")) if text else len(self.shop.channel.messages)
        self._news.show_thread(number)

    def _show_log(self, _: str) -> None:
        self.screen.says(self.log.last() or "The bot wrote nothing yet.")

    async def _wait(self, text: str) -> None:
        await self.shop.stage.passes(parse_duration(text).total_seconds())

    def _rate(self, word: str) -> Command:
        rate = RATES[word]

        def change(_: str) -> None:
            self.shop.stage.clock.run(rate)
            times = "as fast as" if rate == 1 else f"{rate:.0f} times as fast as"
            self.screen.says(f"Time runs {times} on a wall.")

        return change

    def _help(self, _: str) -> None:
        show_help(self.screen, self._names, ", ".join(self.shop.pipelines))

    def _quit(self, _: str) -> None:
        self.is_over = True

    @property
    def _names(self) -> str:
        return ", ".join(self.shop.players)
