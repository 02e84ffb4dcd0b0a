"""A short cut through the crash suite; the whole of it is ``make crash``."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.crash.campaign import Campaign, Wish
from tests.crash.report import Tally, table
from tests.crash.scenes import RUN
from tests.crash.universe import Pace
from tests.crash.zygote import zygote
from tests.postgres import OwnServer, server

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(params=["sqlite", "postgresql"])
def own_server(request: pytest.FixtureRequest) -> Iterator[OwnServer | None]:
    """Start a server that may crash, or leave the rows in a SQLite file."""
    with ExitStack() as stack:
        yield stack.enter_context(server()) if request.param == "postgresql" else None


async def test_nothing_is_lost_and_nothing_happens_twice(
    own_server: OwnServer | None, tmp_path: Path
) -> None:
    """Whatever happens to the process, at boundaries that are drawn anew each time."""
    wish = Wish(
        kills=5,
        twice=1,
        stops=2,
        freezes=1,
        restarts=1,
        universes=1,
        # Twice the time of the whole suite, so that nobody is taken for dead on a busy machine.
        pace=Pace(dead_after=2, buddy_timeout=2),
        seed=random.randrange(10**6),  # noqa: S311 - pytest-randomly tells the seed of this one
        surely=f"{RUN.name} | run ",
        troubled=False,
    )
    tally = Tally("short cut")
    async with zygote() as bots:
        campaign = Campaign(bots, tmp_path, wish, own_server)
        await campaign.run()
        tally.take(campaign)

    assert tally.broken == [], table([tally])
    assert tally.boundaries > 100
    # On SQLite there are nine; now and then a process never comes to its boundary.
    assert sum(result.is_struck for result in campaign.results) >= 6
