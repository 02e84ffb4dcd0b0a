"""``greenlight jobs``: see what is to be done and what is dead, and let dead jobs be tried again.

A job is named by its kind and key; what it works on, and every secret, stays where it is.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.admin.opened import Refused, opened
from bot.admin.table import written
from bot.clock import SystemClock
from bot.jobs import census
from bot.jobs.census import Listed

MOST = 200
"""Jobs that are listed; whoever has more reads the counts above them."""

_COLUMNS = ("id", "kind", "key", "state", "tries", "error", "put at", "due at")


async def jobs(url: str, *, only_dead: bool) -> str:
    """Count the jobs of each kind, and list them.

    Raises:
        Refused: the database does not answer.
    """
    async with opened(url) as database, database.snapshot() as transaction:
        depths = await census.depths(transaction, await database.time(transaction, SystemClock()))
        found = await census.listed(transaction, only_dead=only_dead, most=MOST)
    lines = [str(depth) for depth in depths] or ["There is nothing to do."]
    if found:
        lines += ["", *written([_COLUMNS, *(_row(each) for each in found)])]
    if dead := [each.id for each in found if each.state == "dead"]:
        lines += ["", f"Find their errors in the log. Next: greenlight jobs retry {dead[0]}"]
    return "\n".join(lines)


async def retry(url: str, ids: Sequence[int]) -> str:
    """Let dead jobs be tried again, from their first attempt.

    Raises:
        Refused: none of them is dead, or the database does not answer.
    """
    async with opened(url) as database, database.transaction() as transaction:
        now = await database.time(transaction, SystemClock())
        revived = await census.revive(transaction, ids, now)
    left = [number for number in ids if number not in revived]
    if not revived:
        raise Refused(
            f"{_numbered(left)}: not dead, gone, or replaced by a newer one of the same key. "
            "greenlight jobs list --dead shows what can be tried again."
        )
    lines = [f"{_numbered(revived)}: tried again within a second, if a bot runs."]
    if left:
        lines.append(f"{_numbered(left)}: left alone; not dead, gone, or replaced by a newer one.")
    return "\n".join(lines)


def _row(job: Listed) -> tuple[str, ...]:
    tries = str(job.attempt)
    return (
        *(str(job.id), job.kind, job.key, job.state, tries, job.error or "-"),
        *(_moment(job.put_at), _moment(job.due)),
    )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ") if at else "-"


def _numbered(ids: Sequence[int]) -> str:
    word = "Job" if len(ids) == 1 else "Jobs"
    return f"{word} {', '.join(map(str, ids))}"
