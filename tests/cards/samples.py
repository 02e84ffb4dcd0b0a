"""Texts that mean harm, and every card and form that could show them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.cards import answers, forms, running
from bot.cards.actions import Asked
from bot.cards.approvers import Approvers
from bot.cards.card import Card, Form
from bot.cards.execution import execution_card, title_of
from bot.cards.facts import CardFacts, LastAct, Pending
from bot.cards.lacking import lacks_card
from bot.cards.sight import Unseen, unseen_card
from bot.cards.tales import tale_card
from bot.cards.values import loading_form, values_form
from bot.domain.account import TokenFacts
from bot.domain.catalog import GateQuestion, VariableField
from bot.domain.click import Place
from bot.domain.command import Run
from bot.domain.execution import (
    Execution,
    GitRef,
    GitRefKind,
    Member,
    Operation,
    PipelineAction,
    Revision,
    Status,
)
from bot.domain.history import TimeLeft
from bot.domain.logtext import tidy
from bot.domain.reference import PipelineName
from bot.domain.run import Lack, RefLacks, SaidTwice, ValueLacks, ValueNotOffered
from bot.domain.story import Kind, Tale
from bot.errors import AmbiguousName, RunRefused, UnknownVariable, ValuesLost
from tests.domain.samples import NOON, RUNNING, action, bound_to

HOSTILE = {
    "flood": "a" * 10_000,
    "words": "lorem ipsum " * 900,
    "channel": "<!channel> <!here|x> <!subteam^S1> @channel",
    "mention": "<@U1> <#C1>",
    "link": "<http://evil.example|Approve> http://evil.example",
    "html": "<script>alert('1')</script> &lt;b&gt; &amp;amp;",
    "ampersands": "&" * 500,
    "brackets": "<" * 500 + ">" * 500,
    "override": "txt.\u202eexe\u2066\u200f",
    "controls": "a\x00b\x07\x1b[31m\x7f\x9b",
    "surrogate": "half \ud83d of a pair",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 60,
    "backticks": "`` ` ```code``` `",
    "pipe": "a|b||c",
    "quotes": '"\'\\"“”' * 40,
    "lines": "one\n>two\r\nthree\u2028four\n\n",
    "markup": "*_~bold~_* > • - 1.",
    "blank": " \t\n",
    "nothing": "",
}
"""What somebody may write into a commit message, a name or a reason."""

ACCOUNT = TokenFacts("laptop", NOON, ("WORKSPACE", "EXECUTION_RUN"), ("acme",))
PLACE = Place("C1", "1700000000.000100", "1700000000.000200", is_private=True)


def written_by(foreign: str, *actions: PipelineAction) -> Execution:
    """Make an execution in which every text was written by somebody else."""
    named = tuple(
        replace(each, name=foreign, status_text=foreign, error_message=foreign)
        for each in (actions or (action(2, Status.UNKNOWN), action(3, Status.WAITING_FOR_APPLY)))
    )
    return replace(
        RUNNING,
        ref=replace(RUNNING.ref, workspace=foreign, project=foreign),
        pipeline_name=foreign,
        status=Status.UNKNOWN,
        status_text=foreign,
        comment=foreign,
        trigger=foreign,
        git_ref=GitRef(GitRefKind.BRANCH, foreign),
        revision=Revision(foreign, foreign, Member(1, foreign)),
        creator=Member(1, foreign),
        actions=named,
    )


def execution_cards(foreign: str) -> Iterator[Card]:
    """Make live cards that show a foreign text wherever one can stand."""
    gates = (action(3, Status.WAITING_FOR_APPLY), action(4, Status.WAITING_FOR_VARIABLES))
    standing = written_by(foreign)
    act = LastAct("<@MAYA>", "approved", NOON, foreign)
    asked = {gate.id: foreign for gate in gates}
    yield execution_card(CardFacts(standing, last_act=act, questions=asked))
    yield execution_card(CardFacts(written_by(foreign, *gates), last_act=act, questions=asked))
    yield execution_card(CardFacts(replace(standing, revision=None, actions=()), superseded_by=13))
    yield execution_card(CardFacts(standing, pending=Pending("<@MAYA>", Operation.REJECT)))
    facts = CardFacts(standing, last_act=act, questions=asked, is_discreet=True)
    yield execution_card(facts)
    yield execution_card(replace(facts, last_act=None, left=TimeLeft(5), is_discreet=False))
    long_run = [action(number, Status.FAILED) for number in range(50)]
    yield execution_card(CardFacts(written_by(foreign, *long_run)))


def answer_cards(foreign: str) -> Iterator[Card]:
    """Make every private answer and reply with a foreign text."""
    gates = [action(number, Status.WAITING_FOR_APPLY) for number in range(1, 8)]
    gates.append(action(8, Status.WAITING_FOR_VT_SESSION))
    standing = written_by(foreign, *gates[-3:])
    choices = [(gate, bound_to(RUNNING, gate)) for gate in standing.gates]
    lasting = replace(ACCOUNT, expires_at=None, scopes=(), workspaces=())
    foreign_account = replace(ACCOUNT, scopes=(foreign,) * 50, workspaces=(foreign,) * 50)
    yield answers.whoami_card(foreign, foreign_account, foreign)
    yield answers.whoami_card(foreign, lasting, "api.buddy.works")
    yield answers.gate_choice_card(standing, choices)
    yield answers.still_wanted_card(
        Operation.CANCEL, standing, "It was approved by <@TOM>.", bound_to(RUNNING)
    )
    yield answers.still_wanted_card(Operation.CANCEL, standing, "", bound_to(standing))
    for operation in Operation:
        yield answers.outcome_card(operation, standing, foreign, "<@MAYA>", foreign)
        yield answers.outcome_card(operation, standing, "", "<@MAYA>", "")
        yield answers.outcome_card(operation, standing, "", "<@MAYA>", "", (foreign,) * 12)
        yield answers.done_elsewhere_card(operation, standing, foreign, "<@TOM>")
        yield answers.done_elsewhere_card(operation, standing, "", "")
        yield answers.unclear_card(operation, standing, "<@MAYA>")
        yield answers.slow_effect_card(operation, "<@MAYA>")
        yield answers.told_command_card(operation, standing)
    lost = Unseen(standing.ref, foreign, standing.url, "<@MAYA>", "/buddy")
    yield unseen_card(lost)
    yield unseen_card(replace(lost, pipeline_name="", url=""))
    yield answers.incident_card("1a2b3c4d")
    yield from value_cards(foreign, standing)
    yield from run_cards(foreign, standing)


def value_cards(foreign: str, standing: Execution) -> Iterator[Card]:
    """Make everything that somebody is told of a gate's variables, with a foreign text."""
    gate, bound = standing.gates[0], bound_to(RUNNING)
    yield answers.give_again_card(UnknownVariable(foreign, foreign, (foreign,)), "/buddy", bound)
    yield answers.give_again_card(ValuesLost(), "/buddy", None)
    yield answers.fill_in_again_card(standing, bound)
    yield answers.values_wanted_card(standing, gate, bound, "")
    yield answers.values_wanted_card(standing, replace(gate, name=""), bound, "And more. ")
    yield answers.typed_secret_card((foreign,))


