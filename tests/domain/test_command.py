"""The text after the slash command is understood, or answered with the place of the mistake."""

from collections.abc import Callable
from datetime import time
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.command import (
    Alias,
    AnyCommand,
    Assignment,
    Command,
    Connect,
    Disconnect,
    Doctor,
    Executions,
    Help,
    Inbox,
    Logs,
    Moment,
    Operate,
    Pipelines,
    Planned,
    Priority,
    Projects,
    Run,
    Show,
    ShowSettings,
    ShowStatus,
    Subscribe,
    Subscriptions,
    Unsubscribe,
    Whoami,
    Why,
    pipeline_of,
    with_choice,
    with_pipeline,
)
from bot.domain.execution import GitRef, GitRefKind, Operation
from bot.domain.form import Form
from bot.domain.grammar import ACTIVE, COMMANDS, WHOLE, parse, write
from bot.domain.link import MAX_NUMBER_DIGITS
from bot.domain.reader import MAX_REASON, read_execution, read_pipeline, read_project
from bot.domain.reference import (
    DEFAULT,
    AnyPipeline,
    ExecutionName,
    PipelineLink,
    PipelineName,
    ProjectName,
)
from bot.errors import CommandSyntaxError, TokenInText

SHOP = PipelineName("", "shop", "deploy")
DEPLOY = ExecutionName(SHOP, 12)
LATEST = ExecutionName(SHOP)
PROD = PipelineName("", "", "prod")
LINK = PipelineLink("app.buddy.works", "acme", "shop", 7)


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
    ("opening", "closing"), ['""', "“”", "„“", "„”", "““", "””", "«»", "»«", '“"', '"”']
)
def test_quotes_may_be_those_that_a_phone_inserts(opening: str, closing: str) -> None:
    """«Smart punctuation» turns the quotes that people type into those of their language."""
    command = parse(f"cancel shop/deploy#12 reason:{opening}wrong branch{closing}")

    assert command == Operate(Operation.CANCEL, DEPLOY, "wrong branch")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("run", Run()),
        ("run shop/deploy", Run(SHOP)),
        ("run prod", Run(PROD)),
        ("run @main", Run(ref=GitRef(GitRefKind.BRANCH, "main"))),
        ("run prod @feature/a#1", Run(PROD, GitRef(GitRefKind.BRANCH, "feature/a#1"))),
        ("run prod tag:v1.2", Run(PROD, GitRef(GitRefKind.TAG, "v1.2"))),
        ("run prod pr:17", Run(PROD, GitRef(GitRefKind.PULL_REQUEST, "17"))),
        ("run prod rev:ABCDEF12", Run(PROD, revision="abcdef12")),
        (
            "run prod clear-cache A=1 comment:“as agreed” B=“x y” From-Scratch",
            Run(
                PROD,
                variables=(Assignment("A", "1"), Assignment("B", "x y")),
                comment="as agreed",
                from_scratch=True,
                clear_cache=True,
            ),
        ),
        ('run prod A= B=""', Run(PROD, variables=(Assignment("A", ""), Assignment("B", "")))),
        ("run prod URL=a=b", Run(PROD, variables=(Assignment("URL", "a=b"),))),
        ("run prod at:8:05 priority:HIGH", Run(PROD, priority=Priority.HIGH, at=time(8, 5))),
        ("inbox", Inbox()),
        ("show prod#12", Show(ExecutionName(PROD, 12))),
        (
            "approve prod#12 A=1 reason:it is B=2",
            Operate(
                Operation.APPROVE, ExecutionName(PROD, 12), "it is B=2", (Assignment("A", "1"),)
            ),
        ),
        ("subscribe shop", Subscribe(ProjectName("", "shop"))),
        ("subscribe shop/*", Subscribe(ProjectName("", "shop"))),
        ("subscribe acme/shop/*", Subscribe(ProjectName("acme", "shop"))),
        ('subscribe shop/"*"', Subscribe(PipelineName("", "shop", "*"))),
        ("subscribe https://app.buddy.works/acme/shop/pipelines/pipeline/7", Subscribe(LINK)),
        (
            "subscribe shop/deploy by:me branch:release/* on:waiting,Failed,waiting",
            Subscribe(SHOP, (Moment.WAITING, Moment.FAILED), "release/*", by_me=True),
        ),
        ("unsubscribe", Unsubscribe()),
        ("unsubscribe shop/deploy", Unsubscribe(SHOP)),
        ("subscriptions", Subscriptions()),
        ("alias", Alias()),
        ("alias for:team", Alias(for_team=True)),
        ("alias prod=shop/deploy", Alias("prod", SHOP)),
        ("alias prod = shop/deploy for:team", Alias("prod", SHOP, for_team=True)),
        ("alias prod =", Alias("prod")),
        ("settings", ShowSettings()),
        ("doctor", Doctor()),
    ],
)
def test_what_is_planned_is_understood_by_the_whole_grammar(text: str, command: AnyCommand) -> None:
    """It is designed in one piece with what there is, so that both fit together."""
    assert WHOLE.parse(text) == command


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        (
            "run prod @main tag:v1",
            15,
            "Only one of `@BRANCH`, `tag:TAG`, `pr:NUMBER`, `rev:SHA` fits.",
        ),
        (
            "run prod @main @next",
            15,
            "Only one of `@BRANCH`, `tag:TAG`, `pr:NUMBER`, `rev:SHA` fits.",
        ),
        ("run prod comment:a comment:b", 19, "This is said twice."),
        ("run prod A=1 B=2 A=3", 17, "This is said twice."),
        ("run prod @", 10, "Here comes BRANCH."),
        ("run prod pr:x", 12, "A pull request has a number."),
        ("run prod rev:main", 13, "A revision is 4 to 64 hexadecimal digits."),
        ("run prod at:25:00", 12, "A time is written like 18:30."),
        ("run prod priority:hihg", 18, "Did you mean `high`?"),
        ("run prod priority:9", 18, "One of low, normal, high fits."),
        ("run prod priorityy:high", 9, "Did you mean `priority:`?"),
        ("run prod clear-cahce", 9, "Did you mean `clear-cache`?"),
        ("run prod comment:a b", 19, "I do not understand the text from here on."),
        ('run prod A="1"B=2', 14, "I do not understand the text from here on."),
        ("subscribe " + "… shop", 12, "I do not understand the text from here on."),
        ("subscribe a/b/c/*", 17, "A project is named project or workspace/project."),
        ("subscribe shop on:started,failedd", 26, "Did you mean `failed`?"),
        ("alias prod shop/deploy", 10, "After the name comes =, and what it stands for."),
        ("alias clear-cache = a/b", 6, "Here comes a short name of letters and digits."),
        ("approve prod#1 reasonn:x", 15, "Did you mean `reason:`?"),
    ],
)
def test_a_mistake_in_an_option_has_its_column_too(text: str, column: int, problem: str) -> None:
    """What contradicts, what is missing and what is misspelt are told apart."""
    with pytest.raises(CommandSyntaxError) as caught:
        WHOLE.parse(text)

    assert (caught.value.column, caught.value.problem) == (column, problem)


