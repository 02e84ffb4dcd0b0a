"""What a page says about the machine."""

import os

from benchmarks.machine import Others, surroundings


def test_the_machine_is_named_without_its_name() -> None:
    """Kind, versions and day are enough; whose machine it is, is nobody's business."""
    told = " ".join(surroundings())

    assert "slack-bolt" in told
    assert os.uname().nodename not in told
    assert os.sep + "home" not in told


def test_our_own_work_is_not_the_work_of_others() -> None:
    """What this process did since the beginning is taken off; less than nothing is nothing."""
    busy = Others(busy_before=None)
    idle = Others(own_before=-1_000_000.0)

    assert busy.facts() == []
    assert all("took 0 % of its cores" in fact for fact in idle.facts())
