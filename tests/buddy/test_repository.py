"""Commits between two revisions, as Buddy lists them and as nobody should."""

import json
from pathlib import Path

import pytest

from bot.buddy import repository, wire
from bot.buddy.readers import Unreadable
from bot.errors import NotFoundInBuddy
from tests.buddy.samples import READERS

SAMPLES = Path(__file__).parents[1] / "samples" / "buddy"


def test_a_page_of_commits_is_read() -> None:
    """Hash, first line and author; where Buddy shows them."""
    raw = json.loads((SAMPLES / "commits-list.json").read_text("utf-8"))
    page = repository.commits(raw, READERS)

    [commit] = page.commits
    assert commit.first_line == "init repo"
    assert commit.author is not None
    assert commit.author.name == "Ada Example"
    assert page.url.endswith("/acme/company-website/repository/commits")


def test_what_is_odd_is_left_out() -> None:
    """A commit without a hash is none; a link that leads elsewhere is not kept."""
    raw = {"html_url": "https://evil.example/", "commits": [{}, 7, None, {"revision": "abc"}]}
    page = repository.commits(raw, READERS)

    assert [one.sha for one in page.commits] == ["abc"]
    assert page.url == ""


@pytest.mark.parametrize("raw", [None, [], {}, "commits", {"branches": []}])
def test_what_is_no_page_is_unreadable(raw: object) -> None:
    """A body about something else says nothing of commits."""
    with pytest.raises(Unreadable):
        repository.commits(raw, READERS)


def test_the_address_holds_both_revisions() -> None:
    """Each as it is, and nothing that would lead elsewhere."""
    request = wire.comparison("acme", "shop", "a" * 40, "b" * 40, 2)

    assert request.target == (
        f"/workspaces/acme/projects/shop/repository/comparison/{'a' * 40}...{'b' * 40}"
        "?page=2&per_page=100"
    )
    assert "%2F" in wire.comparison("acme", "shop", "../x", "b", 1).path
    with pytest.raises(NotFoundInBuddy):
        wire.comparison("acme", "..", "a", "b", 1)
