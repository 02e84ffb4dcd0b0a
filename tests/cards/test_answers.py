"""What people are told privately, and what a card's thread is told."""

import pytest

from bot.cards import answers, forms
from bot.cards.actions import CONNECT, CONNECT_FORM, OPERATION_BY_ACTION, REASON_FORM, Asked, decode
from bot.cards.card import Card
from bot.cards.help import help_card
from bot.domain.account import TokenFacts
from bot.domain.execution import Binding, Execution, ExecutionRef, Operation, Status
from bot.errors import (
    BotError,
    ButtonUnreadable,
    LinkUnreadable,
    NotLinked,
    StateForbids,
    TokenRejected,
)
from tests.cards.golden import AT_TWO_GATES, FAILED, RUNS
from tests.cards.samples import ACCOUNT, PLACE
from tests.cards.test_execution import buttons_of, labels_of
from tests.domain.samples import RUNNING, action, approval, bound_to, execution, waiting

STOPPING = execution(status=Status.TERMINATING)
MAYA = "<@MAYA>"


@pytest.mark.parametrize("error", [NotLinked(), TokenRejected(), LinkUnreadable()])
def test_a_missing_account_can_be_connected_at_once(error: BotError) -> None:
    """The next step is a button where it is ours."""
    card = answers.problem_card(error, "/buddy")

    assert [button["action_id"] for button in buttons_of(card)] == [CONNECT]
    assert card.text == error.explain()


@pytest.mark.parametrize("error", [ButtonUnreadable(), StateForbids("retry", 12, "running")])
def test_any_other_problem_is_told_in_words(error: BotError) -> None:
    """A button that does not help is left out."""
    assert buttons_of(answers.problem_card(error, "/buddy")) == []


def test_a_long_wait_is_not_silent() -> None:
    """Whoever waits learns that nothing was lost."""
    assert "Still on it" in answers.patience_card().text


def test_an_incident_is_told_with_the_number_that_finds_it() -> None:
    """The operator searches the log for it."""
    assert "`1a2b3c4d`" in answers.incident_card("1a2b3c4d").text


@pytest.mark.parametrize(
    ("operation", "standing", "gate", "reason", "told"),
    [
        (
            Operation.APPROVE,
            RUNS,
            "Go live?",
            "tested",
            ":white_check_mark: <@MAYA> approved *Go live?*. The execution is running.\n>tested",
        ),
        (
            Operation.REJECT,
            STOPPING,
            "Go live?",
            "",
            (
                ":no_entry: <@MAYA> rejected *Go live?*, so Buddy cancels the execution. "
                "The execution is being stopped."
            ),
        ),
        (
            Operation.CANCEL,
            STOPPING,
            "Go live?",
            "wrong\nbranch",
            (
                ":octagonal_sign: <@MAYA> cancelled this. The execution is being stopped.\n"
                ">wrong branch"
            ),
        ),
        (Operation.RETRY, RUNS, "", "", ":repeat: <@MAYA> retried this. The execution is running."),
        (
            Operation.APPROVE,
            RUNS,
            "",
            "",
            ":white_check_mark: <@MAYA> approved this. The execution is running.",
        ),
    ],
)
def test_the_thread_is_told_who_did_what_and_why(
    operation: Operation, standing: Execution, gate: str, reason: str, told: str
) -> None:
    """In one line, with the reason below."""
    assert answers.outcome_card(operation, standing, gate, MAYA, reason).text == told


def test_what_somebody_else_did_is_not_claimed() -> None:
    """Buddy's own record says who it was, or nobody says it; either way what stands now."""
    theirs = answers.done_elsewhere_card(Operation.APPROVE, RUNS, "Go live ;)", "Tom")
    nobodys = answers.done_elsewhere_card(Operation.CANCEL, STOPPING, "Go live ;)", "")

    assert theirs.text == (
        ":information_source: *Go live ;)* was approved by Tom. The execution is running."
    )
    assert nobodys.text == (
        ":information_source: This was cancelled; Buddy's record does not tell by whom. "
        "The execution is being stopped."
    )


def test_what_is_not_known_is_said_with_the_way_to_look() -> None:
    """Whoever reads the thread may look before anybody decides again."""
    card = answers.unclear_card(Operation.RETRY, FAILED, MAYA)

    assert card.text.startswith(":warning: <@MAYA> asked to retry this.")
    assert f"look at it in <{FAILED.url}|Buddy> before you decide." in card.text


def test_an_effect_that_takes_its_time_is_announced() -> None:
    """Otherwise the card would seem to ignore the click."""
    assert "does not show the effect yet" in answers.slow_effect_card(Operation.RETRY, MAYA).text


def test_the_gates_to_choose_from_are_buttons() -> None:
    """Each approves what it says, in the way its kind of gate wants; at most five."""
    standing = waiting(
        *(approval(number) for number in range(1, 6)),
        action(6, Status.WAITING_FOR_VT_SESSION, "Screens"),
    )
    gates = standing.gates[1:]
    choices = [(gate, bound_to(standing, gate)) for gate in gates]

    card = answers.gate_choice_card(standing, choices)

    numbered = [f"Approve: Go live? ({number})" for number in range(2, 6)]
    assert labels_of(card) == [*numbered, "Approve visual tests: Screens"]
    assert [decode(button["value"]) for button in buttons_of(card)] == [b for _, b in choices]
    assert OPERATION_BY_ACTION[buttons_of(card)[-1]["action_id"]] is Operation.APPROVE_VISUAL_TESTS
    assert all("confirm" in button for button in buttons_of(card))


