"""A simulated Slack: a stateful Web API, and people who click, over signed HTTP on loopback."""

from sandbox.slack.delivery import Ack
from sandbox.slack.person import Person
from sandbox.slack.simulated import SimulatedSlack
from sandbox.slack.state import Ping
from sandbox.slack.surfaces import Button, Channel, Ephemeral, Message, Role, View

__all__ = [
    "Ack",
    "Button",
    "Channel",
    "Ephemeral",
    "Message",
    "Person",
    "Ping",
    "Role",
    "SimulatedSlack",
    "View",
]
