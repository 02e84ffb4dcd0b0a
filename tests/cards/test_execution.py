"""The live card shows each state, and offers exactly what the state allows."""

import json
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest

from bot.cards.actions import OPEN_LINK, OPERATION_BY_ACTION, RUN_AGAIN, SHOW, decode
from bot.cards.card import Block, Card
from bot.cards.execution import execution_card, state_of, title_of
from bot.cards.facts import CardFacts
from bot.cards.gates import MAX_GATES
from bot.domain.execution import Operation, Status
from sandbox.slack.reading import Reader
from tests.cards import golden
from tests.cards.golden import AT_GATE, CASES, FAILED, RUNS
from tests.domain.samples import RUNNING, action, approval, bound_to, execution, waiting

APPROVE, REJECT, CANCEL = Operation.APPROVE, Operation.REJECT, Operation.CANCEL


def buttons_of(card: Card) -> list[Block]:
    """Find every button of a card, from top to bottom."""
    rows = (block["elements"] for block in card.blocks if block["type"] == "actions")
    return list(chain.from_iterable(rows))


def labels_of(card: Card) -> list[str]:
    """Read what stands on the buttons."""
    return [button["text"]["text"] for button in buttons_of(card)]


def read(blocks: tuple[Block, ...] | None) -> str:
    """Read blocks as a person sees them."""
    return Reader(lambda name: name).read(blocks or ())


@pytest.mark.parametrize("name", CASES)
def test_a_card_looks_as_its_golden_file_shows(name: str) -> None:
    """A change of what people see is seen in review; see ``tests.cards.golden``."""
    path = golden.FOLDER / f"{name}.json"

    assert json.loads(golden.written(name)) == json.loads(path.read_text(encoding="utf-8"))


def test_every_golden_file_has_a_case() -> None:
    """No file shows a card that nobody makes any more."""
    assert {path.stem for path in golden.FOLDER.iterdir()} == set(CASES)


@pytest.mark.parametrize("status", Status)
def test_the_buttons_are_those_that_the_state_allows(status: Status) -> None:
    """A card offers what Buddy would do; at a gate, Reject stands for Cancel."""
    gates = (action(3, status),) if status.waits else ()
    standing = execution(*gates, status=status)
    expected = {operation for operation in Operation if standing.allows(operation)}
    expected -= {CANCEL} if gates else set()

    buttons = buttons_of(execution_card(CardFacts(standing, retries=3)))

    offered = {OPERATION_BY_ACTION.get(button["action_id"]) for button in buttons}
    assert offered - {None} == expected


@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_every_button_is_bound_to_what_the_card_shows(facts: CardFacts) -> None:
    """A button says exactly which attempt, and which gate if it answers one."""
    standing = facts.execution
    buttons = buttons_of(execution_card(facts))

    for button in (each for each in buttons if each["action_id"] not in {OPEN_LINK, SHOW}):
        binding = decode(button["value"])
        assert replace(binding, gate_id="", gate_started_at=None) == bound_to(
            standing, retries=facts.retries
        )
        gate = standing.gate(binding.gate_id, binding.gate_started_at)
        if button["action_id"] == RUN_AGAIN:
            assert gate is None
            continue
        assert (gate is not None) == OPERATION_BY_ACTION[button["action_id"]].needs_gate


def test_two_gates_have_a_pair_of_buttons_each() -> None:
    """The gate's name stands on its buttons, so nobody takes one for the other."""
    card = execution_card(CASES["waiting_at_two_gates"])

    assert labels_of(card) == [
        "Approve: Europe",
        "Reject: Europe",
        "Approve: America",
        "Reject: America",
    ]


def test_gates_without_a_name_have_buttons_all_the_same() -> None:
    """Buddy lets people leave names out."""
    nameless = waiting(approval(2, "Europe"), approval(3, name=" "))
    nameless = replace(
        nameless, actions=(nameless.actions[0], replace(nameless.actions[1], name=""))
    )
    card = execution_card(CardFacts(nameless))

    assert labels_of(card)[2:] == ["Approve: a gate", "Reject: a gate"]
    assert "A gate waits" in read(card.blocks)


