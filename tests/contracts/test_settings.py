"""What the operator reads about settings is what the bot does."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from bot.settings.parsing import password_in
from tests.environment import COMPLETE, VARIABLES

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| `(?P<name>GREENLIGHT_\w+)` \| (?P<default>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)
LINE = re.compile(r"^(?P<out>#?)(?P<name>GREENLIGHT_\w+)=(?P<value>.*)$", re.MULTILINE)

DOCUMENTED = {
    row["name"]: row["default"].strip()
    for row in ROW.finditer((ROOT / "docs/configuration.md").read_text("utf-8"))
}
EXAMPLE = {
    line["name"]: (line["value"], bool(line["out"]))
    for line in LINE.finditer((ROOT / ".env.example").read_text("utf-8"))
}
BY_VARIABLE = {f"GREENLIGHT_{name.upper()}": name for name in Settings.model_fields}
NEEDED = {each for each in VARIABLES if Settings.model_fields[BY_VARIABLE[each]].is_required()}


def settings_with(**values: Any) -> Settings:
    """Build settings from texts, as the environment would give them."""
    needed = {BY_VARIABLE[variable]: text for variable, text in COMPLETE.items()}
    return Settings.model_validate(needed | values)


def test_every_setting_is_documented_once() -> None:
    """The table in the docs and the example file name the same variables as the bot."""
    assert set(DOCUMENTED) == set(VARIABLES)
    assert set(EXAMPLE) == set(VARIABLES)


def test_what_is_needed_is_marked_as_needed() -> None:
    """The docs say «needed»; in the example file these lines wait to be filled in."""
    assert {name for name, default in DOCUMENTED.items() if default == "needed"} == NEEDED
    assert {name for name, (_, is_out) in EXAMPLE.items() if not is_out} == NEEDED
    assert all(EXAMPLE[name][0] == "" for name in NEEDED)


@pytest.mark.parametrize("variable", sorted(set(VARIABLES) - NEEDED))
def test_the_documented_default_is_the_default(variable: str) -> None:
    """Setting a variable to its documented default changes nothing."""
    documented, (example, _) = DOCUMENTED[variable].strip("`"), EXAMPLE[variable]
    name = BY_VARIABLE[variable]
    if example:
        assert documented == example
        assert getattr(settings_with(**{name: example}), name) == getattr(settings_with(), name)
    else:
        assert documented == ("none" if getattr(settings_with(), name) is None else "derived")


def test_the_example_file_is_a_start() -> None:
    """A copy with the needed values filled in is accepted."""
    text = (ROOT / ".env.example").read_text("utf-8")
    assert len(LINE.findall(text)) == len(VARIABLES)


def test_every_secret_is_handed_to_the_log() -> None:
    """A new secret setting cannot be forgotten where the log learns what to mask."""
    secret = {
        name for name, field in Settings.model_fields.items() if SecretStr.__name__ in str(field)
    }
    address = "postgresql://bot:a-password@db/bot"  # pragma: allowlist secret
    settings = settings_with(
        slack_app_token="xapp-1-abc",
        database_url=address,
        buddy_service_token="0a1b2c3d-0000-4000-8000-000000000000",
    )
    named = set(settings.secrets())
    for name in secret:
        value = getattr(settings, name)
        for each in value if isinstance(value, tuple) else (value,):
            secret_part = password_in(each) if name == "database_url" else each.get_secret_value()
            assert secret_part in named
