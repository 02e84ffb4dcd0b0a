"""What is shown about subscriptions: Slack takes it, and foreign text does no harm."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import hooks, reminders, streaks, subscriptions
from bot.cards.card import Card, Form
from bot.cards.departures import gone_card
from bot.cards.facts import CardFacts
from bot.cards.subscribe_form import settings_form, subscribe_form
from bot.cards.subscribing import About, FormMemo
from bot.cards.topic_menu import read_topic, topic_options
from bot.domain.catalog import Choice, Choices, PipelineRef
from bot.domain.command import Moment
from bot.domain.execution import Status
from bot.domain.ladder import USUAL as LADDER
from bot.domain.person import Person
from bot.domain.quiet import QuietHours
from bot.domain.reference import PipelineLink, ProjectName
from bot.domain.subscription import Scope, Subscription, Wish
from bot.errors import ButtonUnreadable
from sandbox.slack.limits import check_view
from sandbox.slack.parts import SUGGESTIONS
from tests.cards.samples import HOSTILE, written_by
from tests.cards.test_limits import is_tame, refused
from tests.domain.samples import NOON, action

OWNER = Person("T1", "MAYA")
QUIET = QuietHours(time(22), time(7), "Europe/Warsaw")


def told(foreign: str, number: int = 1, pipeline: int | None = 7) -> Subscription:
    """Make a subscription whose names and branches are foreign."""
    wish = Wish(tuple(Moment), foreign, "MAYA", broadcasts_failures=True, mention="<@TOM>")
    scope = Scope("api.buddy.works", "acme", foreign or "shop", pipeline)
    shown = foreign if pipeline else ""
    return Subscription(number, "T1", "C1", scope, foreign, shown, wish, OWNER, NOON, NOON)


def shown(foreign: str) -> Iterator[Card]:
    """Make every card with a foreign text."""
    one, whole = told(foreign), told(foreign, 2, None)
    many = [told(foreign, number) for number in range(1, 25)]
    yield subscriptions.begun_card(one, "<@MAYA>", is_new=True)
    yield subscriptions.ended_card(whole, "<@MAYA>")
    yield subscriptions.subscriptions_card(many, "MAYA", 2, "/buddy")
    yield subscriptions.subscriptions_card([], "MAYA", 1, "/buddy")
    yield subscriptions.ending_choice_card([one, whole, *many], "MAYA")
    lines = [subscriptions.webhook_line(foreign, NOON, NOON + timedelta(hours=2))]
    yield subscriptions.settings_card(many, lines, QUIET, LADDER, "Nothing.")
    yield subscriptions.settings_card([one], [], None, (), "Nothing.")
    for kind in (hooks.WEBHOOK, hooks.STEP):
        address = hooks.Address(kind, foreign, "https://bot.example.com/x", "s" * 32)
        yield hooks.address_card(address, 1, is_rotated=True)
    yield hooks.by_hand_card(1, "Why.")
    yield hooks.told_card("<@MAYA>", 1, is_made=True)
    failed = replace(action(3, Status.FAILED, foreign), error_message=foreign)
    facts = CardFacts(written_by(foreign, failed))
    yield reminders.failure_notice_card(facts, failed)
    yield streaks.failed_again_card(facts, 3, NOON)
    yield streaks.mended_card(facts.execution, 2)
    waiting = action(3, Status.WAITING_FOR_APPLY, foreign)
    assert waiting.gate is not None
    facts = CardFacts(written_by(foreign, waiting))
    yield reminders.reminder_card(facts, waiting.gate, timedelta(hours=4), is_last=True)


def forms(foreign: str) -> Iterator[Form]:
    """Make every form with a foreign text."""
    one = told(foreign)
    yield subscribe_form(FormMemo("C1"), Wish())
    yield subscribe_form(FormMemo("C1", 1), one.wish, one)
    yield settings_form(FormMemo("C1"), QUIET, LADDER, tells_failures=True)
    yield settings_form(FormMemo("C1"), None, (), tells_failures=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_takes_every_card(text: str) -> None:
    """And nobody is pinged by a name, nor led astray by a link."""
    for card in shown(text):
        assert not refused(card), card.text
        assert is_tame(card), card.text
    many = [told(text, number) for number in range(20)]
    assert not refused(gone_card("C1", many, "/buddy"))


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_takes_every_form(text: str) -> None:
    """With whatever names and branches."""
    for form in forms(text[:900]):
        check_view(form.view)


@given(st.integers(1, 2**31 - 1), st.sampled_from(["", "webhook", "step"]))
def test_a_button_is_read_back_as_itself(number: int, kind: str) -> None:
    """And what somebody made up is refused."""
    about = About(number, kind)
    assert About.decode(about.encode()) == about
    assert FormMemo.decode(FormMemo("C1", number).encode()) == FormMemo("C1", number)


@given(st.text(max_size=60))
def test_what_is_no_value_of_ours(text: str) -> None:
    """It is refused, and raises nothing else."""
    for decode in (About.decode, FormMemo.decode):
        with pytest.raises(ButtonUnreadable):
            decode(text)
    assert read_topic(f"x{text}", "app.buddy.works") is None


@given(st.text(max_size=200), st.text(min_size=1, max_size=200))
def test_a_menu_survives_any_name(label: str, name: str) -> None:
    """Slack takes the options, and each means what it says."""
    project = ProjectName("acme", name)
    pipeline = PipelineRef("api.buddy.works", "acme", name, 7)
    options = topic_options(
        Choices((Choice(label, project),)), Choices((Choice(label, pipeline),), is_partial=True)
    )
    assert not list(SUGGESTIONS({"options": options}, ""))
    means = [read_topic(option["value"], "app.buddy.works") for option in options]
    assert any(isinstance(one, PipelineLink) and one.pipeline == 7 for one in means)
    assert all(one == project for one in means if isinstance(one, ProjectName))
