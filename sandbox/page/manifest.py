"""What the app's manifest offers to people: commands with their hints, and shortcuts.

Read from the file that is given to Slack. A reader of YAML would be a dependency of every bot in
production; two lists of plain pairs do not need one.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_PAIR = re.compile(r"(?P<indent> *)(?P<new>- )?(?P<name>\w+):(?: (?P<value>.*))?")


def find_manifest() -> Path:
    """Find the manifest: one folder up in a checkout, packed beside the bot in a wheel."""
    root = Path(__file__).parents[2]
    inside = root / "manifest.yaml"
    return inside if inside.exists() else root / "bot" / "manifest.yaml"


def read_list(text: str, name: str) -> list[dict[str, str]]:
    """Read a list whose entries are plain pairs; empty if there is none."""
    entries: list[dict[str, str]] = []
    for pair in _inside(text.splitlines(), name):
        if pair["new"]:
            entries.append({})
        entries[-1][pair["name"]] = (pair["value"] or "").strip("\"'")
    return entries


def _inside(lines: list[str], name: str) -> Iterator[re.Match[str]]:
    depth = -1
    for line in lines:
        pair = _PAIR.fullmatch(line.split(" #", 1)[0].rstrip())
        if pair is None:
            continue
        indent = len(pair["indent"])
        if 0 <= depth < indent:
            yield pair
        else:
            depth = indent if pair["name"] == name and not pair["value"] else -1
