"""See at a start whether what Buddy sends arrives: call ourselves by our public address.

A proxy may not pass the paths on, or may drop the header with Buddy's secret, since its name has an
underscore. Then every delivery is refused, and nobody sees why. Nothing of this is an error: with
several replicas another one may answer, and some networks have no way from here to their own door.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

import aiohttp
import structlog

from bot.store.hooks import HookKind

log = structlog.get_logger()

WITHIN = timedelta(seconds=20)
SECRET_HEADER = "secret_key"  # noqa: S105 - its name  # pragma: allowlist secret
"""Source: a webhook receiver that works. Proxies drop such a header unless they are told not to."""

_TRIES = 3
"""Another replica may answer, which does not know what this one sends."""

_TIMEOUT = aiohttp.ClientTimeout(total=5)
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Reach:
    """One look at the way from outside, with an address and a secret of its own."""

    session: aiohttp.ClientSession
    public_url: str
    hook_id: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def answer(self, hook_id: str, secret: str) -> HTTPStatus | None:
        """Answer our own call; None if it is not ours."""
        if not secrets.compare_digest(hook_id.encode("utf-8", "replace"), self.hook_id.encode()):
            return None
        is_right = secrets.compare_digest(secret.encode("utf-8", "replace"), self.secret.encode())
        return HTTPStatus.NO_CONTENT if is_right else HTTPStatus.FORBIDDEN

    async def look(self) -> None:
        """Call, and tell the operator what came of it."""
        try:
            with_header = await self._calls({SECRET_HEADER: self.secret}, {})
            if with_header == HTTPStatus.NO_CONTENT:
                log.info("notifications.reachable")
                return
            if with_header != HTTPStatus.FORBIDDEN:
                log.warning("notifications.not_passed_on", status=with_header)
                return
            in_body = await self._calls({}, {"secret_key": self.secret})
        except _NO_ANSWER as failure:
            log.warning("notifications.unreachable", error=type(failure).__name__)
            return
        if in_body == HTTPStatus.NO_CONTENT:
            log.warning("notifications.header_dropped", header=SECRET_HEADER)
        else:
            log.info("notifications.answered_by_another")

    async def _calls(self, headers: dict[str, str], body: dict[str, str]) -> int:
        """Call until this process answers, a few times; the last status."""
        url = f"{self.public_url}{HookKind.WEBHOOK.path}/{self.hook_id}"
        status = 0
        for _ in range(_TRIES):
            async with self.session.post(
                url, json=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                status = response.status
            if status != HTTPStatus.FORBIDDEN:
                break
        return status