PLANNED = [form for form in COMMANDS if not form.is_active]


@pytest.mark.parametrize("form", PLANNED, ids=lambda form: form.word)
def test_what_is_only_planned_is_as_good_as_not_there(form: Form) -> None:
    """It is answered like any unknown word, and nobody is led to it."""
    for text in (form.word, form.example, f"help {form.word}", f"{form.word}x"):
        mistake = mistake_in(text)
        assert mistake is not None
        assert form.word not in mistake.problem
        assert parse(mistake.example) is not None
    assert isinstance(WHOLE.parse(form.example), Planned)


def test_values_are_typed_behind_the_execution() -> None:
    """Quoted where they have spaces; an empty one is a value, too."""
    text = 'approve shop/deploy#12 VERSION=2.1 NOTE="as agreed" EMPTY= reason:tested'
    command = parse(text)

    assert isinstance(command, Operate)
    assert command.variables == (
        Assignment("VERSION", "2.1"),
        Assignment("NOTE", "as agreed"),
        Assignment("EMPTY", ""),
    )
    assert (command.reason, command.meant) == ("tested", Operation.PROVIDE)
    assert command.bare.variables == ()
    assert "2.1" not in repr(command)


def test_what_the_table_calls_active_is_what_the_bot_carries_out() -> None:
    """Everything in ``Command`` must have its handler, or the types do not fit."""
    active = {form.makes for form in ACTIVE}

    assert active == set(get_args(Command))
    assert {form.makes for form in PLANNED} == {Planned}
    assert len({form.word for form in COMMANDS}) == len(COMMANDS)


def test_visual_tests_are_approved_like_everything_else() -> None:
    """People need not know of which kind a gate is."""
    assert write(Operate(Operation.APPROVE_VISUAL_TESTS, DEPLOY)) == "approve shop/deploy#12"


