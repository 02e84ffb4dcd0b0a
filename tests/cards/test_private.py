"""Private answers keep Slack's limits, and their buttons hold what was asked, or are not there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cards.card import MAX_BLOCKS, MAX_BUTTON_VALUE, MAX_MESSAGE_TEXT, Block, Card
from bot.cards.carried import Carried, Confirmed
from bot.cards.confirm import confirm_card
from bot.cards.glance import entry, glance
from bot.cards.lists import Page, choice_card, pipelines_card, projects_card, status_card
from bot.cards.log import log_card, no_log_card
from bot.domain.actions import meant
from bot.domain.catalog import Pipeline, PipelineRef, Project, Workspace
from bot.domain.command import Logs, Operate, Pipelines, Projects, Show
from bot.domain.execution import GitRef, GitRefKind, Operation, Status
from bot.domain.grammar import write
from bot.domain.reference import ExecutionName, PipelineName, ProjectName
from bot.errors import AmbiguousName, ButtonUnreadable, UnknownAction
from tests.domain.samples import NOON, REF, RUNNING, action, approval, bound_to, execution, waiting

HOSTILE = "<!channel> `x` | \u202e" + "世" * 3000
ACME = Workspace("acme", "Acme")
SHOP = PipelineName("", "shop", "deploy")
PAGE = Page.of(Projects(), "MAYA", 1, 25)


def buttons(card: Card) -> list[Block]:
    """List the buttons of a card, beside its text and below it."""
    rows = [element for block in card.blocks for element in block.get("elements", ())]
    beside = [block["accessory"] for block in card.blocks if "accessory" in block]
    return [one for one in [*beside, *rows] if one.get("type") == "button"]


def check(card: Card) -> None:
    """Hold a card against what Slack takes."""
    assert card.text
    assert len(card.text) <= MAX_MESSAGE_TEXT
    assert "<!channel>" not in card.text
    assert len(card.blocks) <= MAX_BLOCKS
    for block in card.blocks:
        if block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000
            assert "<!channel>" not in block["text"]["text"]
    for button in buttons(card):
        assert len(button["text"]["text"]) <= 75
        assert len(button["value"]) <= MAX_BUTTON_VALUE


def test_lists_of_hostile_names_keep_the_limits() -> None:
    """Whatever things are called in Buddy, Slack takes the list, and nobody is pinged."""
    project = Project(HOSTILE, HOSTILE, is_active=True)
    pipeline = Pipeline(7, HOSTILE, HOSTILE, "", (), is_disabled=True, runs_concurrently=False)
    pipelines = [pipeline, replace(pipeline, last_status=Status.UNKNOWN, last_revision="a1b2c3d4")]

    check(projects_card([(ACME, project)] * 25, PAGE))
    check(pipelines_card((ACME, project), pipelines * 5, PAGE, "api.buddy.works"))


def test_glances_of_hostile_executions_keep_the_limits() -> None:
    """Ten of them fit one answer, however much each has to say."""
    gates = [approval(number, HOSTILE) for number in range(9)]
    hostile = replace(
        waiting(*gates),
        pipeline_name=HOSTILE,
        git_ref=GitRef(GitRefKind.TAG, HOSTILE),
        revision=None,
        comment=HOSTILE,
    )

    card = status_card([hostile] * 10, hidden=3)

    check(card)
    assert card.blocks[-1]["elements"][0]["text"].startswith("…and 3 more")
    assert glance(hostile).count(":raised_hand: “") == 3


def test_a_glance_of_an_execution_that_says_nothing() -> None:
    """Scheduled, unstarted, ended, or without any origin: each is told as far as it is known."""
    bare = replace(RUNNING, git_ref=None, revision=None, creator=None, url="", started_at=None)
    assert glance(bare) == ":large_blue_circle: *shop / deploy #12*\n*Running*"
    assert entry(bare) == ":large_blue_circle: *#12* *Running*"
    ended = replace(execution(status=Status.SUCCESSFUL), finished_at=NOON + timedelta(seconds=130))
    assert "took 2 min 10 s" in glance(ended)
    scheduled = replace(
        execution(status=Status.INITIAL), started_at=None, delay_until=NOON + timedelta(hours=1)
    )
    assert glance(scheduled).startswith(":alarm_clock: ")
    assert "*Scheduled* · for <!date^" in glance(scheduled)


@pytest.mark.parametrize(
    "asked",
    [
        Carried(Show(ExecutionName(SHOP, 12)), "MAYA"),
        Carried(Pipelines(ProjectName("acme", "Web Shop")), "MAYA", 7),
        Carried(Operate(Operation.CANCEL, ExecutionName(SHOP), 'it\'s "late"'), "MAYA"),
    ],
)
def test_what_a_button_carries_comes_back(asked: Carried) -> None:
    """A button carries on with exactly what was typed."""
    value = asked.encode()

    assert value is not None
    assert Carried.decode(value) == asked


@pytest.mark.parametrize(
    "asked",
    [
        Carried(Show(ExecutionName(PipelineName("", " ", "c"), 12)), "MAYA"),
        Carried(Show(ExecutionName(PipelineName("", "x" * 3000, "c"), 12)), "MAYA"),
        Carried(Projects(), ""),
    ],
)
def test_what_cannot_come_back_gets_no_button(asked: Carried) -> None:
    """A name that no text can say, or that does not fit, is no reason for a wrong button."""
    assert asked.encode() is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[]",
        '{"v":2,"u":"MAYA","c":"projects"}',
        '{"v":1,"u":"MAYA","c":"connect"}',
        '{"v":1,"u":"MAYA","c":"shwo"}',
        '{"v":1,"u":"MAYA","c":"show 01234567-89ab-cdef-0123-456789abcdef"}',
        '{"v":1,"u":"MAYA","c":"projects","n":0}',
        '{"v":1,"u":"MAYA","c":"projects","x":1}',
    ],
)
def test_a_value_that_was_made_up_is_refused(value: str) -> None:
    """What a button says is input like any other."""
    with pytest.raises(ButtonUnreadable):
        Carried.decode(value)
    with pytest.raises(ButtonUnreadable):
        Confirmed.decode(value)


def test_a_confirmation_comes_back_bound() -> None:
    """Operation, attempt, gate and reason are what the card showed; too much gets no button."""
    waits = waiting()
    asked = Confirmed(Operation.APPROVE, bound_to(waits, waits.gates[0]), "MAYA", "tested")

    assert Confirmed.decode(asked.encode() or "") == asked
    assert replace(asked, reason="x" * 2000).encode() is None
    assert replace(asked, user="").encode() is None
    endless = replace(asked.binding, ref=replace(REF, project="x" * 300))
    assert replace(asked, binding=endless).encode() is None


def test_a_question_without_room_for_its_buttons_leads_to_buddy() -> None:
    """What cannot be bound exactly is not offered."""
    waits = waiting()
    endless = replace(bound_to(waits), ref=replace(REF, project="x" * 300))

    card = confirm_card(waits, [(Operation.CANCEL, endless)], "", "MAYA")

    check(card)
    assert buttons(card) == []
    assert "The rest is answered in <https://app.buddy.works" in str(card.blocks)


def test_choices_that_no_button_can_carry_are_listed() -> None:
    """They can still be typed, and how many more there are is said."""
    choices = tuple(f"acme/shop/{number}{'x' * 250}" for number in range(12))
    typed = Operate(Operation.CANCEL, ExecutionName(SHOP, 12), "x" * 1800)

    card = choice_card(typed, AmbiguousName("pipeline", "shop/de", choices), "MAYA")

    check(card)
    assert buttons(card) == []
    assert "Or type in full: `acme/shop/0xx" in str(card.blocks)
    assert "…and 2 more" in str(card.blocks)


def test_a_log_without_lines_or_without_an_id() -> None:
    """Both are told, with the way to Buddy."""
    ran = action(1, Status.SUCCESSFUL, "Build")
    check(log_card(RUNNING, ran, ()))
    assert "no lines yet" in log_card(RUNNING, ran, ()).text
    assert "does not give the log of “Build”" in no_log_card(RUNNING, ran).text
    assert "none of its actions has begun" in no_log_card(RUNNING, None).text
    assert "Its last line;" in log_card(replace(RUNNING, url=""), ran, ("",)).text


def test_the_log_block_never_exceeds_what_fits() -> None:
    """The last lines win; each is text and nothing else."""
    card = log_card(RUNNING, action(1, Status.FAILED, HOSTILE), ("<!channel>" * 24,) * 20)

    check(card)
    [shown] = [block for block in card.blocks if block["type"] == "rich_text"]
    [lines] = shown["elements"][0]["elements"]
    assert lines["type"] == "text"
    assert len(lines["text"]) <= 2800


def test_which_action_is_meant() -> None:
    """By id, number, name or its beginning; else what matters most."""
    built, tested = action(1, Status.SUCCESSFUL, "Build"), action(2, Status.FAILED, "Build test")
    run = execution(built, tested, approval(3), action(4, Status.INITIAL, "Deploy"))

    assert meant(run, built.id) is built
    assert meant(run, str(tested.action_id)) is tested
    assert meant(run, "build") is built
    assert meant(run, "BUILD t") is tested
    assert meant(run, "") is tested
    assert meant(run, "deploy") is run.actions[3]
    assert meant(execution(approval(3)), "") == approval(3)
    assert meant(execution(action(4, Status.INITIAL)), "") is None
    twice = execution(built, replace(built, id="f" * 24, status=Status.FAILED))
    assert meant(twice, "build") is twice.actions[1]
    with pytest.raises(UnknownAction):
        meant(run, "docs")
    with pytest.raises(AmbiguousName):
        meant(execution(action(1, Status.FAILED, "Ab"), action(2, Status.FAILED, "Ac")), "a")


def test_where_a_pipeline_lives_follows_from_its_execution() -> None:
    """One place knows how the two belong together."""
    assert PipelineRef.of(REF).execution(12) == REF
    assert write(Logs(ExecutionName(SHOP), "Build it")) == "logs shop/deploy Build it"
