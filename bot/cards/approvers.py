"""Who may answer a gate: those who are known in Slack are mentioned, the rest is named."""

from dataclasses import dataclass

from bot.cards.text import escape

MAX_MENTIONS = 8
"""People who are called for one gate: whoever calls everybody calls nobody."""

_MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class Approvers:
    """The people of a gate's own list, without who may not answer this very execution."""

    mentions: tuple[str, ...] = ()
    """Mentions of those who are known in Slack."""

    names: tuple[str, ...] = ()
    """What Buddy calls the others; foreign text."""

    uncounted: int = 0
    """How many more there are of whom nothing is known."""

    def line(self, *, is_discreet: bool) -> str:
        """Name them; before other organisations whoever has no Slack account here is no name."""
        shown = list(self.mentions[:MAX_MENTIONS])
        names = () if is_discreet else self.names
        shown += [escape(name, 60) for name in names[: _MAX_NAMES - len(shown)]]
        rest = len(self.mentions) + len(self.names) + self.uncounted - len(shown)
        if not shown:
            return f"{rest} not connected here" if rest else "nobody, by Buddy's list"
        return f"{', '.join(shown)} and {rest} more" if rest else ", ".join(shown)
