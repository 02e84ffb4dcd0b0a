"""`greenlight sandbox` as a newcomer starts it: in a terminal, and without one."""

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = [str(Path(sys.executable).with_name("greenlight")), "sandbox"]
ENVIRONMENT = {"TERM": "xterm", "LC_ALL": "C.UTF-8"}
SECONDS = 90
"""How long anything may take on a busy machine."""


@dataclass(slots=True)
class Typist:
    """Somebody before a terminal in which the sandbox runs."""

    process: subprocess.Popen[bytes]
    keyboard: int
    screen: str = ""

    def types(self, text: str) -> None:
        """Press keys."""
        os.write(self.keyboard, text.encode())

    def sees(self, text: str) -> None:
        """Wait until a text appears; what came before it has been read then."""
        end = time.monotonic() + SECONDS
        while text not in self.screen:
            ready, _, _ = select.select([self.keyboard], [], [], end - time.monotonic())
            assert ready, f"{text!r} did not appear in {self.screen!r}"
            self.screen += os.read(self.keyboard, 4096).decode(errors="replace")
        self.screen = self.screen.partition(text)[2]

    def ends(self) -> int:
        """Wait for the end, and tell the exit code."""
        self.sees("Stopping")
        return self.process.wait(SECONDS)

    @property
    def is_given_back(self) -> bool:
        """Whether the terminal shows what is typed again, and takes whole lines."""
        local = termios.tcgetattr(self.keyboard)[3]
        assert isinstance(local, int)
        return bool(local & termios.ECHO and local & termios.ICANON and local & termios.ISIG)


@contextmanager
def terminal(**variables: str) -> Iterator[Typist]:
    """Start the sandbox in a terminal of its own."""
    outside, inside = pty.openpty()
    termios.tcsetwinsize(inside, (50, 100))
    try:
        with subprocess.Popen(  # noqa: S603 - our own command, named by its full path
            COMMAND, stdin=inside, stdout=inside, stderr=inside, env=ENVIRONMENT | variables
        ) as process:
            try:
                yield Typist(process, outside)
            finally:
                process.kill()
    finally:
        os.close(inside)
        os.close(outside)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_newcomer_approves_a_deployment() -> None:
    """The three things of the welcome, typed into a real terminal whose clock runs."""
    with terminal() as ben:
        ben.sees("Three things to try")
        ben.types("/buddy conn\t\r")
        ben.sees("Personal access token ▸ ")
        ben.types("token\r")
        ben.sees("@ben now acts in Buddy as Ben Ito")
        ben.types("\r")
        ben.sees("Closed.")
        ben.types("push Fix the login\r")
        ben.sees("Buddy starts shop/deploy#1")
        ben.types("/buddy show shop/deploy#1\r")
        ben.sees("Deploy to production #1")
        ben.types("fast\r")
        ben.sees("[2] Approve")
        ben.types("as maya\r")
        ben.sees("You are maya now")
        ben.types("click Approve\ry\r")
        ben.sees("@maya approved")
        ben.sees("Successful")
        ben.types("\x04")
        assert ben.ends() == 0
        assert ben.is_given_back


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_is_typed_survives_news_and_interrupts() -> None:
    """A half-typed line is thrown away by Ctrl-C; an empty one lets it leave."""
    with terminal(NO_COLOR="1") as ben:
        ben.sees("ben ▸ ")
        assert "\x1b[1m" not in ben.screen
        ben.types("nonsense\x03")
        ben.sees("^C")
        ben.types("heelp\r\x1b[A")
        ben.sees("Did you mean `help`?")
        ben.types("\x15\x03")
        assert ben.ends() == 0
        assert ben.is_given_back


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_terminal_that_says_quit_or_goes_away_ends_well() -> None:
    """A signal to stop is obeyed like `quit`."""
    with terminal() as ben:
        ben.sees("ben ▸ ")
        ben.process.terminate()
        assert ben.ends() == 0
        assert ben.is_given_back


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_without_a_terminal_the_story_is_played() -> None:
    """In a pipe or in CI it says so, keeps its promises, and ends well."""
    result = subprocess.run(  # noqa: S603 - our own command, named by its full path
        COMMAND,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=250,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "There is no terminal to type in" in result.stdout
    assert "promises kept" in result.stdout
    assert "BROKEN" not in result.stdout
    assert not re.search(r":[a-z_]+:", result.stdout), "an emoji without its picture"
    assert result.stderr == ""
