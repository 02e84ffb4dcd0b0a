"""Learn where pipelines live now, since workspaces and projects are renamed.

A pipeline keeps its number, so it is found wherever it is. That it lives in a workspace of another
name does not say that the workspace was renamed: its project may have moved. It was if whoever
reads the pipeline sees the new name among their workspaces, and the old one no longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.subscription import Subscription
from bot.services.identity import Actor
from bot.store import hooks, subscriptions

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Renamed:
    """A workspace that has another name now, as a Slack team knows it."""

    team: str
    host: str
    old: str
    new: str


async def renamed(
    several: Sequence[Subscription], at: PipelineRef, actor: Actor
) -> tuple[Renamed, ...]:
    """List the workspaces that must have been renamed for a pipeline to be where it is.

    Raises:
        BuddyError: that cannot be told now.
    """
    moved = {(one.team, one.scope.workspace) for one in _moved(several, at)}
    olds = {old for _, old in moved} - {at.workspace}
    if not olds:
        return ()
    mine = {each.domain for each in await actor.buddy.workspaces()}
    if at.workspace not in mine:
        return ()
    gone = olds - mine
    return tuple(
        Renamed(team, at.host, old, at.workspace) for team, old in sorted(moved) if old in gone
    )


async def learn(
    transaction: Transaction,
    several: Sequence[Subscription],
    at: PipelineRef,
    known: Sequence[Renamed],
) -> None:
    """Note where a pipeline lives now, and what its workspace is called."""
    if moved := [one.id for one in _moved(several, at)]:
        await subscriptions.learn_names(transaction, moved, at)
    for one in known:
        told = (one.team, one.host, one.old, one.new)
        await subscriptions.learn_workspace(transaction, *told)
        await hooks.learn_workspace(transaction, *told)
        log.info("workspace.renamed", workspace=one.new)


def _moved(several: Sequence[Subscription], at: PipelineRef) -> list[Subscription]:
    return [
        one
        for one in several
        if one.scope.pipeline == at.pipeline
        and (one.scope.workspace, one.scope.project) != (at.workspace, at.project)
    ]
