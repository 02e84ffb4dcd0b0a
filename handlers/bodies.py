"""Read the body of a request: whole and raw, limited in size and time, never logged."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from aiohttp import web
from yarl import query_to_pairs

MAX_BODY_BYTES = 1024 * 1024
"""Payloads stay far below; a view of Slack's may have 250 kB."""

BODY_WITHIN = timedelta(seconds=2)
"""How long the body of a request may take to arrive."""


class BodyRefused(Exception):
    """A body that came too slowly, or is not what it says."""

    def __init__(self, status: int) -> None:
        super().__init__("body refused")
        self.status = status
        """What the sender is answered."""


async def read_raw(request: web.Request) -> bytes:
    """Read the body; one that came together with its head needs no deadline.

    Raises:
        BodyRefused: it came too slowly, or is compressed and not what it says.
    """
    try:
        if request.content.is_eof():
            return await request.read()
        async with asyncio.timeout(BODY_WITHIN.total_seconds()):
            return await request.read()
    except TimeoutError:
        raise BodyRefused(408) from None
    except web.RequestPayloadError:
        raise BodyRefused(400) from None


def read_json(raw: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        BodyRefused: it is none.
    """
    try:
        told = json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise BodyRefused(400) from None
    if not isinstance(told, dict):
        raise BodyRefused(400)
    return told


def read_form(raw: bytes) -> dict[str, Any]:
    """Read a form; of a field that is there twice, the last counts.

    Raises:
        BodyRefused: it is none.
    """
    try:
        return dict(query_to_pairs(raw.decode()))
    except ValueError:
        raise BodyRefused(400) from None
