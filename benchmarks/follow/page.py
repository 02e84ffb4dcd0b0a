"""Write what came of following into the page of all benchmarks. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.follow.crowd import HEAD as CROWD_HEAD
from benchmarks.follow.crowd import Outcome
from benchmarks.follow.many import HEAD, Follower
from benchmarks.report import LIMIT_HEAD, Limit, markdown

TITLE = "## Following"

HOW = """\
Thousands of executions stay open and are read every five seconds, with Buddy's budgets switched
off. Nothing changes on their cards, but no answer is the same: each has the size and the fields of
a real one with nine actions, is read whole, and is compared with what the card shows.

- *Greenlight* is the whole bot in one process, on a database that was filled with executions, their
  cards and their jobs as a bot leaves them. Fifty people asked for the cards; the executions are of
  a hundred pipelines.
- *A task for each* is the naive way: for every execution an asyncio task that sleeps, reads with
  aiohttp, takes the answer apart with the bot's own readers, renders the bot's own card and
  compares its digest. It stores nothing, shares nothing among replicas, and forgets all of it at
  its end.
- Whoever is measured has a core of its own, all of its threads included; Buddy and Slack, one
  process of bare sockets and ready answers, and PostgreSQL's own processes share the other one.
- *polls/s* is counted by the far side. *Waits* is the part of the time in which whoever is
  measured had work to do while other work had its core: on a quiet machine next to nothing.
  `1 / CPU` is what a core of its own could read at most. *Late* is how long after its moment a
  look began. *Cold* is the time from the start of a new process until every execution was read
  once, everything due.
- Each round starts a process anew, in an order that rotates; figures are medians of the rounds.
"""

CROWD = """\
Fifty runs of about ten minutes in one channel, of one pipeline, begin within two minutes. One
person asked for all of their cards, so one token reads all of them. Its limit is 1,000 calls an
hour; Slack's limits are those that it publishes. Each run comes to a gate half-way; four of five
are answered in Buddy's web app, the others by a click on the card; one of ten runs fails. Time is
simulated and passes a second at a time, so what people wait for is told to the second.
"""


@dataclass(frozen=True, slots=True)
class Following:
    """What was measured."""

    facts: list[str]
    """The machine, the day, and what else was at work."""

    rounds: int
    followers: Sequence[Follower]
    crowd: Outcome | None
    limits: list[Limit] = field(default_factory=list)


def section(measured: Following) -> str:
    """Write the section."""
    facts = [*measured.facts, f"Medians of {measured.rounds} interleaved rounds"]
    parts = [
        TITLE,
        "\n".join(f"- {fact}." for fact in facts),
        markdown([LIMIT_HEAD, *(limit.cells() for limit in measured.limits)]),
        "### Thousands of open executions",
        markdown([("Row", *HEAD[1:]), *(follower.row() for follower in measured.followers)]),
        HOW,
    ]
    if measured.crowd is not None:
        parts += [
            "### A crowd, within Buddy's and Slack's limits",
            "\n".join(f"- {fact}." for fact in measured.crowd.facts()),
            markdown([("Until the card shows that", *CROWD_HEAD[1:]), *measured.crowd.rows()]),
            CROWD,
        ]
    return "\n\n".join(part.strip() for part in parts)