def test_more_gates_than_fit_are_counted() -> None:
    """The card keeps Slack's limits, and says what it leaves out."""
    card = execution_card(CardFacts(waiting(*map(approval, range(1, MAX_GATES + 3)))))

    assert len(buttons_of(card)) == 2 * MAX_GATES + 1
    assert labels_of(card)[-1] == "Open in Buddy"
    assert "…and 2 more gates: open the execution in Buddy." in read(card.blocks)


def without_actions(facts: CardFacts) -> CardFacts:
    """Let Buddy not say which actions these are, so that nobody can read what they ask for."""
    actions = tuple(replace(each, action_id=None) for each in facts.execution.actions)
    return replace(facts, execution=replace(facts.execution, actions=actions))


@pytest.mark.parametrize(
    ("facts", "labels"),
    [
        (CASES["waiting_pending"], []),
        (replace(CASES["waiting_pending"], execution=RUNNING), []),
        (CASES["waiting_superseded"], ["Show #14", "Cancel", "Open in Buddy"]),
        (CASES["waiting_gate_without_id"], ["Cancel", "Open in Buddy"]),
        (CASES["waiting_gate_not_listed"], ["Cancel", "Open in Buddy"]),
        (
            CASES["waiting_gate_without_id_beside_one"],
            ["Approve: America", "Reject: America", "Open in Buddy"],
        ),
        (without_actions(CASES["waiting_for_variables"]), ["Provide variables in Buddy", "Reject"]),
        (
            without_actions(CASES["waiting_for_variables_twice"]),
            ["Provide variables in Buddy", "Reject: Which size?", "Reject: Which color?"],
        ),
        (CASES["delayed"], ["Start now", "Cancel"]),
        (CASES["unknown"], ["Open in Buddy"]),
        (CASES["unknown_nameless"], []),
        (CardFacts(replace(AT_GATE, url=""), superseded_by=14), ["Show #14", "Cancel"]),
        (CardFacts(replace(RUNS, ref=replace(RUNS.ref, project="p" * 300))), ["Open in Buddy"]),
    ],
)
def test_where_nothing_exact_can_be_said_there_is_a_link(
    facts: CardFacts, labels: list[str]
) -> None:
    """No button is better than one that might do something else; a stop needs no gate."""
    assert labels_of(execution_card(facts)) == labels


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (CASES["waiting_superseded"], "Overtaken by the newer run #14: go on there."),
        (CASES["waiting_gate_without_id"], "No button can name this gate exactly, so answer it in"),
        (CASES["waiting_gate_not_listed"], "Buddy does not tell which gate waits, so answer it in"),
        (
            CardFacts(replace(AT_GATE, ref=replace(AT_GATE.ref, project="p" * 300))),
            "No button can name this gate exactly, so answer it in Buddy.",
        ),
    ],
    ids=["overtaken", "gate without id", "gate not listed", "name too long"],
)
def test_a_gate_without_buttons_says_why(facts: CardFacts, why: str) -> None:
    """Nobody looks for an Approve in vain; where there are buttons nothing is excused."""
    card = execution_card(facts)

    assert why in read(card.blocks)
    assert not any(label.startswith(("Approve", "Reject")) for label in labels_of(card))
    assert "Buddy" not in read(execution_card(CardFacts(AT_GATE)).blocks)


@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_a_card_has_at_most_one_link_button(facts: CardFacts) -> None:
    """Two buttons that open the same page make people wonder which one they need."""
    links = [each for each in buttons_of(execution_card(facts)) if each["action_id"] == OPEN_LINK]

    assert len(links) <= 1


def test_the_gates_section_says_what_it_waits_for_and_the_task_only_waits() -> None:
    """Each thing is said once."""
    lines = read(execution_card(CASES["waiting_for_approval"]).blocks).splitlines()

    assert "• Go live? (in progress): waits since 12:03 UTC" in lines
    assert any(line.startswith("“Go live?” waits for a decision since") for line in lines)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("enqueued", "2 actions"),
        ("delayed", "2 actions"),
        ("not_executed", "1 action"),
        ("running", "2 of 4 actions done"),
    ],
)
def test_only_a_run_that_has_started_tells_how_far_it_came(name: str, told: str) -> None:
    """Before that, «0 of 2 done» would sound like a standstill."""
    assert plan_of(CASES[name])["title"] == told


