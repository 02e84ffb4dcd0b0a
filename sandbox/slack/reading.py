"""Turn blocks into the plain text that a person reads, and collect whom they notify.

Buttons and menus stand in brackets, tasks with their state, so that a transcript shows what the
screen shows. A block type unknown here is named in angle brackets instead of being left out.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sandbox.slack.mrkdwn import NameOf, mentions, plain

Block = dict[str, Any]


class Reader:
    """Reads blocks line by line, with the names that the workspace knows."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self._readers: dict[str, Callable[[Block], Iterator[str]]] = {
            "section": self._section,
            "header": self._titled,
            "alert": self._titled,
            "context": self._context,
            "actions": self._row,
            "context_actions": self._row,
            "divider": lambda _: iter(("———",)),
            "image": self._image,
            "video": self._image,
            "input": self._input,
            "rich_text": self._rich_text,
            "markdown": lambda block: iter((str(block["text"]),)),
            "plan": self._plan,
            "task_card": self._task,
            "table": self._table,
            "data_table": self._table,
            "data_visualization": lambda block: iter((f"(chart: {block['title']})",)),
            "card": self._card,
            "carousel": lambda block: self._lines(block["elements"]),
            "container": self._container,
        }

    def read(self, blocks: Iterable[Block]) -> str:
        """Render all blocks as lines of text."""
        return "\n".join(self._lines(blocks))

    def text(self, mrkdwn: str) -> str:
        """Render one piece of mrkdwn."""
        return plain(mrkdwn, self._name_of)

    def element(self, element: Block) -> str:
        """Render a button, a menu, an input or a text object."""
        match element.get("type"):
            case "plain_text":
                return str(element["text"])
            case "mrkdwn":
                return self.text(element["text"])
            case "image":
                return f"({element['alt_text']})"
            case "button" | "workflow_button":
                return f"[{self.element(element['text'])}]"
            case _:
                shown = element.get("placeholder")
                return f"[{self.element(shown) if shown else '…'} ▾]"

    def _lines(self, blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            reader = self._readers.get(block["type"])
            yield from reader(block) if reader else (f"<{block['type']}>",)

    def _section(self, block: Block) -> Iterator[str]:
        if text := block.get("text"):
            yield self.element(text)
        yield from map(self.element, block.get("fields", ()))
        if accessory := block.get("accessory"):
            yield self.element(accessory)

    def _titled(self, block: Block) -> Iterator[str]:
        yield self.element(block["text"])

    def _context(self, block: Block) -> Iterator[str]:
        yield " ".join(map(self.element, block["elements"]))

    def _row(self, block: Block) -> Iterator[str]:
        yield " ".join(map(self.element, block["elements"]))

    def _image(self, block: Block) -> Iterator[str]:
        yield f"({block['alt_text']})"

    def _input(self, block: Block) -> Iterator[str]:
        yield f"{self.element(block['label'])}: {self._filled(block['element'])}".rstrip()
        if hint := block.get("hint"):
            yield self.element(hint)

    def _filled(self, element: Block) -> str:
        if option := element.get("initial_option"):
            return self.element(option["text"])
        if "initial_value" in element:
            return str(element["initial_value"])
        choices = element.get("options", ()) if "placeholder" not in element else ()
        if choices:
            return " / ".join(self.element(option["text"]) for option in choices)
        return self.element(element["placeholder"]) if "placeholder" in element else ""

    def _rich_text(self, block: Block) -> Iterator[str]:
        for part in block["elements"]:
            if part["type"] == "rich_text_list":
                yield from ("• " + self._run(item["elements"]) for item in part["elements"])
            else:
                yield self._run(part["elements"])

    def _run(self, elements: Iterable[Block]) -> str:
        return "".join(map(self._rich, elements))

    def _rich(self, element: Block) -> str:
        kind = element["type"]
        shown: dict[str, Callable[[], object]] = {
            "text": lambda: element["text"],
            "link": lambda: element.get("text") or element["url"],
            "user": lambda: "@" + self._name_of(element["user_id"]),
            "channel": lambda: "#" + self._name_of(element["channel_id"]),
            "broadcast": lambda: f"@{element['range']}",
            "emoji": lambda: f":{element['name']}:",
            "date": lambda: element.get("fallback") or element["timestamp"],
        }
        return str(shown[kind]()) if kind in shown else f"<{kind}>"

    def _plan(self, block: Block) -> Iterator[str]:
        yield self.text(block["title"])
        for task in block.get("tasks", ()):
            yield from self._task(task)

    def _task(self, block: Block) -> Iterator[str]:
        state = block.get("status", "pending").replace("_", " ")
        line = f"• {self.text(block['title'])} ({state})"
        notes = [
            note
            for part in ("details", "output")
            if part in block
            for note in self._rich_text(block[part])
        ]
        yield f"{line}: {' '.join(notes)}" if notes else line

    def _table(self, block: Block) -> Iterator[str]:
        for row in block["rows"]:
            yield " | ".join(self._cell(cell) for cell in row)

    def _cell(self, cell: Block) -> str:
        if cell["type"] == "rich_text":
            return " ".join(self._rich_text(cell))
        return str(cell.get("text", cell.get("value", "")))

    def _card(self, block: Block) -> Iterator[str]:
        yield from (
            self.element(block[part]) for part in ("title", "subtitle", "body") if part in block
        )
        if actions := block.get("actions"):
            yield " ".join(map(self.element, actions))

    def _container(self, block: Block) -> Iterator[str]:
        yield from (self.element(block[part]) for part in ("title", "subtitle") if part in block)
        yield from self._lines(block.get("elements", ()))


def notified(node: object) -> Iterator[str]:
    """Find everybody whom blocks notify, however deep: see ``mrkdwn.mentions`` for the names."""
    if isinstance(node, dict):
        yield from _notified_here(node)
        for child in node.values():
            yield from notified(child)
    elif isinstance(node, list):
        for child in node:
            yield from notified(child)


def _notified_here(node: Block) -> Iterator[str]:
    """Look at one object alone.

    The bare strings of plans and the text of ``markdown`` blocks are read like mrkdwn: whether
    Slack parses mentions there is written nowhere; better to see one too many.
    """
    match node:
        case {"type": "mrkdwn", "text": str(text)}:
            yield from mentions(text, is_verbatim=node.get("verbatim") is True)
        case {"type": "markdown", "text": str(text)}:
            yield from mentions(text)
        case {"type": "plan" | "task_card", "title": str(text)}:
            yield from mentions(text)
        case {"type": "broadcast", "range": str(name)}:
            yield name
        case {"type": "user", "user_id": str(name)}:
            yield name
        case {"type": "usergroup", "usergroup_id": str(name)}:
            yield name
        case _:
            return
