"""Short names of pipelines: of one channel, or of the whole team."""

from sqlalchemy import RowMapping, delete, func, insert, select, update

from bot.database import Transaction
from bot.domain.alias import TEAM_WIDE, Alias
from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.store import moving
from bot.store.tables import alias


async def find(transaction: Transaction, team: str, channel: str, name: str) -> Alias | None:
    """Find what a name stands for in a channel; the channel's own goes before the team's."""
    rows = await transaction.run(
        select(alias)
        .where(
            alias.c.team == team,
            alias.c.channel.in_([channel, TEAM_WIDE]),
            alias.c.name == _key(name),
        )
        .order_by(alias.c.channel.desc())
    )
    row = rows.mappings().first()
    return None if row is None else _read(row)


async def own(transaction: Transaction, team: str, channel: str, name: str) -> Alias | None:
    """Find a name of exactly this channel, or of the team."""
    rows = await transaction.run(
        select(alias).where(
            alias.c.team == team, alias.c.channel == channel, alias.c.name == _key(name)
        )
    )
    row = rows.mappings().first()
    return None if row is None else _read(row)


async def listed(transaction: Transaction, team: str, channel: str) -> list[Alias]:
    """List the names that hold in a channel: its own first, each in alphabetical order."""
    rows = await transaction.run(
        select(alias)
        .where(alias.c.team == team, alias.c.channel.in_([channel, TEAM_WIDE]))
        .order_by(alias.c.channel.desc(), alias.c.name)
    )
    return [_read(row) for row in rows.mappings()]


async def count(transaction: Transaction, team: str, channel: str) -> int:
    """Count the names of a channel, or of the team."""
    rows = await transaction.run(
        select(func.count()).where(alias.c.team == team, alias.c.channel == channel)
    )
    number: int = rows.scalar_one()
    return number


async def put(transaction: Transaction, given: Alias) -> None:
    """Give a name; what it stood for before is forgotten."""
    await take(transaction, given.by.team, given.channel, given.name)
    await transaction.run(
        insert(alias),
        {
            "team": given.by.team,
            "channel": given.channel,
            "name": _key(given.name),
            "host": given.pipeline.host,
            "workspace": given.pipeline.workspace,
            "project": given.pipeline.project,
            "pipeline": given.pipeline.pipeline,
            "pipeline_name": given.pipeline_name,
            "user": given.by.user,
            "set_at": given.set_at,
        },
    )


async def take(transaction: Transaction, team: str, channel: str, name: str) -> bool:
    """Take a name back; whether there was one."""
    found = await transaction.run(
        delete(alias).where(
            alias.c.team == team, alias.c.channel == channel, alias.c.name == _key(name)
        )
    )
    return bool(found.rowcount)


async def move(transaction: Transaction, pipeline: PipelineRef) -> None:
    """Learn where a pipeline lives now, for every name that stands for it."""
    await transaction.run(
        update(alias)
        .where(alias.c.host == pipeline.host, alias.c.pipeline == pipeline.pipeline)
        .values(workspace=pipeline.workspace, project=pipeline.project)
    )


async def move_channel(transaction: Transaction, old: str, new: str) -> None:
    """Follow a channel to its new id; a name that was given there already stays."""
    await moving.move_channel(transaction, alias, old, new, "team", "name", new_stays=True)


def _key(name: str) -> str:
    return name.casefold()[:255]


def _read(told: RowMapping) -> Alias:
    return Alias(
        channel=told["channel"],
        name=told["name"],
        pipeline=PipelineRef(told["host"], told["workspace"], told["project"], told["pipeline"]),
        pipeline_name=told["pipeline_name"],
        by=Person(told["team"], told["user"]),
        set_at=told["set_at"],
    )
