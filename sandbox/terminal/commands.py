"""The sandbox's own words: the help, and what somebody may have meant."""

import difflib
from dataclasses import dataclass

from sandbox.terminal.screen import Screen


class Misunderstood(Exception):
    """What was typed cannot be done; the text says why, and what to type instead."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One line of the help; its first word is the command."""

    form: str
    does: str

    @property
    def word(self) -> str:
        """The command."""
        return self.form.partition(" ")[0]


IN_SLACK = (
    Usage("/buddy …", "anything that begins with / goes to Slack as typed; try /buddy help"),
    Usage("click 1", "press the button with this number; `1` is enough"),
    Usage("double 1", "press it twice, with a nervous finger"),
    Usage("more 1", "the menu of a message; `more 1 why` chooses from it"),
    Usage("shortcut", "the app's shortcuts for anywhere; `shortcut run` chooses one"),
    Usage("as NAME", "be somebody else, and see their private notes: {names}"),
    Usage("look", "show the channel again"),
    Usage("thread 1", "show a message and its thread; without a number the newest"),
)
BACKSTAGE = (
    Usage("push TEXT", "push a commit with this message; Buddy starts shop/deploy"),
    Usage("fail STEP", "let a step of the newest run fail, once"),
    Usage("buddy", "show Buddy's pipelines and runs"),
    Usage("buddy run NAME", "start a pipeline in Buddy's web app: {pipelines}"),
    Usage("buddy approve", "answer in Buddy's web app; also buddy cancel, buddy retry"),
)
TROUBLE = (
    Usage("buddy down", "switch Buddy off; buddy up mends it, buddy slow makes it slow"),
    Usage("slack down", "let Slack refuse the bot's calls; slack up mends it"),
    Usage("log", "show what the bot wrote into its log"),
)
TIME = (
    Usage("wait 40", "let 40 seconds pass at once; also 2m or 1h"),
    Usage("slow", "as fast as real time; normal is 5 times as fast, fast 30 times"),
)
OTHERS = (Usage("help", "this list"), Usage("quit", "leave; also Ctrl-D"))
SECTIONS = {
    "In Slack": IN_SLACK,
    "In the shop's repository, and in Buddy": BACKSTAGE,
    "Trouble": TROUBLE,
    "Time": TIME,
    "And": OTHERS,
}
WORDS = sorted(
    {usage.word for usages in SECTIONS.values() for usage in usages} - {"/buddy"}
    | {"normal", "fast"}
)
_OF_THE_BOT = (
    "connect",
    "disconnect",
    "whoami",
    "alias",
    "inbox",
    "show",
    "why",
    "approve",
    "reject",
    "cancel",
    "retry",
    "start",
)
"""Words that people try without the slash command before them."""


def show_help(screen: Screen, names: str, pipelines: str) -> None:
    """Print every command."""
    for title, usages in SECTIONS.items():
        screen.titles(title)
        rows = [(one.form, one.does.format(names=names, pipelines=pipelines)) for one in usages]
        screen.lists(rows)


def welcome(screen: Screen) -> None:
    """Greet somebody who sees this for the first time."""
    screen.titles("Greenlight's sandbox")
    screen.says(
        "The real bot, between a simulated Slack and a simulated Buddy. Nothing leaves this "
        "machine. You sit before the channel #deployments, as ben, a developer."
    )
    screen.says("\nThree things to try, in this order:")
    screen.lists(
        [
            ("1", "/buddy connect"),
            ("", "A form opens. Type token, and the sandbox pastes ben's own."),
            ("2", "push Fix the login"),
            ("", "Buddy builds and tests it for half a minute; here time runs 5 times as fast."),
            ("3", "/buddy show shop/deploy#1"),
            ("", "The live card. When it waits for approval: as maya, then click Approve."),
        ]
    )
    screen.says(
        "\nAnd then, as maya, who may make webhooks: /buddy subscribe shop/deploy. From then on "
        "Buddy calls the bot, and whoever pushes finds the card in the channel."
    )
    screen.says("\n`help` shows everything else, Tab completes, Ctrl-D leaves.")


def guess(line: str, names: list[str]) -> Misunderstood:
    """Say in one sentence that a line means nothing here, and what comes nearest."""
    first, _, rest = line.partition(" ")
    word = first.casefold()
    if word in names:
        return Misunderstood(f"To be {word}, type `as {word}`.")
    if word in _OF_THE_BOT:
        return Misunderstood(f"That is for the bot: type `/buddy {line}`.")
    nearest = difflib.get_close_matches(word, [*WORDS, *names, *_OF_THE_BOT], n=1, cutoff=0.7)
    shown = first if len(first) <= 30 else f"{first[:29]}…"  # noqa: PLR2004 - enough to know it by
    if not nearest:
        return Misunderstood(f"I do not know “{shown}”. `help` shows what can be typed.")
    [found] = nearest
    if found in names:
        found = f"as {found}"
    elif found in _OF_THE_BOT:
        found = f"/buddy {found}"
    return Misunderstood(f"I do not know “{shown}”. Did you mean `{f'{found} {rest}'.strip()}`?")
