"""Forms and answers of shortcuts, of short names and of the inbox hold whatever Buddy says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import inbox
from bot.cards.actions import Asked, decode_choice, encode_choice
from bot.cards.aliases import aliases_card, given_card
from bot.cards.approvers import Approvers
from bot.cards.card import MAX_OPTION_VALUE, Card
from bot.cards.facts import CardFacts, Pending
from bot.cards.proposals import Choice, approval_form, looking_form, refused_form, retry_form
from bot.cards.shipping import ships_line, ships_list, ships_short
from bot.cards.why import Circumstances, LastRefusal, why_card
from bot.domain.account import TokenFacts
from bot.domain.alias import MOST, Alias
from bot.domain.catalog import GateQuestion, PipelineRef
from bot.domain.click import Place, Way
from bot.domain.execution import Attempt, Binding, Member, Operation, Revision
from bot.domain.person import Person
from bot.domain.shipping import Ships
from bot.errors import ButtonUnreadable
from sandbox.slack.limits import check_message, check_view
from tests.cards.golden import AT_GATE, FAILED, SHIPS
from tests.domain.samples import NOON, approval, waiting

HOSTILE = "<!channel> `x` *b* | \u202e" + "世" * 3000
MAYA = Person("T1", "U1")
PLACE = Place("C1", "1.0")
BINDING = Binding(AT_GATE.ref, Attempt(NOON, 0), "6" * 24, NOON)
EVERYBODY = GateQuestion("Ship it?", (), (), (), others_may_answer=True)
LISTED = GateQuestion("Ship it?", (), (7,), (), others_may_answer=False)
TOKEN = TokenFacts("bot", None, ("WORKSPACE", "EXECUTION_RUN"), ())


def marked_up(part: object) -> str:
    """Gather the texts in which Slack reads markup; all others it shows literally."""
    if isinstance(part, dict):
        own = str(part["text"]) if part.get("type") == "mrkdwn" else ""
        return own + "".join(map(marked_up, part.values()))
    return "".join(map(marked_up, part)) if isinstance(part, list | tuple) else ""


def shown(card: Card) -> str:
    """Check a card as Slack does, and read all of it."""
    assert check_message(list(card.blocks)) == []
    return str(card.blocks)


@pytest.mark.parametrize("name", ["Approve production", HOSTILE, ""])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_forms_are_what_slack_takes(name: str, count: int) -> None:
    """However many gates there are, and whatever they are called."""
    gates = [approval(number, name) for number in range(1, count + 1)]
    execution = replace(waiting(*gates), pipeline_name=name or "x", url="")
    choices = [
        Choice(Operation.APPROVE, replace(BINDING, gate_id=gate.id), gate)
        for gate in execution.gates
    ]
    questions = {gate.id: HOSTILE for gate in execution.gates}
    facts = CardFacts(execution, questions=questions, ships=SHIPS)
    asked = Asked(Operation.APPROVE, BINDING, PLACE, Way.SHORTCUT)

    for form in (
        approval_form(asked, facts, choices),
        retry_form(replace(asked, operation=Operation.RETRY), CardFacts(FAILED)),
        looking_form(Operation.CANCEL),
        refused_form(Operation.RETRY, "Nothing was sent."),
    ):
        check_view(form.view)
        assert "<!channel>" not in marked_up(form.view)


@given(st.text(max_size=200))
def test_a_chosen_gate_is_read_back_as_itself(gate_id: str) -> None:
    """Or it is not offered at all."""
    bound = replace(BINDING, gate_id=gate_id)
    value = encode_choice(Operation.APPROVE, bound)
    if value is None:
        return
    assert len(value) <= MAX_OPTION_VALUE
    assert decode_choice(value, BINDING) == (Operation.APPROVE, bound)


@pytest.mark.parametrize("text", ["", "{", "[]", '["approve"]', '["fly","x",""]', "[" * 9999])
def test_a_choice_that_was_never_offered_is_refused(text: str) -> None:
    """It is untrusted input, like every value."""
    with pytest.raises(ButtonUnreadable):
        decode_choice(text, BINDING)


def test_a_form_of_the_former_release_was_opened_by_a_button() -> None:
    """What it remembers says nothing of a way."""
    asked = Asked(Operation.CANCEL, BINDING, PLACE)
    old = asked.encode().replace(',"way":"form"', "")

    assert Asked.decode(old) == asked
    assert Asked.decode(replace(asked, way=Way.SHORTCUT).encode()).way is Way.SHORTCUT


GATE = AT_GATE.gates[0].id
WHY = Circumstances(
    CardFacts(AT_GATE),
    buddy_id=8,
    name="Ben",
    token=TOKEN,
    questions={GATE: EVERYBODY},
    listed={GATE: False},
    now=NOON,
)
NOT_MINE = replace(AT_GATE, creator=Member(7, "Maya"))


@pytest.mark.parametrize(
    ("about", "says"),
    [
        (WHY, "Nothing that I can see stands against your approval"),
        (replace(WHY, token=None), "Buddy does not describe your token"),
        (replace(WHY, token=replace(TOKEN, scopes=("WORKSPACE",))), "has no scope that lets"),
        (replace(WHY, token=replace(TOKEN, scopes=("PIPELINE_RUN",))), "has the scopes for it"),
        (replace(WHY, token=replace(TOKEN, workspaces=("other",))), "limited to other workspaces"),
        (
            replace(WHY, token=replace(TOKEN, expires_at=NOON - timedelta(days=1))),
            "Your token expired",
        ),
        (replace(WHY, facts=CardFacts(AT_GATE, superseded_by=14)), "The newer run #14"),
        (
            replace(WHY, facts=CardFacts(AT_GATE, pending=Pending("<@U9>", Operation.CANCEL))),
            "<@U9> asked to cancel it",
        ),
        (replace(WHY, questions={}), "does not tell who may answer"),
        (replace(WHY, questions={GATE: LISTED}), "you are not on its list"),
        (replace(WHY, questions={GATE: LISTED}, listed={GATE: True}), "you are on its list"),
        (replace(WHY, questions={GATE: LISTED}, listed={GATE: None}), "a Buddy group may answer"),
        (
            replace(
                WHY,
                facts=CardFacts(replace(AT_GATE, creator=Member(8, "Ben"))),
                questions={GATE: replace(EVERYBODY, prevents_self_approval=True)},
            ),
            "whoever did may not answer",
        ),
        (
            replace(
                WHY,
                facts=CardFacts(NOT_MINE),
                questions={GATE: replace(EVERYBODY, prevents_self_approval=True)},
            ),
            "everybody may answer",
        ),
        (
            replace(WHY, last=LastRefusal(Operation.APPROVE, "buddy_forbids", NOON)),
            "Buddy said that your account may not",
        ),
        (
            replace(WHY, last=LastRefusal(Operation.RETRY, "brand_new", NOON)),
            "it had no effect (brand new)",
        ),
        (replace(WHY, facts=CardFacts(FAILED)), "one can: retry"),
    ],
)
def test_why_names_each_obstacle(about: Circumstances, says: str) -> None:
    """Every fact that was looked up has its words, and says no more than that."""
    assert says in shown(why_card(about))


def test_why_names_who_may() -> None:
    """With mentions for those who are known."""
    may = {GATE: Approvers(("<@U1>",), ("Boss",))}
    about = replace(
        WHY, facts=CardFacts(AT_GATE, approvers=may), questions={GATE: LISTED}, name=HOSTILE
    )

    assert "May answer: <@U1>, Boss" in shown(why_card(about))


def test_names_are_listed_however_many() -> None:
    """A full channel and a full team fit into one answer."""
    at = PipelineRef("api.buddy.works", "acme", HOSTILE[:80], 7)
    many = [
        Alias(channel, f"name-{number}", at, HOSTILE, MAYA, NOON)
        for channel in ("C1", "")
        for number in range(MOST)
    ]

    assert "<!channel>" not in shown(aliases_card(many, "/buddy"))
    assert "/buddy alias prod" in shown(aliases_card([], "/buddy"))
    assert "default pipeline" in shown(given_card(replace(many[0], name="Default"), ["Note."]))


@pytest.mark.parametrize("count", [0, 1, 5])
def test_an_inbox_fits_into_a_message(count: int) -> None:
    """A full page of the most hostile executions."""
    execution = replace(
        waiting(*(approval(number, HOSTILE) for number in range(4))), pipeline_name=HOSTILE
    )
    gates = tuple(
        (Operation.APPROVE, replace(BINDING, gate_id=gate.id), gate) for gate in execution.gates
    )
    facts = CardFacts(execution, ships=SHIPS)
    shelf = inbox.Shelf([inbox.Waiting(facts, gates)] * count, [], 1, 3, count, 0, is_cut=True)

    card = inbox.inbox_card(shelf, "U1", "/buddy")
    told = shown(card)

    assert "<!channel>" not in marked_up(card.blocks)
    assert ("Waiting for you" in told) == (count > 0)
    assert "may be more" in told


@given(
    st.lists(st.text(max_size=80), max_size=60),
    st.integers(0, 300),
)
def test_what_ships_keeps_its_room(subjects: list[str], room: int) -> None:
    """The first part is said in any case; lines are added only as long as they fit."""
    commits = tuple(Revision("a" * 40, subject, Member(1, subject)) for subject in subjects)
    ships = Ships(41, "https://b/41", commits, is_more=len(commits) > 55, url="https://b/c")

    short = ships_short(ships, room)
    assert len(short) <= max(room, len(ships_short(ships, 0)))
    assert "#41" in ships_line(ships)
    assert ships_list(ships).count("\n") <= 10
