"""The text after the slash command is understood, or answered with the place of the mistake."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.command import (
    Command,
    Connect,
    Disconnect,
    Executions,
    Help,
    Logs,
    Operate,
    Pipelines,
    Projects,
    Show,
    ShowStatus,
    Whoami,
    parse,
    with_choice,
)
from bot.domain.execution import Operation
from bot.domain.link import MAX_NUMBER_DIGITS
from bot.domain.reader import MAX_REASON, read_execution, read_pipeline, read_project
from bot.domain.reference import (
    AnyPipeline,
    ExecutionName,
    PipelineLink,
    PipelineName,
    ProjectName,
)
from bot.domain.usages import USAGES, Usage
from bot.errors import CommandSyntaxError, TokenInText

SHOP = PipelineName("", "shop", "deploy")
DEPLOY = ExecutionName(SHOP, 12)
LATEST = ExecutionName(SHOP)


def named(project: str, pipeline: str) -> ExecutionName:
    """Name the second execution of a pipeline."""
    return ExecutionName(PipelineName("", project, pipeline), 2)


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
        (
            "show acme/shop/deploy#12",
            Show(ExecutionName(PipelineName("acme", "shop", "deploy"), 12)),
        ),
        ('show "my shop"/"deploy #1"#2', Show(named("my shop", "deploy #1"))),
        ("show „my shop“/«deploy»#2", Show(named("my shop", "deploy"))),
        ("show shop/deploy", Show(LATEST)),
        ("projects", Projects()),
        ("pipelines", Pipelines()),
        ("pipelines shop", Pipelines(ProjectName("", "shop"))),
        ('Pipelines acme/"Web Shop"', Pipelines(ProjectName("acme", "Web Shop"))),
        ("executions", Executions()),
        ("executions shop/deploy", Executions(SHOP)),
        ("executions acme/shop/7", Executions(PipelineName("acme", "shop", "7"))),
        ("status", ShowStatus()),
        ("status shop/deploy", ShowStatus(LATEST)),
        ("status shop/deploy#12", ShowStatus(DEPLOY)),
        ("logs shop/deploy", Logs(LATEST)),
        ("logs shop/deploy#12", Logs(DEPLOY)),
        ("logs shop/deploy#12 Build  it", Logs(DEPLOY, "Build it")),
        ("logs shop/deploy#12 “Build it”", Logs(DEPLOY, "Build it")),
        ("approve shop/deploy", Operate(Operation.APPROVE, LATEST)),
        ("approve shop/deploy reason:x", Operate(Operation.APPROVE, LATEST, "x")),
        ("approve shop/deploy#12", Operate(Operation.APPROVE, DEPLOY)),
        ("reject shop/deploy#12", Operate(Operation.REJECT, DEPLOY)),
        ("cancel shop/deploy#12", Operate(Operation.CANCEL, DEPLOY)),
        ("retry shop/deploy#12", Operate(Operation.RETRY, DEPLOY)),
        ("start shop/deploy#12", Operate(Operation.START, DEPLOY)),
        ("approve shop/deploy#12 reason:tested", Operate(Operation.APPROVE, DEPLOY, "tested")),
        (
            'approve shop/deploy#12 reason:it is "fine" on  staging ',
            Operate(Operation.APPROVE, DEPLOY, 'it is "fine" on  staging'),
        ),
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
    assert str(command).startswith(usage.word)
    if isinstance(command, Operate):
        assert not command.reason or "reason:" in usage.arguments


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
        ("show shop/deploy 12", 17, "I do not understand the text from here on."),
        ("approve shop/deploy # 12", 20, "I do not understand the text from here on."),
        ("logs", 4, "Which execution?"),
        ("logs shop/deploy#12x", 19, "I do not understand the text from here on."),
        ('logs shop/deploy#12 "Build', 20, "This quote is never closed."),
        ("pipelines a/b/c", 15, "A project is named project or workspace/project."),
        ("pipelines https://app.buddy.works/a/b", 10, "Type the project's name here, not a link."),
        ("projects shop", 9, "I do not understand the text from here on."),
        ("executions shop", 15, "A pipeline is named project/pipeline."),
        ("executions shop/deploy#12", 22, "I do not understand the text from here on."),
        ("status shop", 11, "A pipeline is named project/pipeline."),
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
workspaces = st.just("") | parts
in_path = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    "-".__ne__
)
numbers = st.integers(0, 10**MAX_NUMBER_DIGITS - 1)
words = st.builds(PipelineName, workspaces, parts, parts)
links = st.builds(
    PipelineLink,
    st.sampled_from(["app.buddy.works", "127.0.0.1:8080", "[::1]:3000", "buddy.example.com"]),
    in_path,
    in_path,
    numbers,
)
pipelines: st.SearchStrategy[AnyPipeline] = words | links
hashes = st.text("0123456789abcdef", min_size=8, max_size=32)
names = st.builds(ExecutionName, pipelines, st.none() | numbers) | st.builds(
    ExecutionName, links, hash=hashes
)
reasons = st.just("") | st.text(st.characters(exclude_characters='"”')).map(str.strip)
lines = st.just("") | st.text(st.characters(exclude_characters='"“”„«»')).map(
    lambda text: " ".join(text.split())
)
may_say_why = [Operation.APPROVE, Operation.REJECT, Operation.CANCEL]
PLAIN: list[Command] = [Connect(), Disconnect(), Whoami(), Projects(), Help(), Help("logs")]
commands: st.SearchStrategy[Command] = (
    st.sampled_from(PLAIN)
    | st.builds(Pipelines, st.none() | st.builds(ProjectName, workspaces, parts))
    | st.builds(Executions, st.none() | pipelines)
    | st.builds(Show, names)
    | st.builds(ShowStatus, st.none() | names)
    | st.builds(Logs, names, lines)
    | st.builds(Operate, st.sampled_from(may_say_why), names, reasons)
    | st.builds(Operate, st.sampled_from([Operation.RETRY, Operation.START]), names)
)


@given(commands)
@example(Show(ExecutionName(PipelineName("", "a b", "c#1/«d»"), 3)))
@example(Operate(Operation.CANCEL, LATEST, "«why» not"))
def test_a_command_written_by_the_bot_is_understood_by_the_bot(command: Command) -> None:
    """Whatever the bot shows can be typed, and whatever a button carries is what was asked."""
    text = str(command)
    try:
        assert parse(text) == command
    except TokenInText:
        assert text.count("-") >= 4


@given(pipelines)
def test_a_choice_takes_the_place_of_what_was_not_exact(pipeline: AnyPipeline) -> None:
    """Everything else that was asked stays as it was typed."""
    choice = str(pipeline)
    why = Operate(Operation.CANCEL, DEPLOY, "late")

    assert with_choice(why, "pipeline", choice) == Operate(
        Operation.CANCEL, ExecutionName(pipeline, 12), "late"
    )
    assert with_choice(Show(LATEST), "pipeline", choice) == Show(ExecutionName(pipeline))
    assert with_choice(Executions(SHOP), "pipeline", choice) == Executions(pipeline)


def test_a_choice_of_a_project_or_an_action_is_put_where_it_belongs() -> None:
    """Each kind of choice has its own place."""
    shop = ProjectName("acme", "shop")
    assert with_choice(Pipelines(ProjectName("", "sh")), "project", str(shop)) == Pipelines(shop)
    assert with_choice(Logs(DEPLOY, "b"), "action", "Build it") == Logs(DEPLOY, "Build it")
    assert with_choice(Logs(DEPLOY, "b"), "pipeline", "a/b") == Logs(
        ExecutionName(PipelineName("", "a", "b"), 12), "b"
    )
    assert with_choice(Projects(), "project", "shop") == Projects()


def test_what_is_written_alone_is_read_alone() -> None:
    """Rows and choices hold a name without its command."""
    assert read_execution(str(DEPLOY)) == DEPLOY
    assert read_pipeline(str(SHOP)) == SHOP
    assert read_project("acme/shop") == ProjectName("acme", "shop")
