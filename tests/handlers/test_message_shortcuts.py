"""What a message links to is found in whatever Slack puts into it, and never too deep."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.payloads import MessageShortcut, PayloadUnreadable

SAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "samples/slack/shortcut_message.json").read_text("utf-8")
)
RUN = "https://app.buddy.works/acme/shop-api/pipelines/pipeline/231/execution/6741f0c2"


def links_of(message: object) -> tuple[str, ...]:
    """Read the addresses of a message."""
    return MessageShortcut.parse({**SAMPLE, "message": message}).links


def test_the_sample_is_read() -> None:
    """Who, which message, and the one address in it, though it stands there twice."""
    chosen = MessageShortcut.parse(SAMPLE)

    assert chosen.person.user == "U0ANNA0001"
    assert (chosen.place.channel, chosen.place.message_ts) == ("C0DEPLOY01", "1795446010.000200")
    assert chosen.links == (RUN,)
    assert not chosen.is_ours
    assert "hooks.slack.com" not in repr(chosen)


@pytest.mark.parametrize(
    ("message", "links"),
    [
        ({"text": f"see {RUN}, please"}, (RUN,)),
        ({"text": f"<{RUN}?approve=true|this>"}, (f"{RUN}?approve=true",)),
        ({"text": "x", "attachments": [{"title_link": RUN}]}, (RUN,)),
        (
            {"blocks": [{"elements": [{"url": RUN}, {"url": "https://b.example"}]}]},
            (RUN, "https://b.example"),
        ),
        ({"text": None, "blocks": 7}, ()),
        ({}, ()),
    ],
)
def test_addresses_are_found_wherever_they_stand(
    message: dict[str, Any], links: tuple[str, ...]
) -> None:
    """In their order, each once."""
    assert links_of(message) == links


@pytest.mark.parametrize("message", [None, [], "text", 7])
def test_without_a_message_it_is_refused(message: object) -> None:
    """Nothing else has the place that it is about."""
    with pytest.raises(PayloadUnreadable):
        links_of(message)


def test_a_bottomless_message_is_read_in_time() -> None:
    """Depth and breadth are up to whoever wrote it; so much is looked at and no more."""
    deep: object = RUN
    for _ in range(100_000):
        deep = [deep]
    assert links_of({"blocks": deep}) == ()
    assert links_of({"blocks": ["x"] * 100_000, "text": RUN}) == (RUN,)


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=30))
def test_anything_can_stand_in_a_message(part: object) -> None:
    """No shape makes it stumble."""
    assert isinstance(links_of({"blocks": part, "text": part, "thread_ts": part}), tuple)
