"""Read Slack's mrkdwn as a person sees it, and find whom it would notify.

Source of the syntax: Slack, «Formatting text for app surfaces» and «Text object».
"""

import re
from collections.abc import Callable, Iterator

NameOf = Callable[[str], str]
"""Turns the id of a person or channel into the name that people see."""

_STASHED = re.compile(r"```(?P<block>.+?)```|`(?P<code>[^`\n]+)`|<(?P<entity>[^<>\n]+)>", re.DOTALL)
_STYLES = tuple(
    re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+?)(?<=\S){mark}(?![\w{mark}])")
    for mark in (r"\*", "_", "~")
)
_BARE_BROADCAST = re.compile(r"(?<![\w@/])@(channel|here|everyone)\b")
_BROADCASTS = ("channel", "here", "everyone")
_LINK = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:\S+")
_STASH = 0xE000
"""First of the private-use characters that stand for code and entities while styles are read."""


def unescape(text: str) -> str:
    """Turn the three escapes of mrkdwn back into characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def plain(text: str, name_of: NameOf) -> str:
    """Show mrkdwn without its marks: mentions as names, links as their texts, code as it is."""
    stash: list[str] = []

    def put_away(found: re.Match[str]) -> str:
        stash.append(_shown(found, name_of))
        return chr(_STASH + len(stash) - 1)

    shown = _STASHED.sub(put_away, text)
    for style in _STYLES:
        shown = style.sub(r"\1", shown)
    for index, original in enumerate(stash):
        shown = shown.replace(chr(_STASH + index), original)
    return unescape(shown)


def mentions(text: str, *, is_verbatim: bool = True) -> Iterator[str]:
    """Find whom mrkdwn notifies: ``channel``, ``here``, ``everyone``, or an id.

    Escaped text notifies nobody. Where a text object is not ``verbatim``, Slack parses certain bare
    mentions by itself. Source: Slack, «Text object», field ``verbatim``.
    """
    for found in _STASHED.finditer(text):
        entity = (found["entity"] or "").partition("|")[0]
        if entity.startswith("@"):
            yield entity[1:]
        elif entity.startswith("!subteam^"):
            yield entity.removeprefix("!subteam^")
        elif entity.removeprefix("!") in _BROADCASTS and entity.startswith("!"):
            yield entity[1:]
    if not is_verbatim:
        yield from _BARE_BROADCAST.findall(_STASHED.sub(" ", text))


def _shown(found: re.Match[str], name_of: NameOf) -> str:
    if (entity := found["entity"]) is None:
        return found["block"] or found["code"]
    target, _, label = entity.partition("|")
    if target.startswith("@"):
        return "@" + name_of(target[1:])
    if target.startswith("#"):
        return "#" + (label or name_of(target[1:]))
    if target.startswith("!"):
        return label or "@" + target[1:]
    # Whatever is no link stays as it was typed: «<script>» is text in Slack.
    if _LINK.fullmatch(target):
        return label or target.removeprefix("mailto:")
    return found[0]
