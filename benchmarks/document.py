"""Write ``docs/benchmarks.md`` from one run: what was measured, how, and what it says.

Pure: the same run always gives the same text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.follow.page import Following, section
from benchmarks.operations import (
    AIM_HEAD,
    BURST_HEAD,
    BURST_TITLE,
    CROWD,
    ENGINE,
    PACE_HEAD,
    PACE_TITLE,
    PAUSE_SECONDS,
    Operations,
)
from benchmarks.report import HEAD, LIMIT_HEAD, Limit, markdown, times
from benchmarks.scenes import FLOOR, HELP, LATE_SECONDS, Scene

ROWS = f"""\
## What the rows are

Every row is sent the same kind of signed request, byte for byte what (simulated) Slack sends, each
with a new trigger id. Every server is a process of its own.

| Row | What it does |
| --- | --- |
| floor | An aiohttp handler that checks Slack's signature and answers 200. Nothing that is a \
Python web server and checks whom it talks to can be much quicker. |
| bare Bolt, 1 listener | The smallest app of Bolt's tutorial, with Bolt's own server: one slash \
command, acknowledged with nothing. Who the team is, is a constant, so it never asks Slack. |
| bare Bolt, many listeners | The same with as many listeners as Greenlight has routes, half \
commands and half buttons. The one asked for comes last: Bolt's worst case, as every app of that \
size has it for its last one. |
| Greenlight, /buddy help | The whole bot as `greenlight serve` starts it, its database included. \
The request changes nothing, so nothing is stored. Its answer is larger than the peers': the whole \
help. |
| Greenlight, Approve | A press of the button, stored with `synchronous=FULL` before it is \
acknowledged. All presses are for one gate; the first has its effect, the others are refused as \
answered already, and each of their people is told so. |
| …, {LATE_SECONDS} s late | The same while every answer of Slack's Web API and of Buddy's API \
takes {LATE_SECONDS} seconds. Help is asked for while those clicks still wait. |
| …, just before | The same while they still answer at once: what late answers are compared with. |
| one commit, bare | One row in one transaction through the bot's own database layer: what being \
durable costs on this disk. |
"""

OPERATIONS = f"""\
## Operations

Every click here is for an execution of its own, which waits at a gate. Its card stands in Slack
already; the bot meets the execution with the click, so no waiting gate is polled meanwhile. The bot
checks the click, claims the decision, sends the PATCH, tells the card's thread and paints the card,
in the same durable steps as always. Each bot has its own simulators; they, the load and
PostgreSQL's own processes share the other core.

- *One click at a time* counts from the moment the signed request is sent until the simulated Buddy
  receives the PATCH, {PAUSE_SECONDS:g} s after the click before. The bot's *own* time is that
  without the time in which the simulators were at work on what it asked of them before: they note
  when a request arrived and when its answer was ready. What they need beside that to read and to
  write counts as the bot's.
- *In a burst* all clicks come over {CROWD} connections, each as soon as the one before it is
  acknowledged. `PATCHes/s` counts until the last PATCH arrived, `all told/s` until every thread was
  told and every card painted. `CPU ms each` is the bot's processor time for all of that, and
  `1 / CPU` what one core of its own could do at most, were the far sides no limit.
- *{ENGINE[0].upper()}{ENGINE[1:]}* takes the same burst with nothing of the bot around it: a
  request puts a job in a transaction, and the job claims a row in a second one and sends the PATCH.
  Nobody is checked, nothing is read, told or painted. The difference is what the bot does for its
  people.

The aims are those of the jobs engine's design. They are no promises: a run does not fail by them.
"""

METHOD = """\
## How it is measured

- All servers share one core, taking turns; the load and both simulators share another.
- Rounds are interleaved: each round measures every row once, in an order that rotates, after the
  last server has come to rest. One more round before only warms up. Every figure is the median of
  the rounds; p50 and p99 are a round's own percentiles.
- The load client is a socket with the least of HTTP, over connections that stay open, and waits for
  each answer before it sends the next request. It is thin because its own time is part of every
  figure: a comfortable client would flatter the slow rows.
- `CPU us` is the server's processor time for each request, with all of its threads and with the
  work that goes on behind its answers.
- Where requests/s times CPU per request is well below one second, the client was the limit and not
  the server. So it is for the floor under load, which is quicker than shown there.
- A promise compares each round with itself, and the median of these comparisons decides: whatever
  slows the machine for some rounds slows both sides. How many rounds keep it tells how sure that
  is.

