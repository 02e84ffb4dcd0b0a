"""The text after the slash command is understood, or answered with the place of the mistake."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.command import (
    MAX_NUMBER_DIGITS,
    MAX_REASON,
    USAGES,
    Command,
    Connect,
    Disconnect,
    ExecutionName,
    Help,
    Operate,
    Show,
    Usage,
    Whoami,
    parse,
)
from bot.domain.execution import Operation
from bot.errors import CommandSyntaxError, TokenInText

DEPLOY = ExecutionName("", "shop", "deploy", 12)
TOKEN = "01234567-89AB-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", Help()),
        (" \t\n", Help()),
        ("help", Help()),
        ("help approve", Help("approve")),
        ("HELP Approve", Help("approve")),
        ("connect", Connect()),
        ("  Connect  ", Connect()),
        ("disconnect", Disconnect()),
        ("whoami", Whoami()),
        ("show shop/deploy#12", Show(DEPLOY)),
        ("show  shop/deploy#0012 ", Show(DEPLOY)),
        ("show acme/shop/deploy#12", Show(ExecutionName("acme", "shop", "deploy", 12))),
        ('show "my shop"/"deploy #1"#2', Show(ExecutionName("", "my shop", "deploy #1", 2))),
        ("show „my shop“/«deploy»#2", Show(ExecutionName("", "my shop", "deploy", 2))),
        ("approve shop/deploy#12", Operate(Operation.APPROVE, DEPLOY)),
        ("reject shop/deploy#12", Operate(Operation.REJECT, DEPLOY)),
        ("cancel shop/deploy#12", Operate(Operation.CANCEL, DEPLOY)),
        ("retry shop/deploy#12", Operate(Operation.RETRY, DEPLOY)),
        ("start shop/deploy#12", Operate(Operation.START, DEPLOY)),
        ("approve shop/deploy#12 reason:tested", Operate(Operation.APPROVE, DEPLOY, "tested")),
        ('reject shop/deploy#12 Reason:"a b"', Operate(Operation.REJECT, DEPLOY, "a b")),
        ('reject shop/deploy#12 reason: "a b"', Operate(Operation.REJECT, DEPLOY, "a b")),
        ("reject shop/deploy#12 reason:", Operate(Operation.REJECT, DEPLOY)),
        ('cancel shop/deploy#12 reason:""', Operate(Operation.CANCEL, DEPLOY)),
    ],
)
def test_a_command_is_understood(text: str, command: Command) -> None:
    """Words may be written in any case, with any space between them."""
    assert parse(text) == command


@pytest.mark.parametrize(
    ("opening", "closing"), [('"', '"'), ("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("”", "”")]
)
def test_quotes_may_be_those_that_a_phone_inserts(opening: str, closing: str) -> None:
    """«Smart punctuation» turns the quotes that people type into those of their language."""
    command = parse(f"cancel shop/deploy#12 reason:{opening}wrong branch{closing}")

    assert command == Operate(Operation.CANCEL, DEPLOY, "wrong branch")


@pytest.mark.parametrize("usage", USAGES, ids=lambda usage: usage.word)
def test_every_example_of_the_help_is_a_command(usage: Usage) -> None:
    """Whoever copies an example from the help gets what the help describes."""
    command = parse(usage.example)

    assert usage.example.startswith(usage.word)
    if isinstance(command, Operate):
        assert command.operation.value == usage.word
        assert not command.reason or "reason:" in usage.arguments
    else:
        assert type(command).__name__.lower() == usage.word


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("show", 4, "Which execution?"),
        ("show  ", 6, "Which execution?"),
        ("show shop", 9, "A pipeline is named project/pipeline."),
        ("show shop#12", 9, "A pipeline is named project/pipeline."),
        ("show /deploy#12", 5, "A name is missing here."),
        ("show shop/#12", 10, "A name is missing here."),
        ('show " "/deploy#12', 8, "A name is missing here."),
        ("show a/b/c/d#1", 12, "A pipeline has at most workspace/project/pipeline."),
        ("show shop/deploy", 16, "The number of the execution is missing, such as #12."),
        ("show shop/deploy 12", 16, "The number of the execution is missing, such as #12."),
        ("show shop/deploy#", 17, "After # comes the execution's number."),
        ("show shop/deploy#x", 17, "After # comes the execution's number."),
        ("show shop/deploy#٣", 17, "After # comes the execution's number."),
        (f"show a/b#{'1' * (MAX_NUMBER_DIGITS + 1)}", 9, "After # comes the execution's number."),
        ('show "shop/deploy#12', 5, "This quote is never closed."),
        ('reject a/b#1 reason:"wrong', 20, "This quote is never closed."),
        ("show shop/deploy#12 now", 20, "I do not understand the text from here on."),
        ("show shop/deploy#12x", 19, "I do not understand the text from here on."),
        ("retry a/b#1 reason:why", 12, "I do not understand the text from here on."),
        ("connect me", 8, "I do not understand the text from here on."),
        ("help approve now", 13, "I do not understand the text from here on."),
        ("xyzzy", 0, "I do not know this command."),
        (" help xyzzy", 6, "I do not know this command."),
    ],
)
def test_a_mistake_is_answered_with_its_column(text: str, column: int, problem: str) -> None:
    """People see where their text stopped making sense, and one example that works."""
    with pytest.raises(CommandSyntaxError) as caught:
        parse(text)

    assert (caught.value.column, caught.value.problem) == (column, problem)
    assert parse(caught.value.example) is not None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("approove", "approve"),
        ("Cance", "cancel"),
        ("konnekt", "connect"),
        ("retryy", "retry"),
    ],
)
def test_a_misspelt_command_is_answered_with_the_nearest_one(typed: str, meant: str) -> None:
    """A slip of the finger does not send people to the help."""
    with pytest.raises(CommandSyntaxError) as caught:
        parse(f"{typed} shop/deploy#12")

    assert caught.value.problem == f"Did you mean `{meant}`?"
    assert caught.value.example.startswith(meant)


@pytest.mark.parametrize("text", [f"connect {TOKEN}", TOKEN, f"approve a/b#1 reason:x{TOKEN}y"])
def test_a_token_in_the_text_is_noticed_before_anything_else(text: str) -> None:
    """A typed token must be revoked, so no other mistake may hide it."""
    with pytest.raises(TokenInText):
        parse(text)


@pytest.mark.parametrize("reason", ['reason:"{}"', "reason:{}"])
def test_a_reason_of_any_length_is_kept_short(reason: str) -> None:
    """The reason stands in a thread that everybody reads."""
    command = parse("cancel a/b#1 " + reason.format("x" * 1000))

    assert isinstance(command, Operate)
    assert command.reason == "x" * MAX_REASON


texts = (
    st.text()
    | st.text(alphabet='ab /#"“”„«»reason:12\t')
    | st.sampled_from(USAGES).flatmap(
        lambda usage: st.text(alphabet='ab/#"“”1 :').map(lambda rest: f"{usage.word} {rest}")
    )
)


def mistake_in(text: str) -> CommandSyntaxError | None:
    """Find out whether a text is a mistake; a token is none."""
    try:
        parse(text)
    except CommandSyntaxError as error:
        return error
    except TokenInText:
        pass
    return None


@given(texts)
@example('show "')
@example("İ reason:")
def test_any_text_is_a_command_or_a_mistake_with_a_column(text: str) -> None:
    """Whatever people type, the answer never falls over, and points into their text."""
    mistake = mistake_in(text)

    assert mistake is None or 0 <= mistake.column <= len(text)
    assert mistake is None or mistake.explain()


# No quotes, which would close the part; no name that looks like a token, which is taken for one.
parts = st.text(st.characters(exclude_characters='"”'), min_size=1, max_size=30).filter(str.strip)
names = st.builds(
    ExecutionName,
    workspace=st.just("") | parts,
    project=parts,
    pipeline=parts,
    number=st.integers(0, 10**MAX_NUMBER_DIGITS - 1),
)


@given(names)
@example(ExecutionName("", "a b", "c#1/«d»", 3))
def test_an_execution_written_by_the_bot_is_understood_by_the_bot(name: ExecutionName) -> None:
    """Whatever name the bot shows can be copied into a command."""
    assert parse(f"show {name}") == Show(name)
