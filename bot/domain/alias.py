"""A short name of a pipeline, as people are told of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.domain.reference import DEFAULT

TEAM_WIDE = ""
"""Stands where the channel of a name would, if it is the whole team's."""

MOST = 50
"""Names that one channel, or the team, may have: more than anybody remembers."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A short name and what it stands for."""

    channel: str
    """Empty for the whole team."""

    name: str
    pipeline: PipelineRef
    pipeline_name: str
    """What the pipeline was called when the name was given; foreign text."""

    by: Person
    set_at: datetime

    @property
    def is_team_wide(self) -> bool:
        """Whether it holds in every channel of the team."""
        return self.channel == TEAM_WIDE

    @property
    def is_default(self) -> bool:
        """Whether it names what is meant where nothing is named."""
        return self.name.casefold() == DEFAULT
