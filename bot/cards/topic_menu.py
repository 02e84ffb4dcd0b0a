"""Options of the menu of projects and pipelines: written here, read by the handlers.

A value travels through Slack and back and is untrusted input: what it names is looked up again, as
far as the person may see it.
"""

import json

from bot.cards import blocks, menus
from bot.cards.card import MAX_OPTION_TEXT, MAX_OPTION_VALUE, Block
from bot.cards.text import clean
from bot.domain.catalog import Choices, PipelineRef
from bot.domain.command import Topic
from bot.domain.reference import PipelineLink, ProjectName

MAX_PROJECTS = 25
"""Projects that are offered before the pipelines."""


def topic_options(projects: Choices[ProjectName], pipelines: Choices[PipelineRef]) -> list[Block]:
    """Offer projects, then pipelines; the last option says what is missing."""
    offered = [
        option
        for choice in projects.found[:MAX_PROJECTS]
        if (option := project_option(choice.label, choice.means)) is not None
    ]
    offered += menus.pipeline_options(pipelines)
    return offered or [menus.note_option("Nothing fits. Begin with a project, like shop/deploy.")]


def project_option(label: str, name: ProjectName) -> Block | None:
    """Offer all pipelines of a project; None if Slack cannot hold its names."""
    value = json.dumps([name.workspace, name.project], ensure_ascii=False, separators=(",", ":"))
    if len(value) > MAX_OPTION_VALUE:
        return None
    shown = clean(label, MAX_OPTION_TEXT)
    place = clean(f"All pipelines of {name}", MAX_OPTION_TEXT) or "…"
    return {
        "text": blocks.plain(shown or "…"),
        "value": value,
        "description": blocks.plain(place),
    }


def read_topic(value: str, page_host: str) -> Topic | None:
    """Read what was chosen; None if it is no project and no pipeline."""
    pipeline = menus.read_pipeline(value)
    if pipeline is not None:
        return PipelineLink(page_host, pipeline.workspace, pipeline.project, pipeline.pipeline)
    try:
        match json.loads(value):
            case [str(workspace), str(project)] if workspace and project:
                return ProjectName(workspace, project)
    except (ValueError, RecursionError):
        pass
    return None
