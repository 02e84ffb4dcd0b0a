"""Something happened to an execution: have it looked at for the channels that are told of it."""

import json

from bot.database import Transaction
from bot.domain.catalog import PipelineRef
from bot.domain.execution import ExecutionRef
from bot.jobs.queue import Clash, Job, Jobs
from bot.store import subscriptions

NOTICE = "notice"


def notice_job(pipeline: PipelineRef, named: str) -> Job:
    """Look at an execution that something was told of; ``named`` as ``Event.named`` is."""
    return Job(NOTICE, f"{pipeline.host}/{pipeline.pipeline}/{named}", data=names_of(pipeline))


def names_of(pipeline: PipelineRef) -> str:
    """Write down where a pipeline lives, for a job whose key says which it is."""
    return json.dumps({"v": 1, "workspace": pipeline.workspace, "project": pipeline.project})


def named_in(job: Job, host: str, number: str) -> PipelineRef:
    """Read where a pipeline lives; what was not known is empty."""
    told = json.loads(job.data or "{}")
    return PipelineRef(host, told.get("workspace", ""), told.get("project", ""), int(number))


async def pass_on(transaction: Transaction, jobs: Jobs, ref: ExecutionRef) -> None:
    """Tell of what following saw: a channel without a card may want to be told of it."""
    pipeline = PipelineRef.of(ref)
    if await subscriptions.covers(transaction, pipeline):
        job = notice_job(pipeline, str(ref.execution))
        await jobs.put(transaction, job, clash=Clash.POKE)