Differences under 20 % are not resolved. Figures of different runs or machines must not be compared,
only the ratios inside one run.
"""

LIMITS_OF_IT = """\
## What is not measured

- The way from Slack to the bot: network, TLS, a reverse proxy.
- The real Slack and the real Buddy; both are simulated, and their rate limits are switched off.
- Commands that must ask Buddy before they can answer.
- Socket Mode, and a bot that has run for days.
- Anything but CPython with uvloop and one process; acknowledgements on PostgreSQL.
"""

RUN_IT = """\
## Run it yourself

```console
$ make bench                                # half an hour; fails when a promise is missed
$ .venv/bin/python -m benchmarks --quick    # a first look, too short to believe
$ .venv/bin/python -m benchmarks --write    # writes this page
$ .venv/bin/python -m benchmarks.follow --count 10000 --rounds 1    # following alone
$ .venv/bin/python -m benchmarks.notify --write    # notifications; writes their section
```

`--storage` names the folder for SQLite's files; choose one on the disk that production uses.
PostgreSQL is started for the run, in the folder for temporary files, and waits for the disk. The
tests' variable `GREENLIGHT_TEST_DATABASE_URL` names another server, with a role that may create
databases.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    facts: list[str]
    """The machine, the versions and the day."""

    rounds: int
    scenes: list[Scene]
    operations: list[Operations]
    limits: list[Limit]
    peer: str
    """The row of Bolt with as many listeners as the bot has routes."""

    not_taken: int
    """Clicks that could not be stored in time, whose people were told so."""

    following: Following | None = None


def document(run: Run) -> str:
    """Write the whole page."""
    parts = [
        "# Benchmarks: how fast Slack is acknowledged, and operations are done",
        "This page is written by `python -m benchmarks --write` from one run. Do not edit it.",
        summary(run),
        "\n".join(f"- {fact}." for fact in [*run.facts, _amount(run)]),
        f"## Promises\n\n{markdown([LIMIT_HEAD, *(limit.cells() for limit in run.limits)])}",
        "## Figures",
        *(
            f"### {scene.title}\n\n{scene.amount}.\n\n"
            f"{markdown([('Row', *HEAD[1:]), *scene.rows()])}"
            for scene in run.scenes
        ),
        OPERATIONS,
        *_operations(run.operations),
        *([section(run.following)] if run.following else []),
        ROWS,
        METHOD,
        LIMITS_OF_IT,
        RUN_IT,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _operations(measured: Sequence[Operations]) -> list[str]:
    """Write the tables of operations."""
    paced = [PACE_HEAD, *(one.pace_row() for one in measured)]
    bursts = [BURST_HEAD, *(row for one in measured for row in one.burst_rows())]
    aims = [AIM_HEAD, *(row for one in measured for row in one.aims())]
    return [
        f"### {PACE_TITLE}\n\n{markdown([('Row', *PACE_HEAD[1:]), *paced[1:]])}",
        f"### {BURST_TITLE}\n\n{markdown([('Row', *BURST_HEAD[1:]), *bursts[1:]])}",
        markdown(aims),
    ]


def summary(run: Run) -> str:
    """Say in one paragraph what came out, missed promises included."""
    missed = sum(not limit.holds for limit in run.limits)
    verdict = (
        f"**Missed in this run: {missed} of {len(run.limits)} promises**; the table says which."
        if missed
        else f"All {len(run.limits)} promises hold in this run."
    )
    compared = [
        f"at {scene.concurrency} requests at a time it answers "
        f"{times(scene.lines[HELP].rates, scene.lines[run.peer].rates):.2f} "
        "times as many per second"
        for scene in run.scenes
        if scene.concurrency > 1
    ]
    alone = {name: line.percentiles(50) for name, line in run.scenes[0].lines.items()}
    latency = times(alone[run.peer], alone[HELP])
    beside_floor = times(alone[HELP], alone[FLOOR])
    sentence = ", ".join(
        (f"one request at a time is answered {latency:.0f} times as fast", *compared)
    )
    return (
        f"Beside {run.peer} in the same run: {sentence}. One at a time, it takes "
        f"{beside_floor:.1f} times what a signature check behind a bare web server takes. {verdict}"
    )


def _amount(run: Run) -> str:
    told = f"Medians of {run.rounds} interleaved rounds"
    if run.not_taken:
        told += f"; {run.not_taken} clicks were not taken in time and their people told so"
    return told
