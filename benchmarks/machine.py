"""Name the machine and the versions that a run's figures belong to, in general terms."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bot import __version__

PACKAGES = ("slack-bolt", "aiohttp", "uvloop", "sqlalchemy", "aiosqlite")


def surroundings() -> list[str]:
    """Describe the machine, the versions, the day, and how busy the machine was before the run."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    release = ".".join(platform.release().split(".")[:2])
    facts = [
        f"{_processor()}, {_cores()} cores, {platform.system()} {release}",
        f"Greenlight {__version__}, Python {platform.python_version()}, {packages}",
        f"Measured on {datetime.now(UTC).date().isoformat()}",
    ]
    if hasattr(os, "getloadavg"):
        facts.append(
            f"Load average of the machine in the minute before: {os.getloadavg()[0]:.1f} "
            "(work that was not ours)"
        )
    return facts


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
