"""An execution in a few lines: for lists, for the status, for «is this the one you mean?»."""

from bot.cards.execution import EMOJI, WORDS, standing, state_of, title_of
from bot.cards.plan import progress
from bot.cards.text import code, duration, escape, link, moment
from bot.domain.execution import Execution, GitRefKind, Status

MAX_GATES = 3
_SOURCES = {GitRefKind.BRANCH: "", GitRefKind.TAG: "tag ", GitRefKind.PULL_REQUEST: "PR "}


def emoji_of(execution: Execution) -> str:
    """Choose the emoji of an execution's state."""
    return ":alarm_clock:" if execution.is_delayed else EMOJI[standing(execution)]


def word_of(status: Status) -> str:
    """Say a state in plain words."""
    return WORDS.get(status, "in a state unknown to me")


def glance(execution: Execution) -> str:
    """Tell how an execution stands, in at most six lines of safe mrkdwn."""
    title = link(execution.url, title_of(execution))
    lines = [f"{emoji_of(execution)} *{title}*", _standing(execution)]
    if origin := _origin(execution):
        lines.append(origin)
    for gate in execution.gates[:MAX_GATES]:
        since = f" since {moment(gate.started_at)}" if gate.started_at else ""
        lines.append(f":raised_hand: “{escape(gate.name or 'A gate', 80)}” waits{since}")
    return "\n".join(lines)


def entry(execution: Execution) -> str:
    """Tell how an execution of a list stands, in one or two lines of safe mrkdwn."""
    number = link(execution.url, f"#{execution.ref.execution}")
    origin = _origin(execution)
    return f"{emoji_of(execution)} *{number}* {_standing(execution)}" + (
        f"\n{origin}" if origin else ""
    )


def _standing(execution: Execution) -> str:
    parts = [f"*{state_of(execution).capitalize()}*"]
    if execution.is_delayed and execution.delay_until:
        parts.append(f"for {moment(execution.delay_until)}")
    elif execution.started_at:
        parts.append(f"started {moment(execution.started_at)}")
    if execution.started_at and execution.finished_at and execution.status.is_final:
        parts.append(f"took {duration(execution.finished_at - execution.started_at)}")
    elif execution.actions and not execution.is_delayed:
        parts.append(progress(execution))
    return " · ".join(parts)


def _origin(execution: Execution) -> str:
    parts = []
    if execution.git_ref:
        source = _SOURCES[execution.git_ref.kind] + execution.git_ref.name.removeprefix("pull/")
        parts.append(code(source, 80))
    if execution.revision:
        parts.append(code(execution.revision.short_sha))
        if subject := execution.revision.first_line:
            parts.append(escape(subject, 100))
    elif execution.comment.strip():
        parts.append(escape(execution.comment, 100))
    if execution.creator and execution.creator.name:
        parts.append(f"by {escape(execution.creator.name, 60)}")
    return " · ".join(parts)
