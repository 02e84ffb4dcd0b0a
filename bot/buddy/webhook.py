"""Read what Buddy sends by itself: the body of a webhook, and what a pipeline's step sends.

Pure. A body is only a hint. Its numbers say which execution to look at; its links are taken apart
for numbers and names and are never called; nothing else of it is kept. Bodies differ by the age of
Buddy: a branch may be a text, an execution may lack its pipeline, and links may lack the workspace.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.buddy.fields import Object, read_moment, read_number, read_object, read_text
from bot.domain.event import Event, Source
from bot.domain.link import read_link
from bot.domain.reference import PipelineLink

MAX_LINK = 2000
"""Characters of a link that is taken apart."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}")
"""A workspace's handle or a project's name id."""

_WORD = re.compile(r"[A-Z_]{1,32}")
_RUN = re.compile(r"[0-9a-f]{8,32}", re.IGNORECASE)
_OLD_API = re.compile(r"/projects/[^/]+/pipelines/([0-9]{1,15})(?:/executions/[0-9]{1,15})?\Z")


@dataclass(frozen=True, slots=True)
class _Linked:
    """What a link says."""

    workspace: str = ""
    project: str = ""
    pipeline: int | None = None
    hash: str = ""
    number: int | None = None


def read_webhook(body: Object) -> Event | None:
    """Read the body of a workspace's webhook; None if it is about no execution, such as a push.

    No field names the event: what happened follows from how the execution stood.
    """
    execution = read_object(body.get("execution"))
    linked = _linked(execution.get("html_url"))
    pipeline = (
        read_number(read_object(execution.get("pipeline")).get("id"))
        or linked.pipeline
        or _linked(execution.get("url")).pipeline
    )
    number = read_number(execution.get("id"))
    if not pipeline or not (number or linked.hash):
        return None
    workspace = _name(read_object(body.get("workspace")).get("domain"))
    project = _name(read_object(body.get("project")).get("name"))
    return Event(
        Source.WEBHOOK,
        workspace or linked.workspace,
        project or linked.project,
        pipeline,
        number or None,
        "" if number else linked.hash,
        _standing(execution),
    )


def read_step(fields: Mapping[str, Any]) -> Event | None:
    """Read what a pipeline's step sends; None if it does not say which execution it is.

    It sends Buddy's own variables under their own names: ``BUDDY_RUN_URL``, ``BUDDY_RUN_ID`` and
    ``BUDDY_PIPELINE_ID``, or the older ``BUDDY_EXECUTION_…``. A name that Buddy did not replace by
    a value is no number, so it counts as not told. The hint tells the calling step's own run, which
    is another one for each gate, where it is sent.
    """

    def told(name: str) -> object:
        return fields.get(f"BUDDY_RUN_{name}") or fields.get(f"BUDDY_EXECUTION_{name}")

    linked = _linked(told("URL"))
    pipeline = read_number(fields.get("BUDDY_PIPELINE_ID")) or linked.pipeline
    number = read_number(told("ID")) or linked.number
    found = _match(_RUN, told("HASH")).lower() or linked.hash
    if not pipeline or not (number or found):
        return None
    return Event(
        Source.STEP,
        linked.workspace,
        linked.project,
        pipeline,
        number or None,
        "" if number else found,
        _match(_RUN, fields.get("BUDDY_ACTION_RUN_HASH")).lower(),
    )


def _linked(raw: object) -> _Linked:
    """Take a link apart; whose host it names does not matter, since nobody goes there."""
    url = read_text(raw)
    if not url or len(url) > MAX_LINK:
        return _Linked()
    link = read_link(url)
    if link is None:
        # The oldest bodies leave the workspace out.
        old = _OLD_API.search(url)
        return _Linked(pipeline=int(old[1])) if old else _Linked()
    execution = link.execution
    at = execution.pipeline
    assert isinstance(at, PipelineLink)  # noqa: S101 - a link names its pipeline by number
    return _Linked(
        _name(at.workspace), _name(at.project), at.pipeline, execution.hash, execution.number
    )


def _standing(execution: Object) -> str:
    """Write down how an execution stood; the same however often it is told."""
    moments = (read_moment(execution.get(name)) for name in ("start_date", "finish_date"))
    written = ("" if at is None else str(round(at.timestamp() * 1000)) for at in moments)
    return "|".join([_match(_WORD, execution.get("status")), *written])


def _name(raw: object) -> str:
    return _match(_NAME, raw)


def _match(pattern: re.Pattern[str], raw: object) -> str:
    text = read_text(raw)
    return text if pattern.fullmatch(text) else ""