def run_cards(foreign: str, started: Execution) -> Iterator[Card]:
    """Make everything that somebody is told of a run, with a foreign text."""
    button = running.fill_in_button(7, "MAYA", foreign)
    ambiguous = AmbiguousName("pipeline", foreign, (foreign, *(f"{foreign}{n}" for n in range(20))))
    delayed = replace(started, delay_until=NOON, started_at=None, status=Status.INITIAL)
    field = VariableField(foreign, "", (foreign,), foreign, False, False)  # noqa: FBT003
    missing: list[Lack] = [RefLacks((foreign,)), ValueLacks(field), ValueNotOffered(field)]
    missing.append(SaidTwice(foreign))
    named = Run(PipelineName(foreign, foreign, foreign), comment=foreign)
    yield running.run_taken_card(foreign)
    yield running.started_card(started, is_here=True, now=NOON)
    yield running.started_card(delayed, is_here=False, now=NOON - timedelta(hours=1))
    yield running.unshown_card(started)
    yield running.seeking_card(foreign, "https://app.buddy.works", "<@MAYA>", 10, "222222")
    yield running.not_found_card(foreign, "https://app.buddy.works", "<@MAYA>")
    yield running.refused_card(RunRefused(400, foreign), button, "/buddy")
    yield running.pipelines_to_choose_card(7, "MAYA", ambiguous)
    yield lacks_card(missing, named, button, "/buddy")


def thread_cards(foreign: str) -> Iterator[Card]:
    """Make every tale of a thread with a foreign text, for every kind of channel."""
    gate = action(3, Status.WAITING_FOR_APPLY)
    asked, may = {gate.id: foreign}, {gate.id: Approvers(("<@MAYA>",), (foreign,), 2)}
    ended = replace(written_by(foreign, gate), finished_at=NOON + timedelta(minutes=9))
    facts = CardFacts(ended, questions=asked, approvers=may, usual=timedelta(minutes=2))
    for execution in (ended, replace(ended, url="", revision=None, git_ref=None, creator=None)):
        (told,) = execution.actions
        acted = replace(told, approver_id=1, terminator_id=2, finished_at=NOON)
        for kind in Kind:
            for each in (told, acted, None):
                for log in (None, (), tidy([foreign] * 20)):
                    told_of = replace(facts, execution=execution, superseded_by=13)
                    card = tale_card(Tale(kind, kind.value, each), told_of, log)
                    yield card
                    if card.discreet is not None:
                        yield card.discreet


def made_forms(foreign: str) -> Iterator[Form]:
    """Make every form with a foreign text."""
    standing = written_by(foreign)
    facts = replace(ACCOUNT, expires_at=NOON + timedelta(days=90), workspaces=(foreign,))
    yield forms.connect_form("https://app.buddy.works")
    yield forms.connect_form("", problem="Buddy does not accept this token.")
    yield forms.checking_form()
    yield forms.connected_form(foreign, facts, "<@MAYA>")
    yield forms.problem_form("Reject execution", "It is gone.")
    for operation in (Operation.REJECT, Operation.CANCEL):
        asked = Asked(operation, bound_to(RUNNING), PLACE)
        yield forms.reason_form(asked, title_of(standing))
    yield loading_form()
    yield from value_forms(foreign)


def value_forms(foreign: str) -> Iterator[Form]:
    """Make the form of a gate that asks for variables, with and without what was typed."""
    standing = written_by(foreign, action(3, Status.WAITING_FOR_VARIABLES))
    asked = Asked(Operation.PROVIDE, bound_to(RUNNING), PLACE)
    fields = tuple(
        VariableField(
            f"{foreign}{number}",
            foreign,
            (foreign, foreign) * number,
            foreign,
            is_encrypted=number == 0,
            has_file_options=number == 0,
        )
        for number in (0, 1, 60)
    )
    question = GateQuestion(foreign, fields, (), (), others_may_answer=True)
    for begins in ({}, {fields[0].key: ""}, {fields[1].key: foreign}):
        yield values_form(asked, standing, standing.gates[0], question, begins)
    bare = replace(standing, revision=None, git_ref=None)
    nameless = replace(standing.gates[0], name="")
    yield values_form(asked, bare, nameless, replace(question, question=""), {})
