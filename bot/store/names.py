"""What links and names led to: hashes of executions, and what pipelines were called.

Nothing here is trusted to be so today: it only tells which number to look for, among what the
person who asks may see.
"""

from sqlalchemy import select, update

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.execution import ExecutionRef
from bot.domain.reference import PipelineName
from bot.store import aliases
from bot.store.tables import card, follow, known_name

MAX_NAME = 255
"""Characters of a name that are kept; longer ones are not remembered."""

_MAX_KNOWN = 20


async def number_of(transaction: Transaction, pipeline: PipelineRef, found: str) -> int | None:
    """Tell which execution has this hash, if it was ever followed."""
    rows = await transaction.run(
        select(follow.c.execution).where(
            follow.c.host == pipeline.host,
            follow.c.pipeline == pipeline.pipeline,
            follow.c.hash == found,
        )
    )
    number: int | None = rows.scalars().first()
    return number


async def move(transaction: Transaction, pipeline: PipelineRef) -> None:
    """Learn where a pipeline lives now, for every execution and every short name of it."""
    await transaction.run(
        update(follow)
        .where(follow.c.host == pipeline.host, follow.c.pipeline == pipeline.pipeline)
        .values(workspace=pipeline.workspace, project=pipeline.project)
    )
    await aliases.move(transaction, pipeline)


async def remember(transaction: Transaction, name: PipelineName, pipeline: PipelineRef) -> None:
    """Remember which pipeline a name led to; the workspace is the one it was found in."""
    values = {
        "host": pipeline.host,
        "workspace": pipeline.workspace.casefold(),
        "project": name.project.casefold(),
        "name": name.pipeline.casefold(),
        "pipeline": pipeline.pipeline,
    }
    if all(len(str(value)) <= MAX_NAME for value in values.values()):
        await transaction.insert_once(known_name, values)


async def known(transaction: Transaction, host: str, name: PipelineName) -> list[int]:
    """List the numbers of pipelines that this name led to before."""
    where = [
        known_name.c.host == host,
        known_name.c.project == name.project.casefold(),
        known_name.c.name == name.pipeline.casefold(),
    ]
    if name.workspace:
        where.append(known_name.c.workspace == name.workspace.casefold())
    rows = await transaction.run(select(known_name.c.pipeline).where(*where).limit(_MAX_KNOWN))
    return sorted(set(rows.scalars()))


async def resembling(
    transaction: Transaction, host: str, project: str, name: str
) -> list[tuple[str, str]]:
    """List workspaces and projects in which somebody named a pipeline that begins like this.

    As they were typed: a project may be only the beginning of its name.
    """
    rows = await transaction.run(
        select(known_name.c.workspace, known_name.c.project)
        .where(
            known_name.c.host == host,
            known_name.c.project.startswith(project.casefold(), autoescape=True),
            known_name.c.name.startswith(name.casefold(), autoescape=True),
        )
        .distinct()
        .limit(_MAX_KNOWN)
    )
    return [(row.workspace, row.project) for row in rows]


async def open_in(
    transaction: Transaction, team: str, channel: str, host: str
) -> list[ExecutionRef]:
    """List the executions that are not over and have a card in a channel, the latest card first."""
    same = (
        (card.c.host == follow.c.host)
        & (card.c.pipeline == follow.c.pipeline)
        & (card.c.execution == follow.c.execution)
    )
    rows = await transaction.run(
        select(follow)
        .join(card, same)
        .where(
            card.c.team == team,
            card.c.channel == channel,
            follow.c.host == host,
            follow.c.is_open.is_(True),
        )
        .order_by(card.c.id.desc())
    )
    found = [
        ExecutionRef(row.host, row.workspace, row.project, row.pipeline, row.execution)
        for row in rows
    ]
    return list(dict.fromkeys(found))
