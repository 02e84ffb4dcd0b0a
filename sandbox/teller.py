"""Tell a story on a terminal: who does what, what they see, and which promises hold."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.looks import boxed

WIDTH = 78


@dataclass(slots=True)
class Teller:
    """Writes the transcript and counts broken promises."""

    write: Callable[[str], None] = print
    kept: int = 0
    broken: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Open the story, and say how it is to be read."""
        self.write(f"{text}\n{'═' * len(text)}")
        self.write("\n  name ▸ what somebody does     ┌ what then stands on a screen")
        self.write("  (what happens elsewhere)      ✓ a promise, held against what happened")

    def chapter(self, text: str) -> None:
        """Open a chapter."""
        self.write(f"\n── {text} {'─' * max(0, WIDTH - len(text) - 4)}")

    def aside(self, text: str) -> None:
        """Say what happens outside Slack."""
        self.write(f"\n  ({text})")

    def acts(self, who: str, does: str) -> None:
        """Say what somebody does."""
        self.write(f"\n  {who} ▸ {does}")

    def shows(self, where: str, text: str) -> None:
        """Show what stands on the screen."""
        for line in boxed(where, text, WIDTH - 6):
            self.write(f"    {line}")

    def promise(self, sentence: str, *, holds: bool) -> None:
        """Hold a promise against what happened."""
        if holds:
            self.kept += 1
            self.write(f"    ✓ {sentence}")
        else:
            self.broken.append(sentence)
            self.write(f"    ✗ BROKEN: {sentence}")

    def end(self) -> int:
        """Close the story; the exit code is 1 if a promise was broken."""
        if self.broken:
            self.write(f"\n{len(self.broken)} of {self.kept + len(self.broken)} promises BROKEN.")
            return 1
        self.write(f"\nAll {self.kept} promises kept.")
        return 0