def test_values_of_variables_are_in_no_representation() -> None:
    """What somebody types for a variable may be a secret."""
    command = WHOLE.parse("run prod PASSWORD=hunter2")

    assert "PASSWORD" in repr(command)
    assert "hunter2" not in repr(command)


@pytest.mark.parametrize("usage", ACTIVE, ids=lambda usage: usage.word)
def test_every_example_of_the_help_is_a_command(usage: Form) -> None:
    """Whoever copies an example from the help gets what the help describes."""
    command = parse(usage.example)

    assert usage.example.startswith(usage.word)
    assert write(command).startswith(usage.word)
    if isinstance(command, Operate):
        assert not command.reason or "reason:" in usage.arguments


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("show", 4, "Which execution?"),
        ("show  ", 6, "Which execution?"),
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
        ("executions shop/deploy#12", 22, "I do not understand the text from here on."),
        ("show #", 6, "After # comes the execution's number."),
        ("show #12x", 8, "I do not understand the text from here on."),
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


MARKS = [
    *(option.label.partition(":")[0] + ":" for form in COMMANDS for option in form.options),
    *("A=", "A=1", "@", "@main", "from-scratch", "by:me", "for:team", " ", "shop/", "prod = ", "*"),
]
texts = (
    st.text()
    | st.text(alphabet='ab /#"“”„«»reason:12\t')
    | st.sampled_from(COMMANDS).flatmap(
        lambda form: st.lists(st.sampled_from(MARKS) | st.text('ab/#"“”1 :=@*,'), max_size=8).map(
            lambda parts: f"{form.word} {''.join(parts)}"
        )
    )
)


def mistake_in(text: str, grammar: Callable[[str], object] = parse) -> CommandSyntaxError | None:
    """Find out whether a text is a mistake; a token is none."""
    try:
        grammar(text)
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
    for grammar in (parse, WHOLE.parse):
        mistake = mistake_in(text, grammar)

        assert mistake is None or 0 <= mistake.column <= len(text)
        assert mistake is None or mistake.explain()


parts = st.text(min_size=1, max_size=30).filter(str.strip)
workspaces = st.just("") | parts
in_path = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(
    "-".__ne__
)
numbers = st.integers(0, 10**MAX_NUMBER_DIGITS - 1)
words = st.builds(PipelineName, workspaces, parts, parts)
aliases = st.from_regex(r"[a-z0-9ü][a-z0-9_.-]{0,39}", fullmatch=True).filter(
    lambda name: name not in {"from-scratch", "clear-cache"}
)
links = st.builds(
    PipelineLink,
    st.sampled_from(["app.buddy.works", "127.0.0.1:8080", "[::1]:3000", "buddy.example.com"]),
    in_path,
    in_path,
    numbers,
)
pipelines: st.SearchStrategy[AnyPipeline] = words | links
hashes = st.text("0123456789abcdef", min_size=8, max_size=32)


def executions(of: st.SearchStrategy[AnyPipeline]) -> st.SearchStrategy[ExecutionName]:
    """Draw executions of some pipelines, by number, by hash, or the latest."""
    return st.builds(ExecutionName, of, st.none() | numbers) | st.builds(
        ExecutionName, links, hash=hashes
    )


values = st.text(max_size=30)
filled = values.filter(str.strip)
reasons = values.map(str.strip)
lines = values.map(lambda text: " ".join(text.split()))
projects = st.builds(ProjectName, workspaces, parts)
MAY_SAY_WHY = [Operation.APPROVE, Operation.REJECT, Operation.CANCEL]
PLAIN: list[Command] = [
    Connect(),
    Disconnect(),
    Whoami(),
    Projects(),
    Inbox(),
    Alias(),
    Alias(for_team=True),
    Help(),
    Help("logs"),
]


def active(of: st.SearchStrategy[AnyPipeline]) -> st.SearchStrategy[Command]:
    """Draw commands that the bot carries out, on some pipelines."""
    names = executions(of)
    return (
        st.sampled_from(PLAIN)
        | st.builds(Pipelines, st.none() | projects)
        | st.builds(Executions, st.none() | of)
        | st.builds(Show, names)
        | st.builds(ShowStatus, st.none() | names)
        | st.builds(Logs, names, lines)
        | st.builds(Why, names)
        | st.builds(Alias, aliases, st.none() | of, st.booleans())
        | st.builds(Operate, st.sampled_from(MAY_SAY_WHY), names, reasons)
        | st.builds(Operate, st.sampled_from([Operation.RETRY, Operation.START]), names)
    )


