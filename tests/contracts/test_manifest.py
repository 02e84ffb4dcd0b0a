"""The app's manifest is one that Slack takes, and asks for what the docs explain."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.__main__ import EXAMPLE_URL, by_socket, fill_in
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "manifest.yaml").read_text("utf-8")
SCHEMA = json.loads((ROOT / "tests/samples/manifest/schema.json").read_text("utf-8"))


def manifest(text: str = TEXT) -> dict[str, Any]:
    """Read the manifest."""
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        fill_in(TEXT, "/" + "b" * 31, "https://bot.acme.dev:8443/chat_ops/~a"),
        by_socket(TEXT),
    ],
)
def test_slack_takes_the_manifest(text: str) -> None:
    """It is valid against Slack's own schema, as it stands and filled in."""
    jsonschema.Draft7Validator(SCHEMA).validate(manifest(text))


def test_every_scope_is_explained() -> None:
    """The docs give the reason for each scope that is asked for, and for no other."""
    docs = (ROOT / "docs/configuration.md").read_text("utf-8")
    table = docs.partition("| Scope | Why |")[2].partition("\n\n")[0]
    explained = re.findall(r"^\| `([a-z.:]+)` \| \S.+ \|$", table, re.MULTILINE)
    scopes = manifest()["oauth_config"]["scopes"]
    assert explained == scopes["bot"] + scopes["bot_optional"]
    assert list(scopes) == ["bot", "bot_optional"]


def test_the_manifest_names_the_default_command() -> None:
    """An operator who changes nothing gets an app and a bot that fit together."""
    [command] = manifest()["features"]["slash_commands"]
    assert command["command"] == Settings.model_fields["command"].default
    assert command["should_escape"] is False


def test_slack_has_one_address_to_call() -> None:
    """A reverse proxy has one path to pass on."""
    addresses = set(re.findall(r"https?://\S+", TEXT.partition("display_information")[2]))
    assert addresses == {f"{EXAMPLE_URL}/slack/events"}


def test_in_socket_mode_slack_calls_no_address() -> None:
    """Everything else is as with an address, so that an app can change over."""
    told, usual = manifest(by_socket(TEXT)), manifest()
    assert "http" not in by_socket(TEXT).partition("display_information")[2]
    [command] = usual["features"]["slash_commands"]
    del command["url"], usual["settings"]["interactivity"]["request_url"]
    del usual["settings"]["interactivity"]["message_menu_options_url"]
    del usual["settings"]["event_subscriptions"]["request_url"]
    usual["settings"]["socket_mode_enabled"] = True
    assert told == usual


def test_an_installed_bot_has_its_manifest() -> None:
    """`greenlight manifest` finds the file beside itself where there is no checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"manifest.yaml": "bot/manifest.yaml"}


def test_filling_in_leaves_addresses_alone() -> None:
    """Only the command itself is replaced, not what looks like it inside an address."""
    text = 'say "/buddy help", /buddy, see https://x.dev/buddy/a and https://buddy.works'
    assert fill_in(text, "/ship", None) == (
        'say "/ship help", /ship, see https://x.dev/buddy/a and https://buddy.works'
    )
