"""How late what is due begins, noted where it begins."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import percentile


@dataclass(slots=True)
class Lateness:
    """What began since somebody asked to note it."""

    seconds: list[float] = field(default_factory=list)
    is_on: bool = False

    def note(self, seconds: float) -> None:
        """Note that something began so long after its moment."""
        if self.is_on:
            self.seconds.append(seconds)

    async def obey(self, order: str) -> object:
        """Begin to note, or tell what was noted."""
        match order:
            case "begin":
                self.seconds.clear()
                self.is_on = True
                return None
            case "end":
                self.is_on = False
                late = self.seconds or [0.0]
                told = {"p50": percentile(late, 50), "p99": percentile(late, 99)}
                return {"polls": len(self.seconds), **told, "rss_mb": resident_mb()}
            case _:
                raise ValueError(order)


def resident_mb(pid: int | None = None) -> float:
    """Tell how much memory a process has now. Source: proc_pid_status(5), VmRSS, in kB."""
    status = Path(f"/proc/{pid or os.getpid()}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
