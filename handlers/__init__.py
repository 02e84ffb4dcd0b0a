"""Slack and web edges: the routing table on one screen."""

from slack_bolt.async_app import AsyncApp

from bot.services import Services
from bot.slack.messenger import Messenger
from handlers.actions import Buttons
from handlers.commands import Commands
from handlers.events import Events
from handlers.failures import Failures
from handlers.menus import Menus
from handlers.private import PrivateButtons
from handlers.routes import Routes
from handlers.run_form import RunFormActs
from handlers.shortcuts import Shortcuts
from handlers.subscriptions import SubscriptionActs
from handlers.views import Forms


def register(app: AsyncApp, services: Services, messenger: Messenger, command: str) -> Routes:
    """Answer the slash command, the buttons, the forms, the shortcuts and the events."""
    routes = Routes(Failures(messenger, command))
    Commands(command, services).register(routes)
    Buttons(services).register(routes)
    PrivateButtons(services).register(routes)
    Forms(services).register(routes)
    Shortcuts(services).register(routes)
    Events(services).register(routes)
    Menus(services).register(routes)
    RunFormActs(services).register(routes)
    SubscriptionActs(services, command).register(routes)
    routes.install(app)
    return routes
