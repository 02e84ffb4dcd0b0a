"""`greenlight sandbox --page` as a script starts it."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

COMMAND = [str(Path(sys.executable).with_name("greenlight")), "sandbox", "--page"]
SECONDS = 90
"""How long anything may take on a busy machine."""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_link_is_the_first_line_and_a_signal_ends_it_well() -> None:
    """A second sandbox takes another port by itself, or says that the one it was given is taken."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as first:  # noqa: S603 - our own command
        assert first.stdout is not None
        link = first.stdout.readline().strip()
        with urlopen(f"{link}api/snapshot", timeout=SECONDS) as answer:  # noqa: S310 - our own link
            snapshot = json.load(answer)
        port = link.rstrip("/").rpartition(":")[2]
        second = subprocess.run(  # noqa: S603 - our own command
            [*COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=SECONDS
        )
        first.send_signal(signal.SIGTERM)
        assert first.wait(SECONDS) == 0
    assert link.startswith("http://127.0.0.1:")
    assert snapshot["clock"]["name"] == "normal"
    assert second.returncode == 1
    assert f"Port {port} cannot be used" in second.stderr
