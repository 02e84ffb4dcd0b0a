"""The command `greenlight` tells an operator what to do, in words and in exit codes."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import pytest
import yaml
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from typing_extensions import override

from bot import __version__
from bot.__main__ import main
from tests.environment import (
    BOT_TOKEN,
    COMPLETE,
    KEY,
    SIGNING_SECRET,
    environment,
    logging_restored,
)


class Greenlight(Protocol):
    """Runs the command with these arguments and these variables, named without their prefix."""

    def __call__(self, *arguments: str, **variables: str) -> Result:
        """Run it to its end."""
        ...


@pytest.fixture
def greenlight(tmp_path: Path) -> Greenlight:
    """Run the command in an empty folder."""

    def run(*arguments: str, **variables: str) -> Result:
        named = {f"GREENLIGHT_{name.upper()}": value for name, value in variables.items()}
        with contextlib.chdir(tmp_path), environment(named), logging_restored():
            return CliRunner().invoke(main, arguments)

    return run


def test_it_tells_its_version(greenlight: Greenlight) -> None:
    """An operator can name what is running."""
    result = greenlight("--version")
    assert (result.exit_code, result.output) == (0, f"greenlight, version {__version__}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "-h"], ["keys", "--help"]])
def test_help_is_always_at_hand(greenlight: Greenlight, arguments: list[str]) -> None:
    """Each command explains itself."""
    result = greenlight(*arguments)
    assert result.exit_code == 0
    assert "Usage: " in result.output


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--port=3000"], ["keys", "old"]])
def test_wrong_use_ends_with_2(greenlight: Greenlight, arguments: list[str]) -> None:
    """A script can tell wrong use from a failure."""
    assert greenlight(*arguments).exit_code == 2


def test_serve_lists_every_problem_and_ends_with_2(greenlight: Greenlight) -> None:
    """Nothing is started with half the settings, and the list is read without a traceback."""
    result = greenlight("serve", listen="here", slack_signing_secret=f"not {SIGNING_SECRET}")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "GREENLIGHT_SLACK_BOT_TOKEN is not set." in result.stderr
    assert "Bot User OAuth Token" in result.stderr
    assert "GREENLIGHT_LISTEN is not host:port." in result.stderr
    assert SIGNING_SECRET not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_new_key_is_a_key(greenlight: Greenlight) -> None:
    """What is printed can be set as it is, and every key is another one."""
    first, second = (greenlight("keys", "new").stdout.strip() for _ in range(2))
    Fernet(first)
    assert first != second


def test_the_manifest_names_the_operators_address_and_command(greenlight: Greenlight) -> None:
    """What is printed can be pasted into Slack as it is."""
    result = greenlight("manifest", "--url", "https://bot.acme.dev/", command="/ship")

    assert result.exit_code == 0
    assert result.stderr == ""
    manifest = yaml.safe_load(result.stdout)
    [command] = manifest["features"]["slash_commands"]
    assert (command["command"], command["url"]) == ("/ship", "https://bot.acme.dev/slack/events")
    interactivity = manifest["settings"]["interactivity"]
    assert interactivity["request_url"] == "https://bot.acme.dev/slack/events"
    assert "/buddy" not in result.stdout
    assert '"/ship connect"' in manifest["display_information"]["long_description"]


def test_without_an_address_the_manifest_says_what_to_replace(greenlight: Greenlight) -> None:
    """The placeholder does not stay in by mistake; the hint does not get into a pasted file."""
    result = greenlight("manifest")
    assert result.exit_code == 0
    assert "greenlight.example.com" in result.stderr
    yaml.safe_load(result.stdout)


def test_the_manifest_for_socket_mode_needs_no_address(greenlight: Greenlight) -> None:
    """What is printed can be pasted into Slack as it is; an address would not be called."""
    result = greenlight("manifest", "--socket", command="/ship")
    assert (result.exit_code, result.stderr) == (0, "")
    manifest = yaml.safe_load(result.stdout)
    assert manifest["settings"]["socket_mode_enabled"] is True
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == "/ship"
    assert "url" not in command

    both = greenlight("manifest", "--socket", "--url", "https://bot.acme.dev")
    assert both.exit_code == 2
    assert "leave out --url" in both.stderr


@pytest.mark.parametrize("url", ["https://bot.acme.dev/slack/events", "https://bot.acme.dev"])
def test_the_address_may_be_the_one_slack_calls(greenlight: Greenlight, url: str) -> None:
    """An operator who names the whole address gets the same manifest."""
    assert "url: https://bot.acme.dev/slack/events\n" in greenlight("manifest", "--url", url).stdout


@pytest.mark.parametrize("url", ["http://bot.acme.dev", "bot.acme.dev", "https://a b", "https://"])
def test_an_address_slack_cannot_call_is_refused(greenlight: Greenlight, url: str) -> None:
    """Slack would refuse the manifest later, with less explanation."""
    result = greenlight("manifest", "--url", url)
    assert result.exit_code == 2
    assert "https://host" in result.stderr


def test_a_misspelt_setting_is_noticed_by_the_manifest_too(greenlight: Greenlight) -> None:
    """A command's name that is set in vain would make an app with the wrong one."""
    result = greenlight("manifest", commands="/ship")
    assert result.exit_code == 2
    assert "Did you mean GREENLIGHT_COMMAND?" in result.stderr


