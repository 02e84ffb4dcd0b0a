"""Which handler answers which request: one dictionary per kind, one Bolt listener per kind.

Bolt looks through its listeners one by one and prepares some thirty arguments for each it looks at.
So each kind has a single listener whose pattern is built from the dictionary's keys and anchored at
both ends: a name that nobody answers is refused at once instead of waiting three seconds.
"""

import re
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from handlers.failures import Failures
from handlers.payloads import Body

Handler = Callable[[AsyncAck, Body], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Routes:
    """The routing table."""

    failures: Failures
    commands: dict[str, Handler] = field(default_factory=dict)
    actions: dict[str, Handler] = field(default_factory=dict)
    forms: dict[str, Handler] = field(default_factory=dict)

    def install(self, app: AsyncApp) -> None:
        """Give Bolt one listener per kind."""
        app.command(_one_of(self.commands))(self._command)
        app.action(_one_of(self.actions))(self._action)
        app.view(_one_of(self.forms))(self._form)
        app.error(self.failures.undispatchable)

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        await self.failures.guard(self.commands[body["command"]], ack, body, "command")

    async def _action(self, ack: AsyncAck, body: Body) -> None:
        handler = self.actions[body["actions"][0]["action_id"]]
        await self.failures.guard(handler, ack, body, "action")

    async def _form(self, ack: AsyncAck, body: Body) -> None:
        await self.failures.guard(self.forms[body["view"]["callback_id"]], ack, body, "form")


def _one_of(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"^(?:{'|'.join(map(re.escape, names))})\Z")
