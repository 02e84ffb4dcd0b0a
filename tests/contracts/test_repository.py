"""What is committed belongs to the project: nothing of a machine, nothing secret."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE_PATH = re.compile(r"(?<![\w./:*~-])(?:/(?:home|Users|root|work|tmp)/\w|[A-Z]:\\Users\\)")
LOCK_FILES = re.compile(r"(\.lock|-lock\.(json|yaml)|\.lockb)$")
SAMPLES = "tests/samples/"


def committed() -> list[str]:
    """Name every file that is in the repository, or is about to be."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be told")
    listed = subprocess.run(  # noqa: S603 - git, found on the path
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_requirements_are_the_only_lock() -> None:
    """One tool locks versions, so that two locks cannot disagree."""
    assert [name for name in committed() if LOCK_FILES.search(name)] == []


def test_requirements_name_no_registry() -> None:
    """Everybody installs from the index they are configured for; hashes say what is right."""
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        text = file.read_text("utf-8")
        assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text), file
        pins = re.findall(r"^[\w.-]+(?:\[[\w,]+\])?==", text, re.MULTILINE)
        unhashed = re.findall(r"^[\w.-]+[^\n\\]*$(?<!\\)", text, re.MULTILINE)
        assert pins
        assert unhashed == [], file


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """Absolute paths of a home directory or a workplace work for one person only."""
    found = [
        f"{name}: {match[0]}"
        for name in committed()
        if not name.startswith(SAMPLES)
        for match in MACHINE_PATH.finditer((ROOT / name).read_text("utf-8", errors="replace"))
    ]
    assert found == []


def test_no_secret_file_is_committed() -> None:
    """`.env` and databases stay on the machine; the example file is what is shared."""
    forbidden = re.compile(r"(^|/)\.env$|\.sqlite3|\.pem$|\.key$")
    assert [name for name in committed() if forbidden.search(name)] == []
