"""What Buddy sends by itself: its webhooks, and the calls of pipelines' own steps.

    POST /buddy/webhooks/{id}   JSON; the secret in the header ``secret_key``, or in the body
    POST /buddy/runs/{id}       JSON or a form; the secret as ``Authorization: Bearer …``

A wrong secret and an address that nobody has get the same answer, after the same work. What was
sent is never repeated, neither to the sender nor in the log.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web

from bot.buddy.webhook import read_step, read_webhook
from bot.database import StorageUnavailable
from bot.domain.event import Event
from bot.metrics import Delivered
from bot.services.notifying.letterbox import Letter, Letterbox
from bot.store.hooks import HookKind
from handlers.bodies import BodyRefused, read_form, read_json, read_raw
from handlers.reach import SECRET_HEADER, Reach

log = structlog.get_logger()

_ID = re.compile(r"[A-Za-z0-9_-]{20,43}")
_FORM = "application/x-www-form-urlencoded"
_SOON = {"Retry-After": "5"}
_STATUSES = {Delivered.REFUSED: 403, Delivered.UNREADABLE: 422}
_TEXTS = {
    Delivered.REFUSED: "The address or the secret is wrong.\n",
    Delivered.UNREADABLE: "Send BUDDY_RUN_URL, BUDDY_RUN_ID and BUDDY_PIPELINE_ID.\n",
}


@dataclass(frozen=True, slots=True)
class BuddyDoor:
    """Takes what Buddy sends."""

    letterbox: Letterbox
    reach: Reach | None = None
    """Our own look at the way from outside, where there is one."""

    def add_to(self, application: web.Application) -> None:
        """Offer the addresses."""
        application.router.add_post(f"{HookKind.WEBHOOK.path}/{{id}}", self.webhook)
        application.router.add_post(f"{HookKind.STEP.path}/{{id}}", self.step)

    async def webhook(self, request: web.Request) -> web.Response:
        """Take what a workspace's webhook tells."""
        try:
            body = read_json(await read_raw(request))
        except BodyRefused as refused:
            return web.Response(status=refused.status)
        told = body.get("secret_key")
        secret = request.headers.get(SECRET_HEADER) or (told if isinstance(told, str) else "")
        if self.reach is not None:
            ours = self.reach.answer(request.match_info["id"], secret)
            if ours is not None:
                return web.Response(status=ours)
        return await self._take(request, HookKind.WEBHOOK, secret, read_webhook(body))

    async def step(self, request: web.Request) -> web.Response:
        """Take what a pipeline's step tells, when a gate opens."""
        try:
            raw = await read_raw(request)
            fields = read_form(raw) if request.content_type == _FORM else read_json(raw)
        except BodyRefused as refused:
            return web.Response(status=refused.status)
        return await self._take(request, HookKind.STEP, _bearer(request.headers), read_step(fields))

    async def _take(
        self, request: web.Request, kind: HookKind, secret: str, event: Event | None
    ) -> web.Response:
        hook_id = request.match_info["id"]
        # What no address of ours looks like is looked up all the same, as one that nobody has.
        letter = Letter(kind, hook_id if _ID.fullmatch(hook_id) else "", secret, event)
        try:
            receipt = await self.letterbox.take(letter)
        except StorageUnavailable as failure:
            log.warning("delivery.not_taken", reason=str(failure))
            return web.Response(status=503, headers=_SOON)
        status = _STATUSES.get(receipt, 200)
        return web.Response(status=status, text=_TEXTS.get(receipt, "ok\n"))


def _bearer(headers: Mapping[str, str]) -> str:
    kind, _, secret = headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""
