"""What Tab offers."""

from collections.abc import Iterator

from sandbox.shop import Shop, name_of
from sandbox.terminal.commands import WORDS

_ABOUT_ONESELF = ("alias", "connect", "disconnect", "help", "inbox", "whoami")
_ABOUT_RUNS = ("show", "approve", "reject", "cancel", "retry", "start", "why")
_IN_BUDDY = ("approve", "cancel", "down", "retry", "slow", "up")


def commands(shop: Shop) -> Iterator[str]:
    """List whole lines that make sense now."""
    yield from WORDS
    yield from (f"as {name}" for name in shop.players)
    yield from (f"/buddy {word}" for word in _ABOUT_ONESELF)
    yield from (f"/buddy {word} {name_of(run)}" for word in _ABOUT_RUNS for run in shop.runs)
    yield from (f"buddy {word}" for word in _IN_BUDDY)
    yield from (f"buddy run {name}" for name in shop.pipelines)
    yield from ("slack down", "slack up")


def beginning_with(text: str, lines: Iterator[str]) -> list[str]:
    """Keep the lines that go on after this text."""
    return sorted({line for line in lines if line.startswith(text) and line != text})
