"""The Web API's methods: name, scope, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.slack.core import Answer, Args, Core
from sandbox.slack.methods import apps, chat, conversations, users, views


@dataclass(frozen=True, slots=True)
class Method:
    """One method. ``scope`` is what it needs whatever it is asked for."""

    run: Callable[[Core, Args], Answer]
    scope: str = ""
    by_app: bool = False
    """Whether it takes the app-level token, and no other."""


METHODS = {
    "apps.connections.open": Method(apps.connections_open, "connections:write", by_app=True),
    "auth.test": Method(users.auth_test),
    "chat.delete": Method(chat.delete, "chat:write"),
    "chat.getPermalink": Method(chat.get_permalink),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "conversations.history": Method(conversations.history),
    "conversations.info": Method(conversations.info),
    "conversations.members": Method(conversations.members),
    "conversations.open": Method(conversations.open_direct, "im:write"),
    "conversations.replies": Method(conversations.replies),
    "users.info": Method(users.info, "users:read"),
    "users.lookupByEmail": Method(users.lookup_by_email, "users:read.email"),
    "views.open": Method(views.open_view),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}
