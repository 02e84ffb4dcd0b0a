"""Servers for tests."""

import asyncio
from typing import cast

from benchmarks.server import Server
from benchmarks.stage import Ready

NOWHERE = Server(Ready(port=0, pid=0, secret=""), cast("asyncio.subprocess.Process", None))
"""A server that was never started, for targets that are only named."""