with_aliases = pipelines | st.builds(PipelineName, st.just(""), st.just(""), aliases)
variables = st.lists(
    st.builds(Assignment, st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), values),
    max_size=3,
    unique_by=lambda one: one.key,
).map(tuple)
refs = st.builds(GitRef, st.sampled_from([GitRefKind.BRANCH, GitRefKind.TAG]), filled) | st.builds(
    GitRef, st.just(GitRefKind.PULL_REQUEST), st.integers(1, 10**9).map(str)
)
revisions = st.text("0123456789abcdef", min_size=4, max_size=64)
topics = projects | pipelines
clocks = st.times().map(lambda at: time(at.hour, at.minute))
runs = st.fixed_dictionaries(
    {},
    optional={
        "pipeline": with_aliases,
        "variables": variables,
        "comment": filled,
        "from_scratch": st.booleans(),
        "clear_cache": st.booleans(),
        "priority": st.sampled_from(Priority),
        "at": clocks,
    },
)
planned: st.SearchStrategy[AnyCommand] = (
    active(with_aliases)
    | st.builds(
        lambda told, ref, revision: Run(**told, ref=ref, revision="" if ref else revision),
        runs,
        st.none() | refs,
        st.just("") | revisions,
    )
    | st.builds(Operate, st.just(Operation.APPROVE), executions(with_aliases), reasons, variables)
    | st.builds(
        Subscribe,
        topics,
        st.lists(st.sampled_from(Moment), unique=True).map(tuple),
        st.just("") | filled,
        st.booleans(),
    )
    | st.builds(Unsubscribe, st.none() | topics)
    | st.sampled_from([Subscriptions(), ShowSettings(), Doctor()])
)


@given(active(with_aliases))
@example(Show(ExecutionName(PipelineName("", "a b", "c#1/«d»"), 3)))
@example(Show(ExecutionName(PipelineName("", 'a"b', '"'), 3)))
@example(Operate(Operation.CANCEL, LATEST, '«why» "not'))
def test_a_command_written_by_the_bot_is_understood_by_the_bot(command: Command) -> None:
    """Whatever the bot shows can be typed, and whatever a button carries is what was asked."""
    text = write(command)
    try:
        assert parse(text) == command
    except TokenInText:
        assert text.count("-") >= 4


@given(planned)
@example(Run(PipelineName("", "@main", "tag:x"), comment='"'))
@example(Run(PipelineName("", "A=1", "b"), variables=(Assignment("A", ' "”“ '),)))
@example(Subscribe(PipelineName("acme", "shop", "*")))
@example(Subscribe(ProjectName("", "*")))
def test_every_command_of_the_grammar_is_read_as_it_is_written(command: AnyCommand) -> None:
    """There is no value that cannot be typed, whatever stands in it."""
    text = WHOLE.write(command)
    try:
        assert WHOLE.parse(text) == command
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


def test_a_pipeline_takes_the_place_of_a_short_name() -> None:
    """Whatever command names one; of a pipeline alone it is the latest execution."""
    prod = PipelineName("", "", "prod")
    for command in (
        Executions(prod),
        Show(ExecutionName(prod, 12)),
        ShowStatus(ExecutionName(prod)),
        Logs(ExecutionName(prod, 12), "Build"),
        Why(ExecutionName(prod, 12)),
        Operate(Operation.CANCEL, ExecutionName(prod, 12), "late"),
    ):
        assert pipeline_of(command) == prod
        assert pipeline_of(with_pipeline(command, SHOP)) == SHOP
        assert with_pipeline(with_pipeline(command, SHOP), prod) == command
    for other in (Projects(), Pipelines(), Inbox()):
        assert pipeline_of(other) is None
        assert with_pipeline(other, SHOP) == other
    assert pipeline_of(ShowStatus()) is pipeline_of(Executions()) is None
    assert with_pipeline(ShowStatus(), SHOP) == ShowStatus(ExecutionName(SHOP))
    assert with_pipeline(Executions(), SHOP) == Executions(SHOP)


def test_a_number_alone_is_of_the_default_pipeline() -> None:
    """It is written as what it means, which can be typed as well."""
    meant = ExecutionName(PipelineName("", "", DEFAULT), 12)
    assert parse("approve #12") == parse("approve default#12") == Operate(Operation.APPROVE, meant)
    assert str(meant) == "default#12"


def test_what_is_written_alone_is_read_alone() -> None:
    """Rows and choices hold a name without its command."""
    assert read_execution(str(DEPLOY)) == DEPLOY
    assert read_pipeline(str(SHOP)) == SHOP
    assert read_project("acme/shop") == ProjectName("acme", "shop")
