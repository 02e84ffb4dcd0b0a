"""Small texts: how long something took, when it was, what is cut."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards.text import clean, code, cut, duration, escape, moment
from sandbox.slack.mrkdwn import plain, unescape


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=400), "0 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=130), "2 min 10 s"),
        (timedelta(minutes=59, seconds=59), "59 min 59 s"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=3, minutes=5, seconds=40), "3 h 5 min"),
        (timedelta(days=2, hours=1), "49 h"),
    ],
)
def test_a_duration_is_said_as_people_do(length: timedelta, said: str) -> None:
    """Seconds matter for a minute, not for an hour."""
    assert duration(length) == said


def test_a_moment_is_shown_in_each_readers_zone() -> None:
    """With a text for readers whose client cannot do that."""
    at = datetime(2026, 11, 23, 12, 0, 59, tzinfo=UTC)

    assert moment(at) == "<!date^1795435259^{date_short_pretty} {time}|2026-11-23 12:00 UTC>"


@pytest.mark.parametrize(
    ("text", "shown"), [("", ""), ("short", "short"), ("123456", "123456"), ("1234567", "12345…")]
)
def test_a_text_that_is_cut_shows_that_something_is_missing(text: str, shown: str) -> None:
    """Never longer than the limit."""
    assert cut(text, 6) == shown


def test_foreign_text_is_escaped() -> None:
    """The three characters that Slack reads as markup."""
    assert escape("<!channel> & co") == "&lt;!channel&gt; &amp; co"


FOREIGN = st.text(st.sampled_from("*_~`ab1é &<>.()\n\u200b-#") | st.characters(codec="utf-8"))
LOOK_ALIKES = str.maketrans("\u2217\u02cb\u223c\u02cd", "*`~_")


@given(FOREIGN)
@example("*bold* _slanted_ ~gone~ `code` ```block```")
@example("snake_case_name and _init_ and __all__")
@example("2*3*4")
@example("*")
def test_foreign_text_has_no_style_and_takes_none_away(foreign: str) -> None:
    """It looks as it was typed, and what we make bold around it is bold as a whole."""
    typed, safe = clean(foreign), escape(foreign)

    assert unescape(safe).translate(LOOK_ALIKES) == typed.translate(LOOK_ALIKES)
    for before, after in (("", ""), ("see ", ", too"), ("(", ")"), ("“", "” `x` ")):
        shown = plain(f"{before}{safe}{after}", str)
        assert shown == f"{before}{unescape(safe)}{after}".replace("`", "")
    if typed:
        assert plain(f"the *{safe}*: one", str) == f"the {unescape(safe)}: one"


@given(FOREIGN)
def test_code_is_as_it_was_typed(foreign: str) -> None:
    """What people copy from it can be used; only a backtick is another quote."""
    typed = clean(foreign)
    assert plain(f"a {code(foreign)} b", str) == f"a {typed.replace('`', chr(39)) or ' '} b"
