"""One card for each state of an execution, and the golden files that show what it looks like.

``python -m tests.cards.golden`` writes the files anew; read the difference before you commit it.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.cards.approvers import Approvers
from bot.cards.card import Card
from bot.cards.execution import execution_card
from bot.cards.facts import CardFacts, LastAct, Pending
from bot.domain.execution import (
    Execution,
    GitRef,
    GitRefKind,
    Member,
    Operation,
    Revision,
    Status,
)
from bot.domain.history import TimeLeft
from bot.domain.shipping import Ships
from tests.domain.samples import MAYA, NOON, RUNNING, action, approval, execution, waiting

FOLDER = Path(__file__).parent / "golden"
LATER = NOON + timedelta(minutes=7, seconds=12)
BUILT = action(1, Status.SUCCESSFUL, "Build image")
TESTED = action(2, Status.SUCCESSFUL, "Run tests")
SHIP = action(4, Status.INITIAL, "Ship to production")
NOT_SHIPPED = replace(SHIP, status=Status.NOT_EXECUTED, status_text="NOT_EXECUTED")


SHIPS = Ships(
    since=41,
    since_url="https://app.buddy.works/acme/shop/pipelines/pipeline/7/execution/6526a000",
    commits=(
        Revision("a" * 40, "Fix *login* <!channel>\n\nLong story", Member(7, "Maya Lindt")),
        Revision("b" * 40, "Add a basket", Member(8, "Ben Ito")),
        Revision("c" * 40, "Rename _private", Member(7, "Maya Lindt")),
    ),
    url="https://app.buddy.works/acme/shop/repository/commits",
)


def gate(status: Status, name: str) -> Execution:
    """Make an execution that waits at its third action."""
    return replace(
        execution(BUILT, TESTED, action(3, status, name), SHIP), status=status, status_text=status
    )


def ended(status: Status, *third_and_last: Status) -> Execution:
    """Make an execution that ended; its third and last action ended like this."""
    names = ("Migrate database", "Ship to production")
    last = [action(3 + i, each, names[i]) for i, each in enumerate(third_and_last)]
    return replace(execution(BUILT, TESTED, *last, status=status), finished_at=LATER)


ENQUEUED = replace(
    execution(*(action(i, Status.INITIAL) for i in (1, 2)), status=Status.ENQUEUED),
    started_at=None,
)
RUNS = execution(BUILT, TESTED, action(3, Status.INPROGRESS, "Migrate database"), SHIP)
FAILED = ended(Status.FAILED, Status.FAILED, Status.NOT_EXECUTED)
AT_GATE = gate(Status.WAITING_FOR_APPLY, "Go live?")
AT_TWO_GATES = waiting(BUILT, approval(2, "Europe"), approval(3, "America"), SHIP)
UNSTARTED = replace(
    execution(NOT_SHIPPED, status=Status.NOT_EXECUTED), started_at=None, finished_at=None
)
ANSWERED = replace(
    action(1, Status.SUCCESSFUL, "Go live?"),
    approver_id=12,
    approved_at=LATER,
    type="WAIT_FOR_APPLY",
)
EARLIER = LastAct("<@MAYA>", "started", NOON)
APPROVED = LastAct("<@MAYA>", "approved", LATER, "tested on staging")

CASES: dict[str, CardFacts] = {
    "initial": CardFacts(replace(ENQUEUED, status=Status.INITIAL, status_text="INITIAL")),
    "enqueued": CardFacts(ENQUEUED),
    "delayed": CardFacts(replace(ENQUEUED, delay_until=NOON + timedelta(hours=6))),
    "running": CardFacts(RUNS, people={11: "<@MAYA>"}),
    "running_without_actions": CardFacts(RUNNING),
    "running_after_approval": CardFacts(RUNS, last_act=APPROVED),
    "running_after_approval_in_buddy": CardFacts(
        replace(RUNS, actions=(ANSWERED, *RUNS.actions[1:])),
        last_act=EARLIER,
        people={12: "<@TOM>"},
    ),
    "running_with_time_left": CardFacts(RUNS, left=TimeLeft(2)),
    "running_nearly_done": CardFacts(RUNS, left=TimeLeft(0)),
    "running_longer_than_usual": CardFacts(RUNS, left=TimeLeft(None)),
    "running_discreetly": CardFacts(
        RUNS, last_act=APPROVED, people={11: "<@MAYA>"}, is_discreet=True
    ),
    "running_tag": CardFacts(
        replace(RUNS, git_ref=GitRef(GitRefKind.TAG, "v2.1"), creator=Member(None, "API"))
    ),
    "running_pull_request": CardFacts(
        replace(RUNS, git_ref=GitRef(GitRefKind.PULL_REQUEST, "pull/12"), revision=None)
    ),
    "running_by_hand": CardFacts(
        replace(RUNS, git_ref=None, revision=None, comment="Nightly data import")
    ),
    "waiting_for_approval": CardFacts(AT_GATE),
    "waiting_with_question": CardFacts(
        AT_GATE,
        questions={f"{3:024x}": "Is support informed?"},
        approvers={f"{3:024x}": Approvers(("<@MAYA>", "<@TOM>"))},
    ),
    "waiting_discreetly": CardFacts(
        AT_GATE,
        questions={f"{3:024x}": "Is support informed?"},
        approvers={f"{3:024x}": Approvers(("<@MAYA>", "<@TOM>"))},
        is_discreet=True,
    ),
    "waiting_pending": CardFacts(AT_GATE, pending=Pending("<@MAYA>", Operation.APPROVE)),
    "waiting_that_ships": CardFacts(AT_GATE, ships=SHIPS),
    "waiting_superseded": CardFacts(AT_GATE, superseded_by=14),
    "waiting_gate_without_id": CardFacts(
        waiting(BUILT, approval(2, "Go live?", id="", started_at=None))
    ),
    "waiting_gate_without_id_beside_one": CardFacts(
        waiting(approval(2, "Europe", id="", started_at=None), approval(3, "America"))
    ),
    "waiting_gate_not_listed": CardFacts(execution(status=Status.WAITING_FOR_APPLY)),
    "waiting_at_two_gates": CardFacts(AT_TWO_GATES),
    "waiting_for_variables": CardFacts(gate(Status.WAITING_FOR_VARIABLES, "Which size?")),
    "waiting_for_settable_variables": CardFacts(
        gate(Status.WAITING_FOR_SETTABLE_VARIABLES, "Which size?")
    ),
    "waiting_for_variables_twice": CardFacts(
        waiting(
            action(2, Status.WAITING_FOR_VARIABLES, "Which size?"),
            action(3, Status.WAITING_FOR_SETTABLE_VARIABLES, "Which color?"),
        )
    ),
    "waiting_for_visual_tests": CardFacts(gate(Status.WAITING_FOR_VT_SESSION, "Screenshots")),
    "terminating": CardFacts(
        ended(Status.TERMINATING, Status.TERMINATING, Status.INITIAL),
        last_act=LastAct("<@MAYA>", "cancelled", LATER),
    ),
    "successful": CardFacts(ended(Status.SUCCESSFUL, Status.SUCCESSFUL, Status.SUCCESSFUL)),
    "failed": CardFacts(FAILED),
    "failed_before_retry": CardFacts(FAILED, retries=1),
    "terminated": CardFacts(
        ended(Status.TERMINATED, Status.TERMINATED, Status.NOT_EXECUTED),
        last_act=LastAct("<@MAYA>", "rejected", LATER, "wrong branch"),
    ),
    "terminated_in_buddy": CardFacts(
        replace(
            ended(Status.TERMINATED, Status.TERMINATED, Status.NOT_EXECUTED),
            actions=(BUILT, replace(TESTED, terminator_id=77, terminated_at=LATER)),
        )
    ),
    "skipped": CardFacts(replace(UNSTARTED, status=Status.SKIPPED, status_text="SKIPPED")),
    "not_executed": CardFacts(UNSTARTED),
    "unknown": CardFacts(
        replace(RUNS, status=Status.UNKNOWN, status_text="PAUSED_BY_ADMIN", creator=MAYA)
    ),
    "unknown_nameless": CardFacts(
        replace(execution(status=Status.UNKNOWN), status_text="", url="", creator=None)
    ),
}


def shown(card: Card) -> dict[str, Any]:
    """Write down everything that Slack would be sent."""
    return {"text": card.text, "blocks": card.blocks, "plain_blocks": card.plain_blocks}


def written(name: str) -> str:
    """Write one case's card as its golden file holds it."""
    return json.dumps(shown(execution_card(CASES[name])), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every golden file anew, and remove those without a case."""
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name in CASES:
        (FOLDER / f"{name}.json").write_text(written(name), encoding="utf-8")


if __name__ == "__main__":
    main()
