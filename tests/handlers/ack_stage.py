"""Apps that need no Slack, and a stage that notes what their listeners did, for `test_ack`."""

import logging
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.clock import SystemClock
from handlers.ack import install
from handlers.inflight import Inflight

ACK_TIMEOUT = 0.2
"""Seconds that the listeners of the slow cases are given. Bolt's default is 3."""


@dataclass(slots=True)
class Stage:
    """What one play did besides answering."""

    inflight: Inflight
    errors: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)


STAGE: ContextVar[Stage] = ContextVar("STAGE")
"""The stage of the play a listener belongs to; tasks inherit it."""


async def authorize() -> AuthorizeResult:
    """Answer for every team without asking Slack."""
    return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="made-up")


def an_app(*, answers_after_work: bool = False, logger: logging.Logger | None = None) -> AsyncApp:
    """Build an app that needs no Slack; what the signature protects is no matter here."""
    return AsyncApp(
        name="tests",
        signing_secret="",
        authorize=authorize,
        request_verification_enabled=False,
        process_before_response=answers_after_work,
        logger=logger,
    )


def our_app() -> tuple[AsyncApp, Inflight]:
    """Build an app with the event-driven acknowledgement."""
    app, inflight = an_app(), Inflight()
    install(app, inflight)
    return app, inflight


async def pause(seconds: float) -> None:
    """Wait in real time, which is what Bolt's runner measures."""
    await SystemClock().sleep(timedelta(seconds=seconds))
