"""Understand the text after the slash command: the table of all commands, and how it is used.

    command = word { place } { option }

The table says of each command whether the bot carries it out. What it does not is as good as not
there: neither understood, nor offered, nor in help. What the places look like, ``reader`` says,
and the options, ``options``; quotes may be those that phones insert.

Pure: the same text always gives the same command, or the same ``CommandSyntaxError``, which knows
the column and a correct example; and ``write`` writes any command so that it is read as itself.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from bot.domain import command as commands
from bot.domain import options, quotes
from bot.domain.command import AnyCommand, Command, Moment, Priority
from bot.domain.execution import GitRefKind, Operation
from bot.domain.form import Form, Option, Slot
from bot.domain.reader import Reader
from bot.domain.reference import ProjectName
from bot.errors import CommandSyntaxError, TokenInText

_APPROVALS = frozenset({Operation.APPROVE_VISUAL_TESTS, Operation.PROVIDE})
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ALIAS = re.compile(r"[^\W_][\w.-]{0,39}(?=\s|=|\Z)")
_DOTS = re.compile(r"(?:…|\.\.\.)(?!\S)")
_EQUALS = re.compile(r"\s*=")
_FLAGS = (
    options.flag("from-scratch", "from_scratch"),
    options.flag("clear-cache", "clear_cache"),
)


def _alias(reader: Reader) -> str:
    reader.skip()
    at = reader.at
    name = reader.take(_ALIAS)
    if not name or name.lower() in {flag.label for flag in _FLAGS}:
        raise reader.stop("Here comes a short name of letters and digits.", at)
    if not reader.take(_EQUALS):
        raise reader.stop("After the name comes =, and what it stands for.")
    return name


def _topic(topic: commands.Topic) -> str:
    # Two parts alone would be read as a project and its pipeline.
    return f"{topic}/*" if isinstance(topic, ProjectName) and topic.workspace else str(topic)


def _asked(reader: Reader) -> commands.Topic | None:
    """Take a topic; dots ask for the form that asks for it."""
    reader.skip()
    return None if reader.take(_DOTS) else reader.topic()


def _operation(operation: Operation, does: str, example: str = "", *said: Option) -> Form:
    word = operation.value
    return Form(
        word,
        commands.Operate,
        does,
        f"{word} shop/deploy#12{example}",
        (_EXECUTION,),
        said,
        {"operation": operation},
    )


_EXECUTION = Slot("EXECUTION", "execution", Reader.execution)
_PIPELINE = Slot("[PIPELINE]", "pipeline", Reader.pipeline, may_lack=True)
_REASON = options.reason()

COMMANDS: tuple[Form, ...] = (
    Form("connect", commands.Connect, "Link your Buddy account.", "connect"),
    Form("disconnect", commands.Disconnect, "Forget your Buddy account.", "disconnect"),
    Form("whoami", commands.Whoami, "Show which Buddy account you act as.", "whoami"),
    Form("projects", commands.Projects, "List your projects.", "projects"),
    Form(
        "pipelines",
        commands.Pipelines,
        "List the pipelines of a project.",
        "pipelines shop",
        (Slot("[PROJECT]", "project", Reader.project, may_lack=True),),
    ),
    Form(
        "executions",
        commands.Executions,
        "List the executions of a pipeline.",
        "executions shop/deploy",
        (_PIPELINE,),
    ),
    Form(
        "show",
        commands.Show,
        "Put the live card of an execution into this channel.",
        "show shop/deploy#12",
        (_EXECUTION,),
    ),
    Form(
        "status",
        commands.ShowStatus,
        "Tell the state in one glance; alone, of all that is open in this channel.",
        "status shop/deploy",
        (Slot("[EXECUTION]", "execution", Reader.execution, may_lack=True),),
    ),
    Form(
        "logs",
        commands.Logs,
        "Show the end of a log: of that action, else of the failed one, else of the current one.",
        "logs shop/deploy#12 Build",
        (
            _EXECUTION,
            Slot("[ACTION]", "action", lambda it: it.name() or it.action_run, quotes.rest),
        ),
    ),
    Form(
        "why",
        commands.Why,
        "Explain who may approve an execution, and what stands against you.",
        "why shop/deploy#12",
        (_EXECUTION,),
    ),
    Form(
        "inbox",
        commands.Inbox,
        "List what waits for you, and what you started that still runs.",
        "inbox",
    ),
    Form(
        "run",
        commands.Run,
        "Start an execution; what is missing is asked for.",
        'run shop/deploy @main VERSION=2.1 comment:"as agreed"',
        (_PIPELINE,),
        (
            options.named("@", "BRANCH", GitRefKind.BRANCH),
            options.named("tag:", "TAG", GitRefKind.TAG),
            options.pull_request("pr:"),
            options.revision("rev:"),
            options.assignments(),
            options.text("comment", "comment"),
            *_FLAGS,
            options.choice("priority", "priority", Priority),
            options.clock("at", "at"),
        ),
    ),
    _operation(
        Operation.APPROVE,
        "Let an execution that waits for approval continue, with values if its gate asks for any.",
        ' reason:"tested on staging"',
        options.assignments(),
        _REASON,
    ),
    _operation(
        Operation.REJECT,
        "Refuse an execution that waits; Buddy then cancels it.",
        ' reason:"wrong branch"',
        _REASON,
    ),
    _operation(Operation.CANCEL, "Stop an execution.", "", _REASON),
    _operation(Operation.RETRY, "Run a failed or cancelled execution again."),
    _operation(Operation.START, "Start a scheduled execution now."),
    Form(
        "subscribe",
        commands.Subscribe,
        "Tell this channel what goes on in a project or a pipeline; alone, a form asks.",
        "subscribe shop/deploy on:waiting,failed branch:main",
        (Slot("[PROJECT|PIPELINE]", "topic", _asked, _topic, may_lack=True),),
        (
            options.choices("on", "moments", Moment),
            options.text("branch", "branch", "GLOB"),
            options.flag("by:me", "by_me"),
        ),
    ),
    Form(
        "unsubscribe",
        commands.Unsubscribe,
        "Tell this channel no more.",
        "unsubscribe shop/deploy",
        (Slot("[PROJECT|PIPELINE]", "topic", Reader.topic, _topic, may_lack=True),),
    ),
    Form(
        "subscriptions",
        commands.Subscriptions,
        "List what this channel is told.",
        "subscriptions",
    ),
    Form(
        "alias",
        commands.Alias,
        "Give a pipeline a short name here; without the pipeline, take it back; alone, list all.",
        "alias prod = shop/deploy",
        (
            Slot("[NAME =", "name", _alias, "{} =".format, may_lack=True),
            Slot("[PIPELINE]]", "pipeline", Reader.pipeline, may_lack=True),
        ),
        (options.flag("for:team", "for_team"),),
    ),
    Form(
        "settings",
        commands.ShowSettings,
        "Show what is set for this channel and for you.",
        "settings",
    ),
    Form(
        "doctor",
        commands.Doctor,
        "Tell what is wrong, and how to mend it.",
        "doctor",
        is_active=False,
    ),
    Form(
        "help",
        commands.Help,
        "Explain all commands, or one.",
        "help approve",
        (Slot("[COMMAND]", "topic", lambda it: it.word().lower(), may_lack=True),),
    ),
)
"""Every command, in the order of help. What is active here is what the bot carries out."""

ACTIVE = tuple(form for form in COMMANDS if form.is_active)


class Grammar:
    """Understands some commands; of all others it knows nothing."""

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms = {form.word: form for form in forms}
        self._has_aliases = "alias" in self._forms

    def parse(self, text: str) -> AnyCommand:
        """Understand a text.

        Raises:
            TokenInText: somebody typed a token; it must be revoked.
            CommandSyntaxError: the text is no command.
        """
        if _UUID.search(text):
            raise TokenInText
        reader = Reader(text, aliases=self._has_aliases)
        word = reader.word().lower()
        if not word:
            return commands.Help()
        form = self._forms.get(word)
        if form is None:
            raise self._unknown(reader, word)
        reader.example = form.example
        command = form.read(reader)
        if isinstance(command, commands.Help) and command.topic not in {"", *self._forms}:
            raise self._unknown(reader, command.topic)
        return command

    def write(self, command: AnyCommand) -> str:
        """Write a command so that it is read back as itself."""
        if isinstance(command, commands.Operate) and command.operation in _APPROVALS:
            # People approve; of what kind the gate is, is found out when it is read.
            command = replace(command, operation=Operation.APPROVE)
        return next(form for form in self._forms.values() if form.has_made(command)).write(command)

    def _unknown(self, reader: Reader, word: str) -> CommandSyntaxError:
        nearest = difflib.get_close_matches(word, self._forms, n=1, cutoff=0.6)
        hint = f"Did you mean `{nearest[0]}`?" if nearest else "I do not know this command."
        reader.example = self._forms[nearest[0] if nearest else "help"].example
        return reader.stop(hint, reader.began)


WHOLE = Grammar(COMMANDS)
"""Also what is planned, so that it is designed in one piece."""

_CARRIED_OUT = Grammar(ACTIVE)


def parse(text: str) -> Command:
    """Understand the text, or say where it stopped making sense.

    Raises:
        TokenInText: somebody typed a token; it must be revoked.
        CommandSyntaxError: the text is no command that the bot carries out.
    """
    command = _CARRIED_OUT.parse(text)
    assert isinstance(command, Command)  # noqa: S101 - a test holds the table to it
    return command


def write(command: Command) -> str:
    """Write a command so that it is read back as itself."""
    return WHOLE.write(command)
