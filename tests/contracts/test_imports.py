"""Who may know whom: the import rules of `pyproject.toml` hold like any other test."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_import_rules_hold() -> None:
    """No module imports what stands above it, and no simulator sees the bot."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(  # noqa: S603 - the linter of this very environment
        [linter], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280
    )
    assert result.returncode == 0, result.stdout + result.stderr
