"""Whatever Buddy or a person writes, Slack takes the message, and nobody is pinged by it."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cards.answers import note_card, problem_card
from bot.cards.blocks import section
from bot.cards.card import MAX_MESSAGE_TEXT, Card, Form
from bot.cards.execution import execution_card
from bot.cards.facts import CardFacts
from bot.cards.help import help_card
from bot.domain.execution import Status
from bot.domain.grammar import ACTIVE
from sandbox.slack.limits import check_message, check_view
from sandbox.slack.reading import notified
from tests.cards.golden import CASES
from tests.cards.samples import (
    HOSTILE,
    answer_cards,
    execution_cards,
    made_forms,
    thread_cards,
    written_by,
)
from tests.domain.samples import action, execution
from tests.errors import samples_of

MAX_BYTES = 40_000
"""More than any card needs; a card beyond it would be a flood."""

# What our own texts may hold: mentions of people we name, links to Buddy, moments.
_OURS = re.compile(
    r"<@(MAYA|TOM)>"
    r"|<https://app\.buddy\.works[^<>|]*\|[^<>|]+>"
    r"|<!date\^\d+\^\{(date_short_pretty\} \{time|time)\}\|[0-9: -]+ UTC>"
)
_ENTITIES = re.compile("&(amp|lt|gt);")
_QUOTES = re.compile(r"^>", re.MULTILINE)


def refused(card: Card) -> list[str]:
    """List what Slack has against a card, with and without the newer blocks."""
    found = check_message(list(card.blocks))
    found += check_message(
        list(card.blocks_for(plain=True)), supports_plan=card.plain_blocks is None
    )
    if not 0 < len(card.text) <= MAX_MESSAGE_TEXT:
        found.append("/text")
    return found


def size_of(card: Card) -> int:
    """Count the bytes of a card."""
    return len(json.dumps(card.blocks, ensure_ascii=False).encode())


def markup_of(node: object) -> Iterator[str]:
    """Find every text that Slack reads as markup, and the titles that it might."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"], "Slack would look for mentions by itself"
            yield node["text"]
        if isinstance(title := node.get("title"), str):
            yield title.replace("&", "")
        for child in node.values():
            yield from markup_of(child)
    elif isinstance(node, list | tuple):
        for child in node:
            yield from markup_of(child)