def test_a_newer_run_matters_only_while_this_one_waits() -> None:
    """An overtaken run that goes on is nothing to warn of."""
    assert "Overtaken" in read(execution_card(CASES["waiting_superseded"]).blocks)
    assert "Overtaken" not in read(execution_card(CardFacts(RUNS, superseded_by=14)).blocks)


def test_approving_is_confirmed_with_pipeline_branch_and_revision() -> None:
    """Who approves sees what goes on, even where every name is long."""
    long = "n" * 300
    named = waiting(approval(3, long))
    named = replace(named, ref=replace(named.ref, project="p" * 200), pipeline_name=long)

    (dialog,) = [
        button["confirm"]["text"]["text"]
        for card in (execution_card(CardFacts(named)),)
        for button in buttons_of(card)
        if "confirm" in button
    ]

    assert len(dialog) <= 300
    for told in ("ppp", "nnn", "#12", "main", "a1b2c3d"):
        assert told in dialog


def test_what_is_not_known_is_left_out_of_the_dialog() -> None:
    """A run by hand has neither branch nor revision."""
    by_hand = replace(AT_GATE, git_ref=None, revision=None)

    button = buttons_of(execution_card(CardFacts(by_hand)))[0]

    assert button["confirm"]["text"]["text"] == "*Go live?* in shop / deploy #12"


def test_a_person_is_mentioned_only_if_linked() -> None:
    """Who started it is named by Buddy's name, or mentioned where we know the Slack account."""
    linked, unlinked = CardFacts(RUNNING, people={11: "<@MAYA>"}), CardFacts(RUNNING)

    assert "by <@MAYA>" in json.dumps(execution_card(linked).blocks)
    assert "by Maya Vogt" in json.dumps(execution_card(unlinked).blocks)


def test_the_screen_reader_hears_what_it_is_and_how_it_stands() -> None:
    """The text stands for the card in notifications too."""
    assert execution_card(CASES["waiting_for_approval"]).text == (
        "shop / deploy #12: waiting for approval"
    )


def test_a_pipeline_without_a_name_is_named_by_its_number() -> None:
    """The title is never empty."""
    assert title_of(replace(RUNNING, pipeline_name="")) == "shop / pipeline 7 #12"


