"""Read the bot's settings once, typed and frozen; or say everything that is wrong with them.

``Settings`` holds values and reads nothing, so tests and the sandbox build it as they need.
``read_settings`` fills it for ``greenlight serve``; the environment wins over ``.env``. Any value
may be a secret, also one in the wrong variable, so no report and no exception repeats one.
"""

from bot.settings.parsing import ListenAddress, open_address
from bot.settings.problems import Problem, SettingsProblems, Wrong
from bot.settings.reading import read_command, read_database, read_settings, read_storage
from bot.settings.values import Settings

__all__ = [
    "ListenAddress",
    "Problem",
    "Settings",
    "SettingsProblems",
    "Wrong",
    "open_address",
    "read_command",
    "read_database",
    "read_settings",
    "read_storage",
]
