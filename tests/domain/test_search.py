"""Names are found as people type them, and quickly."""

import time
from itertools import islice

import pytest

from bot.domain.search import Likeness, Names


def names(*all_of_them: str) -> Names[str]:
    """Make a list of things that are their own names; after a colon comes a second one."""
    return Names(all_of_them, by=lambda thing: thing.split(":"))


SOME = names("deploy", "Deploy", "deploy-docs", "build:Deploy", "x:Straße  9")


@pytest.mark.parametrize(
    ("name", "found", "is_guessed"),
    [
        ("deploy", ["deploy"], False),
        ("DEPLOY", ["deploy", "Deploy", "build:Deploy"], False),
        ("depl", ["deploy", "Deploy", "deploy-docs", "build:Deploy"], True),
        ("STRASSE 9", ["x:Straße  9"], False),
        ("eploy", [], True),
        ("nothing", [], True),
    ],
)
def test_the_first_way_that_finds_something_decides(
    name: str, found: list[str], *, is_guessed: bool
) -> None:
    """The id, then a whole name in any case, then its beginning."""
    assert SOME.fitting(name) == (found, is_guessed)


def test_each_likeness_includes_those_before_it() -> None:
    """What begins like this, then a word that does, then whatever holds it."""
    some = names("redocs", "docs-api", "api docs", "docs", "other:my/docs")

    found = [list(some.like("Docs", likeness)) for likeness in Likeness]
    assert found == [
        ["docs"],
        ["docs-api", "docs"],
        ["docs-api", "api docs", "docs", "other:my/docs"],
        list(some.things),
    ]
    assert list(some.like(".*", Likeness.WORD)) == []


def test_the_nearest_is_a_guess_or_nothing() -> None:
    """A far-fetched guess would be worse than none."""
    assert SOME.nearest("deplyo") == "deploy"
    assert SOME.nearest("zzz") == ""
    assert names().nearest("a") == ""


@pytest.mark.parametrize("text", ["deploy 2", "e", "project-499", "zzz"])
def test_twenty_thousand_pipelines_are_looked_through_in_time(text: str) -> None:
    """A menu asks at every letter: 500 projects with 40 pipelines each take 20 ms at most."""
    every = [
        [f"deploy-{one}:project-{project} Deploy {one}" for one in range(40)]
        for project in range(500)
    ]
    lists = [names(*one) for one in every]

    def look() -> float:
        began = time.process_time()
        for likeness in Likeness:
            hits = (hit for one in lists for hit in one.like(text, likeness))
            assert len(list(islice(hits, 100))) <= 100
        return time.process_time() - began

    assert min(look() for _ in range(5)) < 0.02
