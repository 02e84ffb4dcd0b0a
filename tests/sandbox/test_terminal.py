"""The sandbox to type in: every line does something, or says in one sentence why not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.buddy import Pipeline
from sandbox.shop import name_of
from sandbox.slack import Message
from sandbox.terminal.commands import welcome
from tests.sandbox.terminal_desk import CONNECTED, Desk, desk


def patches(at: Desk) -> int:
    """Count the operations that reached Buddy."""
    return len(at.stage.buddy.journal.select("PATCH"))


def pipeline(at: Desk, name: str) -> Pipeline:
    """Find a pipeline."""
    return at.shop.pipelines[name]


def card(at: Desk) -> Message:
    """Find the newest message of the channel."""
    return at.shop.channel.messages[-1]


async def test_the_welcome_can_be_followed_to_the_letter() -> None:
    """What a newcomer is told to try works in that order, up to a deployment."""
    async with desk() as at:
        welcome(at.session.screen)
        told = "\n".join(at.printed)
        for line in ("/buddy connect", "push Fix the login", "/buddy show shop/deploy#1"):
            assert line in told

        form = await at.types("/buddy connect")
        assert "a form, before ben" in form
        assert "`token` pastes ben's own" in form
        assert at.session.prompt == "Personal access token ▸ "
        assert CONNECTED in await at.types("token")
        await at.types("")

        assert "/buddy show shop/deploy#1" in await at.types("push Fix the login")
        assert "[1] Cancel" in await at.types("/buddy show shop/deploy#1")
        assert "[2] Approve  [3] Reject" in await at.types("wait 40")
        assert "You are maya now" in await at.types("as maya")
        assert "Goes on with: main" in await at.types("click Approve")
        assert "@maya approved Approve production" in await at.types("y")
        assert "Successful" in await at.types("wait 60")


async def test_the_prompt_says_who_and_when() -> None:
    """Whoever types always sees as whom, and how late it is."""
    async with desk() as at:
        assert at.session.prompt == "09:00:00 ben ▸ "
        await at.types("as gia", "wait 2m")
        assert at.session.prompt == "09:02:00 gia ▸ "


async def test_a_form_shows_mistakes_and_can_be_closed() -> None:
    """A wrong answer is explained beside its field; `cancel` sends nothing."""
    async with desk() as at:
        await at.types("/buddy connect")
        assert "required field" in await at.types("")
        assert "A Buddy token looks like" in await at.types("hunter2")
        assert at.session.prompt == "Personal access token ▸ "
        assert "Nothing was sent" in await at.types("cancel")
        assert at.shop.players["ben"].person.modal is None
        assert "ben ▸" in at.session.prompt


async def test_a_form_that_only_tells_gives_way_to_the_next_command() -> None:
    """Nobody has to close what needs no answer."""
    async with desk() as at:
        await at.types("/buddy connect", "token")
        assert at.session.prompt == "Enter closes the form ▸ "
        assert "You are maya now" in await at.types("as maya")
        assert "maya ▸" in at.session.prompt


async def test_whoever_has_no_account_is_offered_no_token() -> None:
    """The stranger has nothing to paste, and the word stays a word."""
    async with desk() as at:
        assert "is not a valid command" in await at.types("as pat", "/buddy connect")
        assert "pat has no account in Buddy" in await at.types("push Something")
        assert "pat has no account in Buddy" in await at.types("buddy run nightly")


async def test_a_confirmation_is_asked_yes_or_no() -> None:
    """Anything but yes presses nothing."""
    async with desk() as at:
        assert "[2] Approve" in await at.waiting()
        assert "[Approve] [Back]" in await at.types("2")
        assert "Answer y or n." in await at.types("perhaps")
        assert "Nothing was pressed." in await at.types("n")
        assert patches(at) == 0


async def test_a_number_never_means_another_button() -> None:
    """A button that has gone keeps its number, and pressing it shows that nothing is sent."""
    async with desk() as at:
        await at.waiting()
        await at.types("2", "yes", "wait 10")
        sent = patches(at)
        assert "Approve is gone by now" in await at.types("2")
        assert "Already approved" in await at.types("y")
        assert patches(at) == sent == 1


async def test_a_nervous_finger_has_one_effect() -> None:
    """`double` sends two clicks, and Buddy hears of one."""
    async with desk() as at:
        await at.waiting()
        assert "Already approved" in await at.types("double 2", "y")
        assert patches(at) == 1


async def test_reject_asks_for_a_reason_and_tells_it() -> None:
    """The field that may stay empty says so; what was typed stands in the thread."""
    async with desk() as at:
        await at.waiting()
        await at.types("click 3")
        assert at.session.prompt == "Reason (may stay empty) ▸ "
        told = await at.types("Wrong branch")
        assert "┃ Wrong branch" in told
        assert "thread of message 1" in told


async def test_an_edited_card_shows_what_changed() -> None:
    """Title, news and buttons are printed again; the rest stands behind a gap."""
    async with desk() as at:
        await at.types("as maya", "push Fix the login", "/buddy show shop/deploy#1")
        told = await at.types("wait 25")
        assert "message 1, edited" in told
        assert "shop / Deploy to production #1" in told
        assert "✓ Build: 20 s" in told
        assert "⋮" in told
        assert "Fix the login" not in told
        assert "[1] Cancel" in told


async def test_progress_alone_is_no_news() -> None:
    """A percentage that grows does not fill the screen; `look` shows it."""
    async with desk() as at:
        await at.types("as maya", "push Fix the login", "/buddy show shop/deploy#1")
        assert "edited" not in await at.types("wait 10")
        assert "● Build: since 09:00 UTC · 50 %" in await at.types("look")


async def test_each_person_sees_their_own_notes() -> None:
    """A private answer waits until its person looks."""
    async with desk() as at:
        await at.waiting()
        await at.types("as gia")
        assert "only visible to gia" in await at.types("3")
        assert "Guests cannot do this" in "\n".join(at.printed)
        assert "gia" not in await at.types("as maya", "look")
        assert "Guests cannot do this" in await at.types("as gia", "look")
        assert "Only members of this Slack team" in await at.types("as pat", "3")


async def test_look_and_thread_show_what_stands() -> None:
    """The channel and each thread can be read again."""
    async with desk() as at:
        assert "#deployments is empty" in await at.types("look")
        assert "There is no message" in await at.types("thread")
        await at.waiting()
        assert "waits for a decision" in await at.types("thread 1")
        await at.types("2", "y")
        assert "2 in its thread" in await at.types("look")
        assert "@maya approved" in await at.types("thread")
        assert "There are 1 messages" in await at.types("thread 7")
        assert "thread 1" in await at.types("thread one")


async def test_a_step_fails_when_told() -> None:
    """The step may be named by its beginning; a gate cannot fail."""
    async with desk() as at:
        assert "Nothing runs" in await at.types("fail Build")
        await at.types("as maya", "push Fix", "/buddy show shop/deploy#1")
        assert "Name a step of shop/deploy#1: Build, Tests" in await at.types("fail")
        assert "Name a step" in await at.types("fail everything")
        assert "is a gate" in await at.types("fail approve")
        assert "will fail when it gets there" in await at.types("fail test")
        assert "Failed" in await at.types("wait 40")
        assert "Retry" in card(at).buttons


async def test_buddys_web_app_can_be_used() -> None:
    """What happens there shows on the card, and Buddy's refusals are told."""
    async with desk() as at:
        assert "Deploy to production" in await at.types("buddy")
        assert "nothing to approve" in await at.types("buddy approve")
        await at.waiting()
        assert "running" not in await at.types("buddy")
        assert "waiting for apply" in "\n".join(at.printed)
        assert "Ben Ito approved" in await at.types("as ben", "buddy approve")
        assert "Approve production: " in await at.types("wait 10")
        assert "Ben Ito cancelled shop/deploy#1" in await at.types("buddy cancel deploy#1")
        await at.types("wait 10")
        assert "Ben Ito retried" in await at.types("buddy retry")
        assert "There is no run deploy#7" in await at.types("buddy retry deploy#7")
        assert "Type buddy cancel" in await at.types("buddy cancel nonsense")
        assert "Buddy refuses: " in await at.types("as gia", "buddy cancel")
        assert "Buddy refuses: " in await at.types("push Something")
        assert "Name a pipeline" in await at.types("as ben", "buddy run nothing")
        assert "For the bot it is `/buddy show x`" in await at.types("buddy show x")


