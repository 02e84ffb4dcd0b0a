"""Name what a run's figures belong to, in general terms: machine, versions, and other work."""

import os
import platform
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bot import __version__

PACKAGES = ("slack-bolt", "aiohttp", "uvloop", "sqlalchemy", "asyncpg")


def surroundings() -> list[str]:
    """Describe the machine, the versions and the day."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    release = ".".join(platform.release().split(".")[:2])
    return [
        f"{_processor()}, {_cores()} cores, {platform.system()} {release}",
        f"Greenlight {__version__}, Python {platform.python_version()}, {packages}",
        f"Measured on {datetime.now(UTC).date().isoformat()}",
    ]


def _busy_seconds() -> float | None:
    """Tell how long all cores were at work or taken away. Source: proc_stat(5), first line."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _idle, _iowait, *others = map(int, stat.read_text("utf-8").split()[1:9])
    return (user + nice + system + sum(others)) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Tell the processor time of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@dataclass(frozen=True, slots=True)
class Others:
    """What else the machine did while it measured."""

    began: float = field(default_factory=time.monotonic)
    busy_before: float | None = field(default_factory=_busy_seconds)
    own_before: float = field(default_factory=_own_seconds)

    def facts(self) -> list[str]:
        """Tell, once all servers have ended, how much of the cores other work took."""
        busy = _busy_seconds()
        if busy is None or self.busy_before is None:
            return []
        others = (busy - self.busy_before) - (_own_seconds() - self.own_before)
        elapsed = (time.monotonic() - self.began) * (os.cpu_count() or 1)
        percent = max(0.0, 100 * others / elapsed)
        return [f"Other work on the machine took {percent:.0f} % of its cores during the run"]


def cores() -> tuple[int, int]:
    """Choose a core for the servers and one for the load; -1 where there is no choice."""
    if not hasattr(os, "sched_getaffinity"):
        return -1, -1
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[-1]


def _cores() -> int | None:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists():
        return platform.processor() or platform.machine()
    told: dict[str, str] = {}
    for line in cpuinfo.read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        told.setdefault(name.strip(), value.strip())
    model = told.get("model name", platform.machine())
    return f"{model}, virtual machine" if "hypervisor" in told.get("flags", "").split() else model
