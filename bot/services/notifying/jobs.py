"""The jobs of notifications: how each is called, and what it is told besides its name."""

from bot.domain.catalog import PipelineRef
from bot.domain.execution import ExecutionRef
from bot.jobs.queue import Job
from bot.services.following.news import NOTICE, named_in, names_of, notice_job

__all__ = [
    "NOTICE",
    "NOTIFY",
    "PATROL",
    "POLL",
    "Identity",
    "notice_job",
    "noticed",
    "notified",
    "notify_job",
    "poll_job",
    "polled",
]

NOTIFY, POLL, PATROL = "notify", "poll", "patrol"

Identity = tuple[str, int, int]


def notify_job(team: str, channel: str, ref: ExecutionRef) -> Job:
    """Tell a channel of an execution."""
    return Job(NOTIFY, f"{team}/{channel}/{ref.host}/{ref.pipeline}/{ref.execution}")


def poll_job(pipeline: PipelineRef) -> Job:
    """Look at a pipeline's list."""
    return Job(POLL, f"{pipeline.host}/{pipeline.pipeline}", data=names_of(pipeline))


def noticed(job: Job) -> tuple[PipelineRef, str]:
    """Read which execution a job looks at; its pipeline's names may be unknown, then empty."""
    host, pipeline, named = job.key.split("/", 2)
    return named_in(job, host, pipeline), named


def notified(job: Job) -> tuple[str, str, Identity]:
    """Read whom a job tells of what: team, channel, execution."""
    team, channel, host, pipeline, execution = job.key.split("/")
    return team, channel, (host, int(pipeline), int(execution))


def polled(job: Job) -> PipelineRef:
    """Read which pipeline's list a job looks at."""
    host, pipeline = job.key.split("/")
    return named_in(job, host, pipeline)