def literals_of(node: object) -> Iterator[str]:
    """Find every string that people see; what a button remembers is for nobody's eyes."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, child in node.items():
            yield from literals_of(child if key != "value" else "")
    elif isinstance(node, list | tuple):
        for child in node:
            yield from literals_of(child)


def left_over(text: str) -> set[str]:
    """Find characters of markup that are not our own, in a text with our own taken out."""
    rest = _QUOTES.sub("", _ENTITIES.sub("", _OURS.sub("", text)))
    return set(rest) & set("<>&")


def is_tame(card: Card) -> bool:
    """Tell whether a card shows foreign text without following it."""
    texts = [card.text, *markup_of(card.blocks), *markup_of(card.plain_blocks or ())]
    blocks = [*card.blocks, *(card.plain_blocks or ())]
    shown = "".join(literals_of(blocks)) + card.text
    return (
        not any(map(left_over, texts))
        and set(notified(blocks)) <= {"MAYA", "TOM"}
        and not set(shown) & set("\x00\x07\x1b\x7f\x9b\u202e\u2066\u200f\ud83d")
    )


@pytest.mark.parametrize("facts", CASES.values(), ids=CASES)
def test_slack_takes_the_card_of_every_state(facts: CardFacts) -> None:
    """With the plan block and without."""
    card = execution_card(facts)

    assert refused(card) == []
    assert is_tame(card)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_live_card_survives_hostile_text(text: str) -> None:
    """A commit message can neither ping a channel, nor break the card, nor flood it."""
    for card in execution_cards(text):
        assert refused(card) == []
        assert is_tame(card)
        assert size_of(card) <= MAX_BYTES


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_answer_survives_hostile_text(text: str) -> None:
    """Names and reasons come from people too."""
    for card in (*answer_cards(text), *thread_cards(text)):
        assert refused(card) == []
        assert is_tame(card)
        assert size_of(card) <= MAX_BYTES


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_form_survives_hostile_text(text: str) -> None:
    """Slack refuses a form as a whole, and the click would be lost."""
    for form in made_forms(text):
        check_view(form.view)
        assert set(notified(form.view["blocks"])) <= {"MAYA"}
        assert not any(map(left_over, map(_without_link, markup_of(form.view["blocks"]))))


def _without_link(text: str) -> str:
    return text.replace("<https://app.buddy.works|Buddy>", "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_problem_survives_hostile_text(text: str) -> None:
    """What people typed comes back to them in the answer."""
    for error in samples_of(text):
        card = problem_card(error, "/buddy")
        assert refused(card) == []
        assert is_tame(card)


@settings(max_examples=40)  # each makes five whole cards
@given(st.text())
def test_any_text_leaves_the_card_tame(text: str) -> None:
    """Not only the texts that somebody thought of."""
    for card in execution_cards(text):
        assert refused(card) == []
        assert is_tame(card)


@pytest.mark.parametrize(
    "status", [Status.INITIAL, Status.SUCCESSFUL, Status.FAILED, Status.UNKNOWN]
)
def test_slack_takes_the_card_of_120_actions(status: Status) -> None:
    """Buddy allows more actions than Slack allows tasks."""
    for number in (1, 47, 48, 49, 50, 120):
        actions = [action(index % 60, status, "n" * 300) for index in range(number)]
        card = execution_card(CardFacts(execution(*actions)))
        assert refused(card) == []
        assert size_of(card) <= MAX_BYTES


@pytest.mark.parametrize("waits", [status for status in Status if status.waits])
def test_slack_takes_the_card_of_120_gates(waits: Status) -> None:
    """Nobody builds such a pipeline on purpose, but a card must come of it."""
    gates = [action(index % 60, waits) for index in range(120)]
    foreign = "<!channel>" * 40

    assert refused(execution_card(CardFacts(execution(*gates)))) == []
    assert refused(execution_card(CardFacts(written_by(foreign, *gates)))) == []


@pytest.mark.parametrize("topic", ["", *(usage.word for usage in ACTIVE)])
def test_help_is_taken_and_tells_every_command(topic: str) -> None:
    """Help comes from the grammar, so it cannot fall behind."""
    card = help_card("/buddy", topic)
    words = [topic] if topic else [usage.word for usage in ACTIVE]

    assert refused(card) == []
    assert all(f"`/buddy {word}" in json.dumps(card.blocks) for word in words)


def test_a_form_that_slack_would_refuse_is_noticed() -> None:
    """The check itself can fail: it is no empty promise."""
    long = "x" * 5_000
    broken = Card("", ({"type": "section", "text": {"type": "mrkdwn", "text": long}},))

    assert len(refused(broken)) == 3
    assert left_over("<!channel> & <https://evil.example|Buddy>") == {"<", ">", "&"}


pieces = st.sampled_from(
    [
        "<@MAYA>",
        "<https://app.buddy.works/a?b=1&amp;c=2|shop / deploy #12>",
        "<!date^1700000000^{date_short_pretty} {time}|2026-11-23 12:00 UTC>",
        "&amp;",
        "&lt;!channel&gt;",
        "a word; ",
        "\n>quoted ",
        "»",
    ]
)


@given(st.lists(pieces, min_size=1, max_size=400), st.integers(2950, 3000))
def test_a_text_that_is_cut_keeps_links_and_entities_whole(parts: list[str], length: int) -> None:
    """Half a link would show its address, half an entity is noise."""
    text = "x" * (length - 200) + "".join(parts)

    shown = section(text)["text"]["text"]

    assert len(shown) <= 3000
    assert left_over(shown) == set()
    assert text == shown or (shown[-1] == "…" and text.startswith(shown[:-1]))


def test_a_note_keeps_slacks_limit() -> None:
    """An answer of any length is taken."""
    assert refused(Card("text", note_card("&amp;" * 2000).blocks)) == []


def test_every_form_says_how_to_leave_it() -> None:
    """«Cancel» would be both the deed and the way out, so the way out is never called so."""
    leaving: list[Form] = list(made_forms("a reason"))

    assert {form.view["close"]["text"] for form in leaving} == {"Back", "Close"}
