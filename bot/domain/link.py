"""Understand a link into Buddy, as people paste it.

    web    https://app/{workspace}/{project}/pipelines/pipeline/{number}[/execution/{hash}]
    API    https://api/workspaces/{w}/projects/{p}/pipelines/{number}[/executions/{number}]

A part of a web link may be preceded by ``-``; ``?approve=true`` and the like are no part of it, and
``?actionExecutionId=`` names one run of an action. Whether the host is ours is judged by whoever
knows it: here nothing is asked of anybody.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from bot.domain.reference import ExecutionName, PipelineLink

MAX_NUMBER_DIGITS = 12
_HOST = re.compile(r"(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_NUMBER = re.compile(rf"[0-9]{{1,{MAX_NUMBER_DIGITS}}}")
_HASH = re.compile(r"[0-9a-f]{8,32}")
_RUN = re.compile(r"[0-9a-f]{24}")
_WEB = ("pipelines", "pipeline")
_STEPS = "projects", "pipelines"


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link leads to; ``action_run`` is the run of an action that it opens, if any."""

    execution: ExecutionName
    action_run: str = ""


def read_link(url: str) -> Linked | None:
    """Read a link; None if it leads to no pipeline and no execution."""
    try:
        parts = urlsplit(url.replace("&amp;", "&"))
    except ValueError:
        return None
    host = parts.netloc.lower()
    if not _HOST.fullmatch(host):
        return None
    path = [unquote(part) for part in parts.path.split("/") if part not in {"", "-"}]
    execution = _api(host, path) or _web(host, path)
    if execution is None:
        return None
    opened = parse_qs(parts.query).get("actionExecutionId", [""])[0].lower()
    return Linked(execution, opened if _RUN.fullmatch(opened) else "")


def _web(host: str, path: list[str]) -> ExecutionName | None:
    if len(path) < len(("w", "p", *_WEB, "number")) or tuple(path[2:4]) != _WEB:
        return None
    pipeline = _pipeline(host, path[0], path[1], path[4])
    if pipeline is None or path[5:6] != ["execution"]:
        # The pipeline's own page, its list of executions, or its settings.
        return ExecutionName(pipeline) if pipeline else None
    found = path[6].lower() if len(path) > len(("w", "p", *_WEB, "number", "execution")) else ""
    return ExecutionName(pipeline, hash=found) if _HASH.fullmatch(found) else None


def _api(host: str, path: list[str]) -> ExecutionName | None:
    if path[:1] == ["api"]:
        path = path[1:]
    if len(path) < len(("workspaces", "w", "projects", "p", "pipelines", "number")):
        return None
    if path[0] != "workspaces" or (path[2], path[4]) != _STEPS:
        return None
    pipeline = _pipeline(host, path[1], path[3], path[5])
    if pipeline is None or path[6:7] != ["executions"] or len(path) == len(("", *path[:6])):
        return ExecutionName(pipeline) if pipeline else None
    return ExecutionName(pipeline, int(path[7])) if _NUMBER.fullmatch(path[7]) else None


def _pipeline(host: str, workspace: str, project: str, number: str) -> PipelineLink | None:
    if not _NUMBER.fullmatch(number):
        return None
    return PipelineLink(host, workspace, project, int(number))
