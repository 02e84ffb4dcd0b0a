"""What stands in the fields of the form that starts a run."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.catalog import PipelineRef
from bot.domain.command import Assignment, Priority, Run
from bot.domain.execution import GitRef, GitRefKind, Revision
from bot.domain.run import RunRequest
from bot.domain.run_entries import Entries
from tests.domain.samples import execution

AT = PipelineRef("api.buddy.works", "acme", "shop", 7)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAIN = GitRef(GitRefKind.BRANCH, "main")
SHA = "8c1f0f6f1f8e4a0c9a43d7a2b7f0c5d1e2a3b4c5"


def test_a_request_goes_into_the_form_and_comes_out_again() -> None:
    """Nothing of it gets lost."""
    request = RunRequest(
        AT,
        MAIN,
        SHA,
        (Assignment("A", "1"),),
        "why",
        from_scratch=True,
        clear_cache=True,
        priority=Priority.LOW,
        delay_until=NOON,
    )
    assert Entries.of(request).request(AT) == request


def test_a_command_goes_into_the_form() -> None:
    """When it is to start is made a moment by whoever knows the person's zone."""
    typed = Run(None, MAIN, "", (Assignment("A", "1"),), "why", priority=Priority.HIGH)
    told = Entries.of(typed)
    assert (told.ref, told.comment, told.starts_at) == (MAIN, "why", None)
    assert told.variables == typed.variables


@pytest.mark.parametrize(
    ("ref", "revision"),
    [
        (MAIN, SHA),
        (None, SHA),
        (GitRef(GitRefKind.TAG, "v1"), ""),
        (GitRef(GitRefKind.PULL_REQUEST, "pull/12"), ""),
    ],
)
def test_an_execution_goes_into_the_form(ref: GitRef | None, revision: str) -> None:
    """A tag or a pull request says by itself which commit it is."""
    ran = replace(
        execution(), git_ref=ref, revision=Revision(SHA.upper(), "Fix", None), comment=" why "
    )
    told = Entries.of_execution(ran)
    assert (told.ref, told.revision, told.comment) == (ref, revision, "why")
    assert Entries.of_execution(replace(ran, revision=None)).revision == ""


def test_what_only_the_request_says_is_taken_from_it() -> None:
    """An execution does not tell its values, nor how it was run."""
    asked = Entries(
        variables=(Assignment("A", "1"),),
        comment="then",
        from_scratch=True,
        clear_cache=True,
        priority=Priority.LOW,
    )
    assert Entries(MAIN, comment="now").like(asked) == replace(asked, ref=MAIN, comment="now")
