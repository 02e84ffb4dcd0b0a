"""Text on the page reads as Slack shows it."""

import json
from pathlib import Path
from typing import Any

from tests.page.browser import in_chromium
from tests.page.desk import Desk

pytestmark = in_chromium

TABLE = json.loads((Path(__file__).parent / "mrkdwn.json").read_text())

DRAWN = """async (samples) => {
  const { mrkdwn } = await import("/static/text.js");
  const people = { U1: { name: "maya" }, U2: { name: "ben" } };
  const channels = { C1: { name: "deployments" } };
  const now = () => new Date("2026-11-23T11:05:07Z");
  const names = { user: (id) => people[id], channel: (id) => channels[id] };
  const world = { me: "U1", zone: "UTC", now, ...names };
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const inside = [...node.childNodes].map(read).join("");
    const tag = node.localName;
    if (!tag) return inside;
    if (tag === "span") return node.classList.contains("mention") ? `{${inside}}` : inside;
    return tag === "a" ? `<a ${node.href}>${inside}</a>` : `<${tag}>${inside}</${tag}>`;
  };
  return samples.map((one) => read(mrkdwn(one.source, world, one.verbatim ?? true)));
}"""


async def test_mrkdwn_shows_as_the_table_says(desk: Desk) -> None:
    """Each sample of the table, whose last column says how it is known."""
    maya = await desk.window("maya")
    samples: list[dict[str, Any]] = TABLE["samples"]
    shown = await maya.page.evaluate(DRAWN, samples)
    wrong = [
        f"{one['source']!r}: {one['shows']!r} is shown as {got!r}"
        for one, got in zip(samples, shown, strict=True)
        if one["shows"] != got
    ]
    assert not wrong, "\n".join(wrong)