class SlackThatOnlyGreets(BaseHTTPRequestHandler):
    """Answers every method as `auth.test` is answered: enough for the bot to start."""

    answer: ClassVar[object] = {
        "ok": True,
        "team_id": "T0001",
        "user_id": "U1",
        "bot_id": "B1",
    }

    def do_POST(self) -> None:
        """Answer."""
        body = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


class SlackThatMakesNoSense(SlackThatOnlyGreets):
    """Answers in a way that nobody foresaw, with a secret in it."""

    answer: ClassVar[object] = [BOT_TOKEN]


@contextlib.contextmanager
def listening(slack: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Serve a Slack for the length of the block, and tell its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), slack) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def serving(folder: Path, slack: str) -> Iterator[subprocess.Popen[str]]:
    """Start the bot as an operator does: in a process of its own."""
    variables = {
        "GREENLIGHT_SLACK_API_URL": slack,
        "GREENLIGHT_LISTEN": "127.0.0.1:0",
        "GREENLIGHT_DATABASE_URL": f"sqlite:///{folder}/bot.sqlite3",
    }
    with subprocess.Popen(  # noqa: S603 - our own command, named by its full path
        [Path(sys.executable).with_name("greenlight"), "serve"],
        cwd=folder,
        env=COMPLETE | variables,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_until(process: subprocess.Popen[str], event: str) -> list[dict[str, Any]]:
    """Read the bot's log up to an event."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(json.loads(line))
        if lines[-1]["event"] == event:
            return lines
    raise AssertionError(lines)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_bot_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """It says where it listens, answers there, stops at SIGTERM, and ends well."""
    with listening(SlackThatOnlyGreets) as slack, serving(tmp_path, slack) as bot:
        ready = lines_until(bot, "bot.ready")[-1]
        connection = http.client.HTTPConnection(urlsplit(ready["url"]).netloc, timeout=60)
        connection.request("GET", "/healthz")
        health = connection.getresponse().status
        connection.close()
        bot.send_signal(signal.SIGTERM)
        _, rest = bot.communicate(timeout=100)

    assert health == 200
    assert bot.returncode == 0
    assert [json.loads(line)["event"] for line in rest.splitlines()] == [
        "bot.stopping",
        "bot.stopped",
    ]


def serve(greenlight: Greenlight, slack: str) -> Result:
    """Run the bot in this process, against this Slack."""
    return greenlight(
        "serve",
        slack_api_url=slack,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SIGNING_SECRET,
        token_keys=KEY,
        listen="127.0.0.1:0",
    )


def test_a_start_that_fails_says_why_and_ends_with_1(greenlight: Greenlight) -> None:
    """Where Slack does not answer, the operator reads one sentence that helps."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        result = serve(greenlight, f"http://127.0.0.1:{nobody.getsockname()[1]}/api/")

    assert result.exit_code == 1
    assert "GREENLIGHT_SLACK_API_URL: no Slack answers there." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_failure_nobody_foresaw_is_logged_without_secrets(greenlight: Greenlight) -> None:
    """The traceback goes to the log as one line, and the exit code is 1."""
    with listening(SlackThatMakesNoSense) as slack:
        result = serve(greenlight, slack)

    assert result.exit_code == 1
    last = json.loads(result.stderr.splitlines()[-1])
    assert (last["event"], last["level"]) == ("bot.failed", "error")
    assert "Traceback" in last["exception"]
    assert not any(secret in result.stderr for secret in (BOT_TOKEN, SIGNING_SECRET, KEY))
