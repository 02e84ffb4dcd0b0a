"""What the app's manifest offers to people: commands with their hints, and shortcuts.

Read from the file that is given to Slack. A reader of YAML would be a dependency of every bot in
production; two lists of plain pairs do not need one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PAIR = re.compile(r"(?P<indent> *)(?P<new>- )?(?P<name>\w+):(?: (?P<value>.*))?")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the app offers."""

    commands: list[dict[str, str]]
    shortcuts: list[dict[str, str]]
    has_home: bool
    hears_of_home: bool

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a manifest."""
        shown = ("command", "description", "usage_hint")
        commands = read_list(text, "slash_commands")
        return cls(
            [{key: one.get(key, "") for key in shown} for one in commands],
            read_list(text, "shortcuts"),
            has_home="home_tab_enabled: true" in text,
            hears_of_home="- app_home_opened" in text,
        )

    def listed(self, *, is_stranger: bool) -> dict[str, list[dict[str, str]]]:
        """List what somebody is offered; people of another organisation nothing of it."""
        commands, shortcuts = ([], []) if is_stranger else (self.commands, self.shortcuts)
        return {"commands": commands, "shortcuts": shortcuts}

    def shortcuts_of(self, kind: str) -> dict[str, str]:
        """Name the shortcuts of a kind, ``message`` or ``global``, by their callback ids."""
        fitting = (one for one in self.shortcuts if one.get("type") == kind)
        return {one["callback_id"]: one["name"] for one in fitting}


def find_manifest() -> Path:
    """Find the manifest: beside the sandbox in a checkout, packed beside the bot in a wheel."""
    root = Path(__file__).parents[1]
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