async def test_there_is_something_to_explore() -> None:
    """Two gates at once, tests that fail, and a sale that is scheduled."""
    async with desk() as at:
        for name in ("release", "nightly", "sale"):
            await at.types("as maya", f"buddy run {name}")
            await at.types(f"/buddy show {name_of(pipeline(at, name).runs[0])}")
        assert card(at).buttons == ["Start now", "Cancel"]
        await at.types("wait 30")
        release, nightly, _ = at.shop.channel.messages
        assert "Approve: Legal" in release.buttons
        assert "Approve: Budget" in release.buttons
        assert "Retry" in nightly.buttons
        assert "Name the gate: `buddy approve shop/release#1 Legal`" in await at.types(
            "buddy approve"
        )
        assert "Buddy refuses: " in await at.types("as ben", "buddy approve release#1 legal")
        assert "Budget of shop/release#1" in await at.types("buddy approve release#1 budget")


async def test_a_gate_gets_its_variables() -> None:
    """Field by field; what stands in a field already stays when nothing is typed."""
    async with desk() as at:
        await at.types("as maya", "buddy run prices")
        await at.types("/buddy show shop/prices#1", "wait 10")
        run = pipeline(at, "prices").runs[0]
        assert card(at).buttons == ["Provide variables…", "Reject"]
        form = await at.types("2")
        assert "What is changed, and where?" in form
        assert "Slack cannot mask this field" in form

        await at.types("", "Japan", "SUMMER", "s1gn-here")

        assert {value.key: value.value for value in run.action("New prices").passed} == {
            "PERCENT": "10",
            "COUNTRY": "Japan",
            "VOUCHER": "SUMMER",
            "SIGNING_KEY": "s1gn-here",
        }
        assert card(at).thread[-1].reads


