"""Which runs there are: every story, with and without troubles, struck at every boundary."""

import itertools
import random
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from tests.crash.faults import CALM, OF_PATCH, OF_POST, OF_POSTS, OF_READS, OF_SLACK
from tests.crash.runs import Strike
from tests.crash.scenes import (
    APPROVE,
    CANCEL,
    CONNECT,
    RETRY,
    RUN,
    STORIES,
    TWO_CHANNELS,
    TYPED,
    VALUES,
)
from tests.crash.told import FAILURE, NOTIFY
from tests.crash.told import STORIES as TOLD


def plays(*, troubled: bool) -> list[Strike]:
    """List the stories, each with the troubles that it may meet."""
    found = [Strike(story, CALM) for story in (*STORIES, *TOLD)]
    if troubled:
        for story, troubles in (
            (APPROVE, (*OF_PATCH, *OF_READS, *OF_SLACK)),
            (CANCEL, OF_PATCH),
            (VALUES, (*OF_PATCH, *OF_READS)),
            (RETRY, OF_PATCH),
            (TYPED, OF_SLACK),
            (CONNECT, OF_READS),
            (TWO_CHANNELS, OF_SLACK),
            (RUN, (*OF_POST, *OF_READS, *OF_SLACK)),
            (NOTIFY, (*OF_READS, *OF_POSTS)),
            (FAILURE, OF_POSTS),
        ):
            found += [Strike(story, trouble) for trouble in troubles]
    return found


def in_turn(found: Sequence[Strike], seed: int, only: str) -> Iterator[Strike]:
    """Go round and round over what was found: each boundary in its turn, each time in another play.

    A boundary of many plays is struck as often as one of few.
    """
    by_boundary: defaultdict[str, list[Strike]] = defaultdict(list)
    for strike in found:
        if only in strike.place:
            by_boundary[strike.boundary].append(strike)
    chance = random.Random(seed)  # noqa: S311 - chooses runs, guards nothing
    queues = []
    for strikes in by_boundary.values():
        # Without trouble first: that is where most people are most of the time.
        chance.shuffle(strikes)
        queues.append(deque(sorted(strikes, key=lambda strike: strike.trouble is not CALM)))
    chance.shuffle(queues)
    for queue in itertools.cycle(queues):
        yield queue[0]
        queue.rotate(-1)