@pytest.mark.parametrize(
    ("status_text", "state"),
    [
        ("PAUSED_BY_ADMIN", "paused by admin"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("", "in a state unknown to me"),
    ],
)
def test_a_status_that_is_new_to_us_is_told_in_buddys_words(status_text: str, state: str) -> None:
    """It is escaped like any other foreign text."""
    standing = replace(RUNNING, status=Status.UNKNOWN, status_text=status_text)

    assert state_of(standing) == state


def plain_lines(facts: CardFacts) -> list[str]:
    """Read the list of actions of a workspace that has no plan block."""
    return read((execution_card(facts).plain_blocks or ())[2:3]).splitlines()


def test_without_plan_blocks_the_actions_are_a_list() -> None:
    """Nothing is lost in a workspace that Slack has not given the newer blocks yet."""
    assert plain_lines(CardFacts(FAILED)) == [
        "2 of 4 actions done",
        ":white_check_mark: Build image · 42 s",
        ":white_check_mark: Run tests · 42 s",
        ":x: Migrate database · 42 s",
        ":white_circle: Ship to production · not executed",
    ]


def test_a_card_without_actions_has_no_plan() -> None:
    """An empty plan would be refused, and says nothing."""
    card = execution_card(CardFacts(RUNNING))

    assert all(block["type"] != "plan" for block in card.blocks)
    assert card.blocks_for(plain=True) == card.blocks_for(plain=False) == card.blocks


def test_a_workspace_without_plans_is_shown_the_plain_card() -> None:
    """The two differ in the list of actions alone."""
    card = execution_card(CardFacts(RUNS))

    assert card.blocks_for(plain=True) == card.plain_blocks != card.blocks_for(plain=False)


def plan_of(facts: CardFacts) -> dict[str, Any]:
    """Find the plan of a card."""
    (plan,) = [block for block in execution_card(facts).blocks if block["type"] == "plan"]
    return plan


@pytest.mark.parametrize(
    ("current", "status", "first", "last"),
    [
        (0, Status.INPROGRESS, "Step 1", "72 actions after"),
        (60, Status.FAILED, "36 actions before", "36 actions after"),
        (119, Status.FAILED, "72 actions before", "Step 120"),
        (25, Status.INPROGRESS, "1 action before", "71 actions after"),
    ],
)
def test_of_120_actions_those_around_the_current_one_are_shown(
    current: int, status: Status, first: str, last: str
) -> None:
    """The others are counted, above and below."""
    statuses = [Status.SUCCESSFUL] * current + [status] + [Status.INITIAL] * (119 - current)
    long_run = [action(1, each, f"Step {index}") for index, each in enumerate(statuses, 1)]

    facts = CardFacts(execution(*long_run))
    titles = [task["title"] for task in plan_of(facts)["tasks"]]
    lines = plain_lines(facts)

    assert (titles[0], titles[-1]) == (first, last)
    assert len(titles) <= 50
    assert f"Step {current + 1}" in titles
    assert any(line.startswith((":large_blue_circle: ", ":x: ")) for line in lines)
    assert len(lines) <= 23


@pytest.mark.parametrize(
    ("status", "task_status"),
    [
        (Status.SUCCESSFUL, "complete"),
        (Status.FAILED, "error"),
        (Status.NOT_EXECUTED, "pending"),
        (Status.INITIAL, "pending"),
        (Status.UNKNOWN, "pending"),
        (Status.WAITING_FOR_APPLY, "in_progress"),
    ],
)
def test_only_what_succeeded_is_ticked(status: Status, task_status: str) -> None:
    """A deploy step that was never run must not look done."""
    (task,) = plan_of(CardFacts(execution(action(1, status))))["tasks"]

    assert task["status"] == task_status


def test_a_status_of_an_action_that_is_new_to_us_is_shown() -> None:
    """Buddy's own word tells more than none."""
    odd = action(1, Status.UNKNOWN, status_text="ON_HOLD")
    nameless = action(2, Status.INITIAL, id="", action_id=None)

    card = execution_card(
        CardFacts(execution(odd, replace(nameless, name=""), replace(odd, name="")))
    )

    assert "Step 1 · on hold" in read(card.plain_blocks)
    assert "an action" in read(card.plain_blocks)
    assert "action 101" in read(card.plain_blocks)


def test_a_card_that_shows_the_same_is_not_sent_again() -> None:
    """The digest changes with anything that a person could see."""
    cards = [execution_card(facts) for facts in CASES.values()]

    told = {card.digest: golden.shown(card) for card in cards}

    assert all(told[card.digest] == golden.shown(card) for card in cards)
    assert len(told) == len({json.dumps(golden.shown(card)) for card in cards})


def test_an_overtaken_card_leads_to_the_newest_run() -> None:
    """Its button says which run it brings, and nothing about this one."""
    [show] = [
        each
        for each in buttons_of(execution_card(CASES["waiting_superseded"]))
        if each["action_id"] == SHOW
    ]

    assert decode(show["value"]).ref.execution == 14


def test_what_ships_is_told_before_an_approval_and_to_nobody_else() -> None:
    """On the card and in the dialog; not before other organisations, and not without a gate."""
    shown = CASES["waiting_that_ships"]
    card = execution_card(shown)

    assert "Ships" in read(card.blocks)
    assert "3 commits" in read(card.blocks)
    approve = buttons_of(card)[0]
    assert "Ships 3 commits by 2 people since #41" in approve["confirm"]["text"]["text"]
    assert "Ships" not in str(execution_card(replace(shown, is_discreet=True)))
    assert "Ships" not in read(execution_card(replace(shown, execution=RUNS)).blocks)
