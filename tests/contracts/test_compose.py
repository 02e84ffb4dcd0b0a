"""The compose file fits the image, the settings and the bot's own times, and holds no secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import GRACE
from bot.store.hooks import HookKind
from handlers.web import SLACK_PATH
from tests.environment import VARIABLES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
REPLICAS = {name: one for name, one in SERVICES.items() if one["image"] == "greenlight"}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
CADDYFILE = (ROOT / "Caddyfile").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
OURS = {"PGPASSWORD", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "PUBLIC_HOST"}
"""Variables of PostgreSQL's and of Caddy's."""

CLOSE_WITHIN = 6
"""Seconds beside the grace time: closing the doors, and the database."""


def seconds(duration: str) -> float:
    """Read a duration as Compose writes it."""
    number, unit = re.fullmatch(r"(\d+)(s|m)", duration).groups()  # type: ignore[union-attr]  # or fail
    return int(number) * {"s": 1, "m": 60}[unit]


def test_two_replicas_are_set_up_alike() -> None:
    """Only their names differ, so that each can be replaced while the other works."""
    assert len(REPLICAS) == 2
    assert all(one["hostname"] == name for name, one in REPLICAS.items())
    first, second = ({**one, "hostname": ""} for one in REPLICAS.values())
    assert first == second


@pytest.mark.parametrize("name", REPLICAS)
def test_a_replica_may_do_nothing_that_it_need_not(name: str) -> None:
    """It runs as the image's own user, writes nowhere, and can never become more."""
    replica = REPLICAS[name]
    assert f"USER {replica['user']}" in DOCKERFILE
    assert replica["read_only"] is True
    assert replica["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in replica["security_opt"]
    assert "ports" not in replica
    volumes = re.findall(r"^VOLUME (\S+)", DOCKERFILE, re.MULTILINE)
    assert {mount.partition(":")[0] for mount in replica["tmpfs"]} >= {"/tmp", *volumes}  # noqa: S108 - in the container


@pytest.mark.parametrize("name", REPLICAS)
def test_a_stop_lasts_as_long_as_the_bot_needs(name: str) -> None:
    """Else what was acknowledged would be cut off, and taken over late."""
    grace = seconds(REPLICAS[name]["stop_grace_period"])
    assert grace >= GRACE.total_seconds() + CLOSE_WITHIN


@pytest.mark.parametrize("name", REPLICAS)
def test_the_health_check_asks_the_bot_where_it_listens(name: str) -> None:
    """With the image's own Python, for whether clicks can be taken."""
    replica = REPLICAS[name]
    port = replica["environment"]["GREENLIGHT_LISTEN"].rpartition(":")[2]
    kind, program, flag, script = replica["healthcheck"]["test"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    compile(script, "healthcheck", "exec")
    assert f"http://127.0.0.1:{port}/readyz" in script
    assert f"EXPOSE {port}" in DOCKERFILE
    assert all(f"{other}:{port}" in CADDYFILE for other in REPLICAS)


def test_every_variable_is_known() -> None:
    """To the bot, or to PostgreSQL and Caddy; and what is to be filled in stands in the example."""
    told = {variable for one in SERVICES.values() for variable in one["environment"]}
    assert told <= {*VARIABLES, *OURS}
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    assert asked == {"POSTGRES_PASSWORD", "PUBLIC_HOST"}
    assert all(re.search(rf"^#{name}=", EXAMPLE, re.MULTILINE) for name in asked)
    assert set(re.findall(r"\{\$(\w+)", CADDYFILE)) <= set(SERVICES["proxy"]["environment"])


def test_no_password_stands_in_the_file() -> None:
    """It comes from .env, and nothing starts without it."""
    for one in SERVICES.values():
        for variable, value in one["environment"].items():
            if "PASSWORD" in variable:
                assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:\?.+\}", value)
            assert not re.search(r"://[^/@]*:[^/@]*@", value)


def test_only_what_slack_and_buddy_send_comes_in() -> None:
    """Health and metrics stay inside, and so does the database."""
    doors = [SLACK_PATH, *(f"{kind.path}/*" for kind in HookKind)]
    assert re.findall(r"handle (\S+) \{", CADDYFILE) == doors
    assert re.search(r"handle \{\s+respond 404\s+\}", CADDYFILE)
    open_to_the_world = {name for name, one in SERVICES.items() if "ports" in one}
    assert open_to_the_world == {"proxy"}
    assert SERVICES["proxy"]["profiles"] == ["http"]
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    assert set(SERVICES["database"]["networks"]) <= inside


def test_what_is_mounted_is_there() -> None:
    """Files are the checkout's, volumes are named, and the database's is the major version's."""
    mounts = [mount.split(":") for one in SERVICES.values() for mount in one.get("volumes", [])]
    for source, *_ in mounts:
        assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]
    assert re.fullmatch(r"postgres:(\d\d)", SERVICES["database"]["image"])
    assert ["database", "/var/lib/postgresql"] in mounts