async def test_a_gate_with_variables_can_be_answered_in_buddy() -> None:
    """The web app's dialog begins with defaults, and whoever says yes takes them."""
    async with desk() as at:
        await at.types("as maya", "buddy run prices", "wait 10", "buddy approve prices#1")
        run = pipeline(at, "prices").runs[0]
        assert [value.value for value in run.action("New prices").passed] == [
            *("10", "Everywhere", "", ""),
        ]


async def test_buddy_can_fail() -> None:
    """While Buddy is down a click is answered with that; afterwards it works again."""
    async with desk() as at:
        await at.waiting()
        assert "does not answer" in await at.types("buddy down")
        assert "Buddy does not answer" in await at.types("2", "y")
        assert "answers as it should" in await at.types("buddy down", "buddy up")
        assert "two seconds" in await at.types("buddy slow")
        await at.types("buddy up")
        assert "@maya approved" in await at.types("2", "y")


async def test_slack_can_fail() -> None:
    """While Slack takes no calls the log says what could not be told."""
    async with desk() as at:
        assert "`log` tells" in await at.types("as maya", "slack down")
        assert "already" in await at.types("slack down")
        await at.types("/buddy whoami")
        told = await at.types("log")
        assert "answer.lost" in told
        assert at.shop.players["maya"].colleague is not None
        assert str(at.shop.players["maya"].colleague.token) not in told
        assert "again" in await at.types("slack up")
        assert "Maya Lindt" in await at.types("/buddy whoami")
        assert "slack down, or slack up" in await at.types("slack sideways")


async def test_time_can_be_moved() -> None:
    """Time stands, jumps, and runs at three speeds."""
    async with desk() as at:
        await at.types("wait 1h")
        assert at.session.prompt.startswith("10:00:00")
        for wrong in ("wait", "wait long", "wait 0", "wait 2h", "wait 9999999999"):
            assert "wait 1h" in await at.types(wrong)
        assert "5 times as fast" in await at.types("normal")
        assert "30 times as fast" in await at.types("fast")
        assert "as fast as on a wall" in await at.types("slow")
        assert at.session.prompt.startswith("10:00:")


async def test_help_names_every_command() -> None:
    """Whatever can be typed is in the list, and everybody one can be."""
    async with desk() as at:
        told = await at.types("help")
        for word in ("click", "double", "as NAME", "look", "thread", "push", "fail", "wait"):
            assert word in told
        for word in ("buddy run", "buddy down", "slack down", "log", "fast", "quit", "maya"):
            assert word in told
        assert told == await at.types("?")
        assert not at.session.is_over
        await at.types("quit")
        assert at.session.is_over


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("pusk Fix it", "Did you mean `push Fix it`?"),
        ("xyzzy", "I do not know “xyzzy”. `help` shows"),
        ("maya", "type `as maya`"),
        ("amya", "Did you mean `as maya`?"),
        ("connect", "type `/buddy connect`"),
        ("aprove shop/deploy#1", "Did you mean `/buddy approve shop/deploy#1`?"),
        ("as nobody", "You can be ben, maya, gia, pat."),
        ("push", "Say what was changed"),
        ("1", "There is no button 1."),
        ("click it", "Type a button's number."),
        ("/nonsense", "/nonsense is not a valid command."),
        ("/buddy nonsense", "only visible to ben"),
        ("", ""),
    ],
)
async def test_nonsense_gets_one_sentence(line: str, answer: str) -> None:
    """What cannot be understood is answered with the nearest thing that can."""
    async with desk() as at:
        assert answer in await at.types(line)


