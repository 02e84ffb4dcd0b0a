"""Every failure has one class and one sentence that helps, and gives nothing away."""

import re
from dataclasses import fields

import pytest

from bot import errors
from bot.errors import (
    BotError,
    BuddyForbids,
    BuddyRefuses,
    CommandSyntaxError,
    GateGone,
    NotFoundInBuddy,
    UnknownName,
    ValuesNeeded,
    clean,
    link,
    quote,
)
from tests.errors import every_class, sample_of, samples_of, situations

SECRET = "01234567-89ab-cdef-0123-456789abcdef"


def test_every_class_has_a_code_of_its_own() -> None:
    """The code is what stands in logs, the audit and the runbook."""
    codes = [each.code for each in every_class()]

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_class_says_when_it_is_raised() -> None:
    """The docstring is the situation."""
    assert all(each.__dict__.get("__doc__", "").strip() for each in every_class())


def test_the_tree_in_the_module_names_every_class() -> None:
    """Each once, below its family."""
    drawn = re.findall(r"^ {4}([│ ]*(?:[├└]── )?)(\w+)", errors.__doc__ or "", re.MULTILINE)
    depths = [(len(branch) // 4, name) for branch, name in drawn]

    assert sorted(depths) == sorted(
        (len(each.__mro__) - len(BotError.__mro__), each.__name__) for each in every_class()
    )


@pytest.mark.parametrize("family", [each for each in every_class() if each.__subclasses__()])
def test_a_family_is_no_situation(family: type[BotError]) -> None:
    """Nobody raises a family: there is nothing to tell."""
    with pytest.raises(AssertionError, match=family.__name__):
        family().explain()


@pytest.mark.parametrize("situation", situations())
def test_a_message_ends_with_a_step(situation: type[BotError]) -> None:
    """The last sentence tells what to do, so it begins with a verb or names where to look."""
    told = sample_of(situation, "shop").explain()
    *before, last = [each for each in re.split(r"(?<=[.?])\s+", told) if each]

    assert before, "a message says what happened, then what to do"
    assert told.endswith((".", "`."))
    assert STEP.match(last), last


STEP = re.compile(
    r"(Ask|Check|Choose|Click|Connect|Copy|Create|Do|For example:|Invite|Look|Open|Please|Post"
    r"|Revoke|Tell|The card|Try|Type|Use|Wait|All commands:|<https://app\.buddy\.works)"
)


@pytest.mark.parametrize("situation", situations())
def test_an_error_in_a_log_shows_only_its_code(situation: type[BotError]) -> None:
    """Tracebacks and logs write ``str`` or ``repr``; fields hold what people wrote."""
    error = sample_of(situation, SECRET)

    assert str(error) == situation.code
    assert repr(error) == f"{situation.__name__}({situation.code!r})"
    assert error.args == (situation.code,)


def test_an_error_can_be_raised_through_a_context_manager() -> None:
    """A frozen one would raise a second error when its traceback is set."""
    for error in samples_of("shop"):
        with pytest.raises(type(error)) as caught:
            raise error
        assert caught.value is error


@pytest.mark.parametrize("error", samples_of("<!channel> & <@U1>"), ids=lambda error: error.code)
def test_foreign_text_is_escaped(error: BotError) -> None:
    """A name can neither ping nor link."""
    told = error.explain().replace("<@TOM>", "")
    told = re.sub(r"<https://app\.buddy\.works[^<>|]*\|Open it in Buddy>", "", told)
    told = re.sub(r"<!date\^\d+\^\{time\}\|\d\d:\d\d UTC>", "", told)

    assert not set("<>") & set(told)
    assert not re.search("&(?!amp;|lt;|gt;)", told)


def test_what_is_known_is_told() -> None:
    """Optional facts make the message better, and are not missed in it."""
    assert "It said: “no rights”." in BuddyForbids("no rights").explain()
    assert "It said" not in BuddyForbids("").explain()
    assert "Buddy refused: “too late”." in BuddyRefuses(400, "too late").explain()
    assert "Buddy refused (status 400)." in BuddyRefuses(400, "").explain()
    assert "Did you mean “shop”?" in UnknownName("project", "shp", "shop").explain()
    assert "Did you mean" not in UnknownName("project", "shp").explain()
    assert GateGone("", "running").explain().startswith("The gate of this button no longer waits")
    assert "answered" not in GateGone("Go?", "running").explain()
    assert "Open it in Buddy and" in ValuesNeeded("").explain()


@pytest.mark.parametrize(
    ("text", "column", "line", "pointer"),
    [
        ("", 0, "/buddy", 7),
        ("show shop", 9, "/buddy show shop", 16),
        ("show  a  b", 9, "/buddy show  a  b", 16),
        ("\tshow\nx `y`", 6, "/buddy  show x 'y'", 13),
        ("a\u202eb\x00c", 4, "/buddy a b c", 11),
        ("x" * 50 + "y", 50, "…" + "x" * 40 + "y", 41),
        ("x < y", 4, "/buddy x &lt; y", 11),
        (" " * 100, 60, "…", 41),
    ],
)
def test_a_mistake_is_pointed_at(text: str, column: int, line: str, pointer: int) -> None:
    """The mark stands under the character, whatever stands before it."""
    told = CommandSyntaxError(text, column, "Wrong.", "show a/b#1").explain()

    assert told.startswith(f"Wrong.\n```{line}\n{' ' * pointer}^```\n")
    assert told.endswith("For example: `/buddy show a/b#1`. All commands: `/buddy help`.")


def test_a_step_is_written_as_people_type_it() -> None:
    """An operator may have named the command otherwise."""
    error = NotFoundInBuddy()
    error.command = "/ci"

    assert "(`/ci whoami`)" in error.explain()
    assert "/buddy" not in error.explain()


@pytest.mark.parametrize(
    ("foreign", "cleaned"),
    [
        ("  one \n two\t\r\nthree ", "one two three"),
        ("a\x00b\x1bc\x9bd", "abcd"),
        ("txt.\u202eexe\u2066\u200f", "txt.exe"),
        ("half \ud83d", "half"),
        ("żółć 漢字 עברית 👩‍👩‍👧", "żółć 漢字 עברית 👩‍👩‍👧"),
        ("x" * 21, "x" * 19 + "…"),
        ("<&>", "<&>"),
    ],
)
def test_foreign_text_fits_on_one_line(foreign: str, cleaned: str) -> None:
    """Letters of any script stay; what moves or hides text goes."""
    assert clean(foreign, 20) == cleaned


def test_quoted_text_is_cut_before_it_is_escaped() -> None:
    """So that no entity is cut in two."""
    assert quote("<" * 30, 3) == "&lt;&lt;…"


@pytest.mark.parametrize(
    ("url", "label", "written"),
    [
        ("", "shop", "shop"),
        ("https://x/?a=1&b=2", "shop", "<https://x/?a=1&amp;b=2|shop>"),
        ("https://x/<y>|z", "a|b", "<https://x/%3Cy%3E%7Cz|a¦b>"),
    ],
)
def test_a_link_stays_one_link(url: str, label: str, written: str) -> None:
    """Neither the address nor the label can end it early."""
    assert link(url, label) == written


def test_no_field_is_forgotten_by_the_samples() -> None:
    """A new field of an error is hostile until it is known to be ours."""
    names = {field.name for each in situations() for field in fields(each)}

    assert {"message", "text", "name", "nearest", "choices", "gate", "gates"} <= names
