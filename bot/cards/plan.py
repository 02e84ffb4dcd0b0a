"""The actions of an execution as a list of tasks: Slack's ``plan`` block, and a plain list.

A plan's tasks know four states: pending, in_progress, complete, error. Source: Slack, «Plan block».
Buddy knows more, so the text of a task says what its mark cannot.
"""

from datetime import datetime, timedelta

from bot.cards import blocks
from bot.cards.card import MAX_PLAN_TASKS, Block
from bot.cards.text import clean, duration, escape, time_of_day
from bot.domain.execution import Execution, PipelineAction, Status
from bot.domain.history import TimeLeft

_STATES = {
    Status.SUCCESSFUL: "complete",
    Status.SKIPPED: "complete",
    Status.FAILED: "error",
    Status.TERMINATED: "error",
    Status.INPROGRESS: "in_progress",
    Status.TERMINATING: "in_progress",
    Status.WAITING_FOR_APPLY: "in_progress",
    Status.WAITING_FOR_VARIABLES: "in_progress",
    Status.WAITING_FOR_SETTABLE_VARIABLES: "in_progress",
    Status.WAITING_FOR_VT_SESSION: "in_progress",
}
_MARKS = {
    "complete": ":white_check_mark:",
    "error": ":x:",
    "in_progress": ":large_blue_circle:",
    "pending": ":white_circle:",
}
_NOTES = {
    Status.SKIPPED: "skipped",
    Status.NOT_EXECUTED: "not executed",
    Status.TERMINATED: "cancelled",
    Status.TERMINATING: "being stopped",
    Status.WAITING_FOR_APPLY: "waits",
    Status.WAITING_FOR_VARIABLES: "waits",
    Status.WAITING_FOR_SETTABLE_VARIABLES: "waits",
    Status.WAITING_FOR_VT_SESSION: "waits",
}
"""What a task's mark cannot say; a gate's own section says what it waits for."""

_DONE = frozenset({Status.SUCCESSFUL, Status.SKIPPED})
MAX_SHOWN = MAX_PLAN_TASKS - 2
"""Actions shown one by one; the rest is counted in a task above and one below."""

MAX_LISTED = 20
"""Lines of the plain list: 20 of at most 130 characters fit a section's 3,000."""


def progress(execution: Execution) -> str:
    """Say how far it came: ``4 of 9 actions done``; only how many where none has begun."""
    if execution.started_at is None:
        return _count(len(execution.actions))
    done = sum(action.status in _DONE for action in execution.actions)
    return f"{done} of {_count(len(execution.actions))} done"


def _count(number: int) -> str:
    return f"{number} action" if number == 1 else f"{number} actions"


def how_far(execution: Execution, left: TimeLeft | None) -> str:
    """Say how far it came, and about how much is left where that can be told."""
    told = progress(execution)
    if left is None:
        return told
    if left.minutes is None:
        return f"{told}, takes longer than usual"
    about = duration(timedelta(minutes=left.minutes)) if left.minutes else ""
    return f"{told}, about {about} left" if about else f"{told}, less than a minute left"


def plan_block(execution: Execution, left: TimeLeft | None = None) -> Block:
    """Render the actions as Slack's native list of tasks."""
    shown, before, after = _window(execution.actions, MAX_SHOWN)
    tasks = [_task(f"action.{index}", action) for index, action in shown]
    if before:
        tasks.insert(0, _bare_task("before", f"{_count(before)} before", "complete"))
    if after:
        tasks.append(_bare_task("after", f"{_count(after)} after", "pending"))
    return {"type": "plan", "title": how_far(execution, left), "tasks": tasks}


def task_list(execution: Execution, left: TimeLeft | None = None) -> Block:
    """Render the actions as text, for workspaces that do not have the plan block."""
    shown, before, after = _window(execution.actions, MAX_LISTED)
    lines = [_line(action) for _, action in shown]
    if before:
        lines.insert(0, f":white_check_mark: {_count(before)} before")
    lines.insert(0, f"*{how_far(execution, left)}*")
    if after:
        lines.append(f":white_circle: {_count(after)} after")
    return blocks.section("\n".join(lines))


def _window(
    actions: tuple[PipelineAction, ...], size: int
) -> tuple[list[tuple[int, PipelineAction]], int, int]:
    """Choose which actions to show: around the first that is not done, as many as fit."""
    numbered = list(enumerate(actions))
    current = next(
        (index for index, action in numbered if not action.status.is_final), len(actions)
    )
    failed = next((i for i, action in numbered if action.status is Status.FAILED), current)
    start = max(0, min(failed - size // 2, len(actions) - size))
    shown = numbered[start : start + size]
    return shown, start, len(actions) - start - len(shown)


def _task(task_id: str, action: PipelineAction) -> Block:
    task = _bare_task(task_id, clean(_name(action), 100), _STATES.get(action.status, "pending"))
    note, since = _note(action), _since(action)
    if since is not None:
        before, after = f"{note} since ".lstrip(), _percent(action)
        task["output"] = blocks.rich_text(before, since, after and f" · {after}")
    elif note:
        task["output"] = blocks.rich_text(note)
    return task


def _bare_task(task_id: str, title: str, status: str) -> Block:
    # A title is a bare string: a text object makes Slack refuse the whole message. Whether Slack
    # reads markup in it is not documented, so angle brackets, which could ping, become round ones.
    safe = title.replace("<", "(").replace(">", ")")
    return {"type": "task_card", "task_id": task_id, "title": safe, "status": status}


def _line(action: PipelineAction) -> str:
    mark = _MARKS[_STATES.get(action.status, "pending")]
    note, since = escape(_note(action), 60), _since(action)
    if since is not None:
        parts = f"{note} since {time_of_day(since)}".lstrip(), _percent(action)
        note = " · ".join(part for part in parts if part)
    return f"{mark} {escape(_name(action), 60)}" + (f" · {note}" if note else "")


def _name(action: PipelineAction) -> str:
    if name := clean(action.name):
        return name
    return "an action" if action.action_id is None else f"action {action.action_id}"


def _note(action: PipelineAction) -> str:
    if action.status is Status.UNKNOWN:
        return clean(action.status_text.lower().replace("_", " "), 60)
    took = ""
    if action.started_at and action.finished_at:
        took = duration(action.finished_at - action.started_at)
    return " · ".join(part for part in (_NOTES.get(action.status, ""), took) if part)


def _since(action: PipelineAction) -> datetime | None:
    """Tell since when it runs or waits: a moment, which does not change as seconds would."""
    is_on = action.status is Status.INPROGRESS or action.status.waits
    return action.started_at if is_on and action.finished_at is None else None


def _percent(action: PipelineAction) -> str:
    """Say how far it is in steps of ten, so that a card does not change with every read."""
    steps = action.progress // 10
    return f"{steps}0 %" if steps and action.status is Status.INPROGRESS else ""