def test_gates_that_cannot_be_chosen_are_not_concealed() -> None:
    """A sixth one, or one that Buddy does not name exactly, is answered in Buddy."""
    gates = AT_TWO_GATES.gates
    both = [(gate, bound_to(AT_TWO_GATES, gate)) for gate in gates]

    assert "no button here" not in small_print(answers.gate_choice_card(AT_TWO_GATES, both))
    assert small_print(answers.gate_choice_card(AT_TWO_GATES, both[:1])) == (
        f"What has no button here is answered in <{AT_TWO_GATES.url}|Buddy>."
    )


def unwritable() -> Binding:
    """Make a binding that no button can hold."""
    ref = ExecutionRef(RUNNING.ref.host, "w" * 300, "shop", 7, 12)
    return Binding(ref, bound_to(RUNNING).attempt)


def test_a_gate_that_no_button_can_hold_is_not_offered() -> None:
    """Rather no button than one that cannot be read."""
    (gate,) = waiting().gates

    assert buttons_of(answers.gate_choice_card(waiting(), [(gate, unwritable())])) == []


def test_a_stop_is_offered_again_against_the_new_state() -> None:
    """What was pressed against an old state is asked anew, and only sent on a new click."""
    card = answers.still_wanted_card(
        Operation.CANCEL, RUNS, "The gate was answered by <@TOM> before you.", bound_to(RUNS)
    )

    assert card.text == (
        "The gate was answered by <@TOM> before you. shop / deploy #12 is now *running*. "
        "Nothing was sent. Do you still want to cancel it?"
    )
    (button,) = buttons_of(card)
    assert OPERATION_BY_ACTION[button["action_id"]] is Operation.CANCEL
    assert decode(button["value"]) == bound_to(RUNS)
    without = answers.still_wanted_card(Operation.CANCEL, RUNS, "It changed.", unwritable())
    assert buttons_of(without) == []


def test_the_one_who_typed_is_told_where_the_story_stands() -> None:
    """Privately, since the thread tells everybody else."""
    card = answers.told_command_card(Operation.APPROVE, RUNS)

    assert card.text.startswith(":white_check_mark: Approved: shop / deploy #12.")


def small_print(card: Card) -> str:
    """Read the card's lines of small print."""
    lines = (block["elements"] for block in card.blocks if block["type"] == "context")
    return " | ".join(element["text"] for line in lines for element in line)


def test_whoami_names_the_account_and_what_it_may_do() -> None:
    """With scopes, workspaces and expiry."""
    card = answers.whoami_card("Maya Vogt", ACCOUNT, "api.buddy.works")

    assert card.text == "In Buddy (api.buddy.works) you act as *Maya Vogt*."
    assert "`WORKSPACE`, `EXECUTION_RUN` | Workspaces: acme | Expires: <!date^" in small_print(card)


def test_help_for_one_command_shows_its_example() -> None:
    """As it would be typed in this workspace."""
    card = help_card("/ci", "retry")

    assert "For example: `/ci retry shop/deploy#12`" in card.blocks[0]["text"]["text"]


def test_the_form_to_connect_says_what_was_wrong_with_the_last_token() -> None:
    """Above everything else."""
    first, again = forms.connect_form(""), forms.connect_form("", problem="It is expired.")

    assert again.view["blocks"][0]["text"]["text"] == ":warning: It is expired."
    assert again.view["blocks"][1:] == first.view["blocks"]
    assert first.view["callback_id"] == CONNECT_FORM


def test_nobody_submits_a_form_that_is_still_checking() -> None:
    """It only tells."""
    view = forms.checking_form().view

    assert "submit" not in view
    assert view["close"]["text"] == "Close"


def test_the_connected_form_names_both_identities() -> None:
    """A pasted token may be somebody else's."""
    view = forms.connected_form("Maya Vogt", ACCOUNT, MAYA).view

    assert "<@MAYA> now acts in Buddy as *Maya Vogt*" in view["blocks"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("operation", "title", "explained"),
    [
        (
            Operation.REJECT,
            "Reject execution",
            "the whole execution is *cancelled*, every waiting gate with it.",
        ),
        (Operation.CANCEL, "Cancel execution", "The execution is stopped where it is."),
    ],
)
def test_the_form_for_a_reason_says_what_it_does(
    operation: Operation, title: str, explained: str
) -> None:
    """And remembers what it was opened for."""
    asked = Asked(operation, bound_to(RUNNING), PLACE)

    view = forms.reason_form(asked, "shop / deploy #12").view

    assert view["title"]["text"] == title
    assert explained in view["blocks"][0]["text"]["text"]
    assert view["callback_id"] == REASON_FORM
    assert Asked.decode(view["private_metadata"]) == asked


def test_an_account_that_does_not_expire_says_so() -> None:
    """Never is an answer too."""
    lasting = answers.whoami_card("Maya", TokenFacts("laptop", None, (), ()), "host")

    assert small_print(lasting) == "Scopes: not told | Workspaces: all of yours | Expires: never"