async def test_tab_offers_what_makes_sense_now() -> None:
    """Runs that exist are offered; in a form only its own words are."""
    async with desk() as at:
        assert at.session.completions("as m") == ["as maya"]
        assert at.session.completions("/buddy show ") == []
        await at.types("push Fix")
        assert at.session.completions("/buddy show ") == ["/buddy show shop/deploy#1"]
        await at.types("/buddy connect")
        assert at.session.completions("") == ["cancel", "send", "token"]


async def test_foreign_text_does_not_steer_the_terminal() -> None:
    """Escape sequences in a commit message are shown, not obeyed."""
    async with desk() as at:
        await at.types("as maya", "push \x1b[2J\x1b]0;owned\x07", "/buddy show shop/deploy#1")
        assert "owned" in await at.types("look", "buddy")
        assert "\x1b" not in await at.types("look")


async def test_a_narrow_terminal_keeps_numbers_with_their_buttons() -> None:
    """No line is broken between a number and its label."""
    async with desk(width=40) as at:
        await at.types("as maya", "buddy run release", "wait 20", "/buddy show shop/release#1")
        lines = (await at.types("look")).splitlines()
        assert max(len(line) for line in lines) <= 40
        assert any("[1] Approve: Legal" in line for line in lines)


VOCABULARY = """
/buddy /buddy_x connect show approve reject cancel retry start shop/deploy#1 token push Fix buddy
run release nightly sale down up slack as ben maya gia pat click double 1 2 3 [1] y n look thread
fail Build wait 30 5s log help fast slow normal # " 'x reason:no -1 ٣ ² 0
"""
WORDS = st.sampled_from(VOCABULARY.split())
LINES = st.one_of(
    st.lists(WORDS, max_size=4).map(" ".join),
    st.text(max_size=40),
    st.sampled_from(["push Fix", "/buddy show shop/deploy#1", "as maya", "wait 30", "1", "y"]),
)


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=10)
@given(lines=st.lists(LINES, max_size=40))
async def test_no_line_throws(lines: list[str]) -> None:
    """Whatever is typed, in whatever order: an answer, never a traceback."""
    async with desk() as at:
        for line in lines:
            if line.casefold().startswith("wait") and line.endswith(("m", "h")):
                continue  # an hour of polling is only slow
            await at.session.takes(line.strip())
        assert at.session.prompt


async def test_the_menu_of_a_message_can_be_typed() -> None:
    """Listed, chosen by its first word, and sent after a yes."""
    async with desk() as typed:
        await typed.waiting()
        listed = await typed.types("more 1")
        assert "more 1 approve" in listed
        assert "Why can't I?" in listed
        asked = await typed.types("more 1 approve")
        assert "Approve execution" in asked
        assert typed.session.prompt == "Approve? y/n ▸ "
        told = await typed.types("y")
        assert "(maya presses [Approve])" in told
        assert typed.shop.deploy.runs[0].is_running


async def test_what_is_no_menu_is_explained() -> None:
    """A wrong number or name says what can be typed."""
    async with desk() as typed:
        await typed.waiting()
        assert "more 1 approve" in await typed.types("more x")
        assert "Type one of" in await typed.types("more 1 dance")
        assert "not offered" in await typed.types("as pat", "more 1 why")
        assert "Run a pipeline" in await typed.types("as maya", "shortcut")


async def test_a_subscribed_channel_is_told_by_buddy() -> None:
    """The webhook is made by the command; whoever pushes finds the card there."""
    async with desk() as at:
        assert "I made a webhook in Buddy" in await at.types("as maya", "/buddy subscribe shop/dep")
        assert "it has told nothing yet" in await at.types("buddy")
        assert "calls the bot" in await at.types("as ben", "push Fix the login")
        assert "] Cancel" in await at.types("look")
        assert "told EXECUTION_STARTED last, answered 200" in await at.types("buddy")
