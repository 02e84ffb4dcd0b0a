"""Fill the settings from ``GREENLIGHT_*`` variables and ``.env``, or say all that is wrong."""

import difflib
import re
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    SettingsConfigDict,
)

from bot.settings.problems import Problem, Remedy, SettingsProblems, Wrong
from bot.settings.values import CommandSetting, DatabaseSetting, Settings, StorageSettings

PREFIX: Final = "GREENLIGHT_"
ENV_FILE: Final = Path(".env")

_SOURCES = SettingsConfigDict(
    env_prefix=PREFIX, env_ignore_empty=True, env_file_encoding="utf-8", extra="ignore"
)


class _CommandEnvironment(BaseSettings, CommandSetting):
    model_config = _SOURCES


class _DatabaseEnvironment(BaseSettings, DatabaseSetting):
    model_config = _SOURCES


class _StorageEnvironment(BaseSettings, StorageSettings):
    model_config = _SOURCES


class _Environment(BaseSettings, Settings):
    model_config = _SOURCES


_Model = TypeVar("_Model", bound=BaseSettings)


def read_settings(env_file: Path = ENV_FILE) -> Settings:
    """Read the environment and the file.

    Raises:
        SettingsProblems: something is missing, wrong or unknown.
    """
    return _read(_Environment, env_file)


def read_command(env_file: Path = ENV_FILE) -> str:
    """Read only the slash command's name.

    Raises:
        SettingsProblems: it is wrong, or there is an unknown variable.
    """
    return _read(_CommandEnvironment, env_file).command


def read_database(env_file: Path = ENV_FILE) -> str:
    """Read only where the database is.

    Raises:
        SettingsProblems: it is wrong, or there is an unknown variable.
    """
    return _read(_DatabaseEnvironment, env_file).database_url.get_secret_value()


def read_storage(env_file: Path = ENV_FILE) -> StorageSettings:
    """Read only what it takes to look after what is sealed in the database.

    Raises:
        SettingsProblems: it is missing or wrong, or there is an unknown variable.
    """
    return _read(_StorageEnvironment, env_file)


def _read(model: type[_Model], env_file: Path) -> _Model:
    settings, problems = _try(model, env_file)
    # Raised here and not where pydantic's error was caught, which would hold the values as context.
    if settings is None or problems:
        raise SettingsProblems(tuple(problems))
    return settings


def _try(model: type[_Model], env_file: Path) -> tuple[_Model | None, list[Problem]]:
    try:
        unknown = _unknown(model, env_file)
    except (OSError, UnicodeError):
        remedy = "Make it readable for the bot's user, or take it away."
        return None, [Problem(str(env_file), "cannot be read as UTF-8 text.", remedy)]
    try:
        return model(_env_file=env_file), unknown
    except ValidationError as refused:
        return None, [*_wrong(refused), *unknown]


_KINDS: Final = {
    "missing": "is not set",
    "too_short": "is empty",
    "literal_error": "is none of the choices",
    "greater_than": "is too short",
    "less_than_equal": "is too long",
    "time_delta_parsing": "is not a duration",
}


def _wrong(refused: ValidationError) -> list[Problem]:
    """Tell the first problem of each setting."""
    found: dict[str, Problem] = {}
    for error in refused.errors(include_url=False, include_input=False):
        # A default that follows from a wrong value is no second problem.
        if error["type"] != "default_factory_not_called":
            problem = _problem(error)
            found.setdefault(problem.variable, problem)
    return list(found.values())


def _problem(error: ErrorDetails) -> Problem:
    """Describe one of pydantic's errors by its place and kind; its text may hold the value."""
    name = str(error["loc"][0])
    cause = error.get("ctx", {}).get("error")
    wrong = str(cause) if isinstance(cause, Wrong) else _KINDS.get(error["type"], "is wrong")
    metadata = Settings.model_fields[name].metadata
    remedy = next(each.text for each in metadata if isinstance(each, Remedy))
    return Problem(PREFIX + name.upper(), f"{wrong}.", remedy)


_FOREIGN = re.compile(
    r"GREENLIGHT_(?:(?:TEST_\w+|SERVICE_(?:HOST|PORT)\w*|PORT_[0-9]+_\w+)=.*"
    r"|PORT=(?:tcp|udp|sctp)://.*)",
    re.DOTALL,
)
"""Not ours to judge: for the test suite, or set by Kubernetes for a Service named «greenlight».

Source: Kubernetes, Service, «Environment variables».
"""


def _unknown(model: type[BaseSettings], env_file: Path) -> list[Problem]:
    """Find what is probably a typo; a setting that is silently ignored is worse than no start."""
    sources = (EnvSettingsSource(model), DotEnvSettingsSource(model, env_file=env_file))
    present = {
        name.upper()
        for source in sources
        for name, value in source.env_vars.items()
        if name.upper().startswith(PREFIX) and not _FOREIGN.fullmatch(f"{name.upper()}={value}")
    }
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    problems = []
    for name in sorted(present.difference(known)):
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"Did you mean {near[0]}?" if near else "Take it away; see docs/configuration.md."
        problems.append(Problem(name, "is not a setting.", remedy))
    return problems
