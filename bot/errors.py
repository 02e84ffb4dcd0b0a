"""Every failure a person is told about: one situation, one class, one message.

    BotError
    ├── BuddyError                     what Buddy answered, or did not answer
    │   ├── TokenRejected              401
    │   ├── BuddyForbids               403, the person may not
    │   ├── ApiDisabled                403, the workspace's API is off
    │   ├── WorkspaceInactive          403, frozen, unpaid or deleted
    │   ├── BuddyRateLimited           429, or 403 with Buddy's documented text
    │   ├── NotFoundInBuddy            404
    │   ├── BuddyRefuses               any other 4xx
    │   ├── BuddyUnavailable           no answer to a read, or a write that surely did not leave
    │   └── AnswerLost                 a write left and its answer did not arrive
    ├── InputError                     what somebody typed or pressed
    │   ├── CommandSyntaxError         the text after the slash command is no command
    │   ├── TokenInText                somebody typed a token as slash text
    │   ├── TokenMalformed             what was pasted is no Buddy token
    │   ├── UnknownName                no such workspace, project or pipeline for this person
    │   ├── AmbiguousName              several fit
    │   ├── UnknownAction              no such action in this execution
    │   ├── ForeignLink                a pasted link that leads to another Buddy, or elsewhere
    │   ├── NumberUnknown              a link whose execution is too old to be found by its hash
    │   ├── NothingRunYet              the pipeline has no execution
    │   ├── ChoiceOfAnother            a choice that was offered to somebody else
    │   ├── ButtonUnreadable           a button of another version, or not of this bot
    │   ├── ForeignHost                a card of another Buddy installation
    │   └── ForeignInstallation        a card of another bot on the same Slack app
    ├── PersonRefused                  who may not use the bot at all
    │   ├── StrangerRefused            another organisation
    │   ├── GuestRefused               a guest of this team
    │   ├── AccountClosed              deactivated, a bot, or unknown to Slack
    │   └── PersonUnverified           Slack could not be asked; fails closed
    ├── LinkError                      the person's Buddy account
    │   ├── NotLinked                  none connected
    │   ├── LinkChanged                reconnected or disconnected since the click
    │   └── LinkUnreadable             sealed with a key that is gone
    ├── OperationError                 the world is not as the button said
    │   ├── NotTaken                   the click could not be stored: nothing will happen
    │   ├── AttemptChanged             the execution was retried since
    │   ├── GateGone                   this gate no longer waits
    │   ├── AlreadyDecided             somebody was first
    │   ├── Superseded                 a newer run of the pipeline exists
    │   ├── StateForbids               the state does not allow this operation
    │   ├── GateNotNamed               several gates wait; which?
    │   ├── ValuesNeeded               the gate asks for variables
    │   ├── BindingImpossible          Buddy gives too little to be exact
    │   ├── StillSettling              an operation of somebody has not shown its effect yet
    │   └── EffectUnclear              sent, the answer lost, and reading cannot tell
    └── SlackError                     what Slack answered, or did not answer
        ├── ChannelUnreachable         the bot is not in the channel, or it is archived
        ├── MessageGone                the card was deleted or cannot be edited any more
        ├── BlocksRefused              Slack does not take these blocks
        ├── FormExpired                the trigger was too old to open a form
        ├── SlackBusy                  rate limited
        └── SlackUnavailable           no answer, or an error that is ours to mend

Fields carry facts as plain values; ``explain`` says in mrkdwn what happened and ends with a step
the person can take. Foreign text in a field is escaped by ``explain``, never before; the exceptions
are ``by`` and ``state``, which the cards have words for: they come as safe mrkdwn. Neither ``str``
nor ``repr`` shows a field, since both end up in logs.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from typing_extensions import override

_DIRECTION_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace())
_SURROGATES = range(0xD800, 0xE000)  # a lone half of a pair, which no encoder takes
_INVISIBLE = dict.fromkeys((*_DIRECTION_MARKS, *_CONTROLS, *_SURROGATES))


def clean(foreign: str, limit: int = 200) -> str:
    """Make foreign text fit where Slack shows it literally: one line, not too long.

    Control and direction-changing characters go; letters of any script stay.
    """
    text = " ".join(foreign.translate(_INVISIBLE).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quote(foreign: str, limit: int = 200) -> str:
    """Make foreign text safe inside mrkdwn: no mention, no link, no line breaks, not too long."""
    return _without_markup(clean(foreign, limit))


def link(url: str, label: str) -> str:
    """Link a label that is already safe; without a URL the label stands alone."""
    if not url:
        return label
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{label.replace('|', '¦')}>"


def _without_markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _in_column(char: str) -> str:
    if char.isspace() or ord(char) in _INVISIBLE:
        return " "
    return "'" if char == "`" else char


@dataclass(eq=False, repr=False)
class BotError(Exception):
    """A situation that a person is told about."""

    code: ClassVar[str] = "bot_error"

    command: str = field(default="/buddy", init=False)
    """The slash command's name, filled in by whoever tells people."""

    def __post_init__(self) -> None:
        """Give the exception its code as text, so that a traceback never shows a field."""
        super().__init__(self.code)

    def explain(self) -> str:
        """Say in mrkdwn what happened and what to do next."""
        raise AssertionError(type(self).__name__)


@dataclass(eq=False, repr=False)
class BuddyError(BotError):
    """Buddy answered with an error, or did not answer."""

    code: ClassVar[str] = "buddy_error"


@dataclass(eq=False, repr=False)
class TokenRejected(BuddyError):
    """Buddy answered 401: the token is wrong, expired, or not valid for this workspace."""

    code: ClassVar[str] = "token_rejected"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not accept your token: it is wrong, expired, or not valid for this "
            f"workspace. Create a new one in Buddy and connect it with `{self.command} connect`."
        )


@dataclass(eq=False, repr=False)
class BuddyForbids(BuddyError):
    """Buddy answered 403: this person, or this token's scopes, may not."""

    code: ClassVar[str] = "buddy_forbids"

    message: str

    @override
    def explain(self) -> str:
        said = f" It said: “{quote(self.message)}”." if self.message else ""
        return (
            f"Buddy does not let you do this.{said} Ask somebody who may, or check your rights "
            f"on the pipeline and your token's scopes (`{self.command} whoami` shows them)."
        )


@dataclass(eq=False, repr=False)
class ApiDisabled(BuddyError):
    """Buddy answered that the workspace's API is switched off."""

    code: ClassVar[str] = "api_disabled"

    @override
    def explain(self) -> str:
        return (
            "The API of this Buddy workspace is switched off. Ask a workspace admin to switch it "
            "on in Buddy's workspace settings."
        )


@dataclass(eq=False, repr=False)
class WorkspaceInactive(BuddyError):
    """Buddy answered that the workspace is frozen, unpaid or deleted."""

    code: ClassVar[str] = "workspace_inactive"

    @override
    def explain(self) -> str:
        return (
            "This Buddy workspace is not active (frozen, unpaid or deleted). Ask its owner to look "
            "at it in Buddy."
        )


@dataclass(eq=False, repr=False)
class BuddyRateLimited(BuddyError):
    """The token's budget of calls is used up until ``retry_at`` (aware, by our clock)."""

    code: ClassVar[str] = "buddy_rate_limited"

    retry_at: datetime

    @override
    def explain(self) -> str:
        moment = int(self.retry_at.timestamp())
        return (
            "Buddy's limit of calls for your token is used up. Nothing was changed. Try again "
            f"after <!date^{moment}^{{time}}|{self.retry_at:%H:%M} UTC>."
        )


@dataclass(eq=False, repr=False)
class NotFoundInBuddy(BuddyError):
    """Buddy answered 404: it does not exist, or is hidden from this person."""

    code: ClassVar[str] = "not_found_in_buddy"

    @override
    def explain(self) -> str:
        return (
            "Buddy does not find this, or does not show it to you. Check the name and the number, "
            f"and that your token may see the workspace (`{self.command} whoami`)."
        )


@dataclass(eq=False, repr=False)
class BuddyRefuses(BuddyError):
    """Buddy answered another 4xx: it does not do this in this state, or not with these values."""

    code: ClassVar[str] = "buddy_refuses"

    status: int
    message: str

    @override
    def explain(self) -> str:
        said = f": “{quote(self.message)}”" if self.message else f" (status {self.status})"
        return f"Buddy refused{said}. Nothing was changed. Open the execution in Buddy to see why."


@dataclass(eq=False, repr=False)
class BuddyUnavailable(BuddyError):
    """No answer, after the retries that are safe; a write that raises this surely did not leave."""

    code: ClassVar[str] = "buddy_unavailable"

    @override
    def explain(self) -> str:
        return "Buddy does not answer. Nothing was changed. Try again in a minute."


@dataclass(eq=False, repr=False)
class AnswerLost(BuddyError):
    """A write left and its answer did not arrive, or was no answer: it may have been done."""

    code: ClassVar[str] = "answer_lost"

    @override
    def explain(self) -> str:
        return (
            "Buddy's answer got lost, so it is not known whether it was done. Look at the "
            "execution in Buddy before you try again."
        )


@dataclass(eq=False, repr=False)
class InputError(BotError):
    """Somebody typed or pressed something that leads nowhere."""

    code: ClassVar[str] = "input_error"


@dataclass(eq=False, repr=False)
class CommandSyntaxError(InputError):
    """The text is no command; knows the column (from 0) and one correct example."""

    code: ClassVar[str] = "command_syntax"

    text: str
    column: int
    problem: str
    example: str

    @override
    def explain(self) -> str:
        typed = f"{self.command} "
        start = max(0, self.column - 40)
        # One character for each, or the pointer would stand under the wrong one.
        shown = "".join(map(_in_column, self.text[start : self.column + 40]))
        lead = "…" if start else typed
        pointer = " " * (len(lead) + self.column - start) + "^"
        line = f"{lead}{_without_markup(shown)}".rstrip()
        return (
            f"{self.problem}\n```{line}\n{pointer}```\n"
            f"For example: `{typed}{self.example}`. All commands: `{typed}help`."
        )


@dataclass(eq=False, repr=False)
class TokenInText(InputError):
    """Somebody typed a token as slash text, where it stays in their history."""

    code: ClassVar[str] = "token_in_text"

    @override
    def explain(self) -> str:
        return (
            "This looks like a token, and slash commands are no safe place for one: it stays in "
            "your history. I did not store it. Revoke it in Buddy (avatar → Security → Personal "
            f"Access Tokens), create a new one, and paste that into the form of `{self.command} "
            "connect`."
        )


@dataclass(eq=False, repr=False)
class TokenMalformed(InputError):
    """What was pasted cannot be a Buddy token."""

    code: ClassVar[str] = "token_malformed"

    @override
    def explain(self) -> str:
        return (
            "A Buddy token looks like 01234567-89ab-cdef-0123-456789abcdef. "
            "Copy it again from Buddy and paste it here."
        )


@dataclass(eq=False, repr=False)
class UnknownName(InputError):
    """Nothing of that name is visible to this person."""

    code: ClassVar[str] = "unknown_name"

    kind: str
    name: str
    nearest: str = ""

    @override
    def explain(self) -> str:
        hint = f" Did you mean “{quote(self.nearest)}”?" if self.nearest else ""
        return (
            f"I find no {self.kind} “{quote(self.name)}” among what your Buddy account may "
            f"see.{hint} Check the name in Buddy's address bar and try again."
        )


@dataclass(eq=False, repr=False)
class AmbiguousName(InputError):
    """Several things fit the name; ``choices`` can be typed in its place as they stand."""

    code: ClassVar[str] = "ambiguous_name"

    kind: str
    name: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(f"`{quote(choice)}`" for choice in self.choices[:10]))
        return f"“{quote(self.name)}” can mean {listed}. Type one of these in full."


@dataclass(eq=False, repr=False)
class UnknownAction(InputError):
    """The execution has no action of that name."""

    code: ClassVar[str] = "unknown_action"

    name: str
    choices: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(f"“{quote(choice, 60)}”" for choice in self.choices[:10]))
        known = f"Type one of these: {listed}." if listed else "None of its actions has begun."
        return f"This execution has no action “{quote(self.name)}”. {known}"


@dataclass(eq=False, repr=False)
class ForeignLink(InputError):
    """The pasted link leads to another Buddy than the configured one, or to no Buddy at all."""

    code: ClassVar[str] = "foreign_link"

    host: str
    ours: str

    @override
    def explain(self) -> str:
        return (
            f"This link leads to `{quote(self.host)}`, and I am connected to `{quote(self.ours)}`. "
            "Nothing was sent. Use a link of that Buddy, or type project/pipeline#12."
        )


@dataclass(eq=False, repr=False)
class NumberUnknown(InputError):
    """The link names an execution by its hash, and none of the latest ones has it."""

    code: ClassVar[str] = "number_unknown"

    pipeline: str

    @override
    def explain(self) -> str:
        return (
            "I do not find the execution of this link among the latest of its pipeline, or Buddy "
            "does not show it to you. Nothing was sent. Open the link, read the execution's "
            f"number there, and type it: `{quote(self.pipeline)}#12` with that number."
        )


@dataclass(eq=False, repr=False)
class NothingRunYet(InputError):
    """The pipeline has no execution at all."""

    code: ClassVar[str] = "nothing_run_yet"

    pipeline: str

    @override
    def explain(self) -> str:
        return f"`{quote(self.pipeline)}` has no execution yet. Try again once one runs in Buddy."


@dataclass(eq=False, repr=False)
class ChoiceOfAnother(InputError):
    """The button carries on with what somebody else typed."""

    code: ClassVar[str] = "choice_of_another"

    @override
    def explain(self) -> str:
        return (
            "This choice was offered to somebody else. Nothing was sent. Type the command "
            f"yourself; `{self.command} help` shows how."
        )


@dataclass(eq=False, repr=False)
class ButtonUnreadable(InputError):
    """The button's value is not one this version can read."""

    code: ClassVar[str] = "button_unreadable"

    @override
    def explain(self) -> str:
        return (
            "This card was made by another version of me, so I do not trust its button. Nothing "
            f"was sent. Post a fresh card with `{self.command} show`."
        )


@dataclass(eq=False, repr=False)
class ForeignHost(InputError):
    """The card belongs to another Buddy installation than the configured one."""

    code: ClassVar[str] = "foreign_host"

    @override
    def explain(self) -> str:
        return (
            "This card belongs to another Buddy installation than the one I am connected to. "
            "Nothing was sent. Open the execution in Buddy instead."
        )


@dataclass(eq=False, repr=False)
class ForeignInstallation(InputError):
    """Another installation of the bot, with the same Slack app, made the card."""

    code: ClassVar[str] = "foreign_installation"

    @override
    def explain(self) -> str:
        return (
            "This card was made by another installation of me that shares this Slack app, and I "
            "know nothing of its people and decisions. Nothing was sent. Click again, it may get "
            f"there; or post a card of mine with `{self.command} show`, and tell whoever runs me."
        )


@dataclass(eq=False, repr=False)
class PersonRefused(BotError):
    """The person may not use the bot at all."""

    code: ClassVar[str] = "person_refused"


@dataclass(eq=False, repr=False)
class StrangerRefused(PersonRefused):
    """Somebody of another organisation."""

    code: ClassVar[str] = "stranger_refused"

    @override
    def explain(self) -> str:
        return (
            "Only members of this Slack team can do this, and you belong to another organisation. "
            "Nothing was sent. Ask somebody of this team."
        )


@dataclass(eq=False, repr=False)
class GuestRefused(PersonRefused):
    """A guest of this team."""

    code: ClassVar[str] = "guest_refused"

    @override
    def explain(self) -> str:
        return (
            "Guests cannot do this. Nothing was sent. Ask a full member of this Slack team, or a "
            "Slack admin to make you one."
        )


@dataclass(eq=False, repr=False)
class AccountClosed(PersonRefused):
    """A deactivated account, a bot, or nobody Slack knows."""

    code: ClassVar[str] = "account_closed"

    @override
    def explain(self) -> str:
        return (
            "This Slack account is deactivated or is no person. Nothing was sent. Ask a Slack "
            "admin."
        )


@dataclass(eq=False, repr=False)
class PersonUnverified(PersonRefused):
    """Slack did not say who this is, so nothing is done."""

    code: ClassVar[str] = "person_unverified"

    @override
    def explain(self) -> str:
        return (
            "Slack did not tell me in time who you are, so nothing was sent. Try again in a minute."
        )


@dataclass(eq=False, repr=False)
class LinkError(BotError):
    """Something about the person's Buddy account."""

    code: ClassVar[str] = "link_error"


@dataclass(eq=False, repr=False)
class NotLinked(LinkError):
    """The person has no Buddy account connected."""

    code: ClassVar[str] = "not_linked"

    @override
    def explain(self) -> str:
        return (
            "I do not know your Buddy account yet, and I only ever act as you. Nothing was sent. "
            "Connect it, then do this again."
        )


@dataclass(eq=False, repr=False)
class LinkChanged(LinkError):
    """The person reconnected or disconnected between the click and its turn."""

    code: ClassVar[str] = "link_changed"

    @override
    def explain(self) -> str:
        return (
            "Your Buddy account was changed while this waited for its turn. Nothing was sent. "
            "Do it again if you still want it."
        )


@dataclass(eq=False, repr=False)
class LinkUnreadable(LinkError):
    """The stored token cannot be opened with the keys of this installation."""

    code: ClassVar[str] = "link_unreadable"

    @override
    def explain(self) -> str:
        return (
            "I can no longer open your stored token: its key is gone, or it was altered. "
            f"Nothing was sent. Connect your account again with `{self.command} connect`."
        )


@dataclass(eq=False, repr=False)
class OperationError(BotError):
    """The world is not as the button said; nothing was sent, unless the class says otherwise."""

    code: ClassVar[str] = "operation_error"


@dataclass(eq=False, repr=False)
class NotTaken(OperationError):
    """The click could not be stored in time: it will not happen, now or later."""

    code: ClassVar[str] = "not_taken"

    @override
    def explain(self) -> str:
        return (
            "Not taken: I could not write down your request, so nothing was sent and nothing will "
            "be. Try again in a moment."
        )


@dataclass(eq=False, repr=False)
class AttemptChanged(OperationError):
    """The execution was retried after the button was made."""

    code: ClassVar[str] = "attempt_changed"

    execution: int
    state: str

    @override
    def explain(self) -> str:
        return (
            f"This button belongs to an earlier attempt of #{self.execution}, which was retried "
            f"since and is now *{self.state}*. Nothing was sent. Use the buttons of the updated "
            "card."
        )


@dataclass(eq=False, repr=False)
class GateGone(OperationError):
    """The gate no longer waits: it was answered, stopped, or another one waits now."""

    code: ClassVar[str] = "gate_gone"

    gate: str
    state: str
    by: str = ""
    """Who answered, already written as a mention or escaped name; empty if it cannot be told."""

    @override
    def explain(self) -> str:
        gate = f"“{quote(self.gate)}”" if self.gate else "The gate of this button"
        who = f" It was answered by {self.by}." if self.by else ""
        return (
            f"{gate} no longer waits: the execution is *{self.state}*.{who} Nothing was sent. "
            "The card shows what can be done now."
        )


@dataclass(eq=False, repr=False)
class AlreadyDecided(OperationError):
    """Somebody was first; ``by`` is a mention or an escaped name, ``did`` a past participle."""

    code: ClassVar[str] = "already_decided"

    by: str
    did: str
    is_same_person: bool

    @override
    def explain(self) -> str:
        who = "you" if self.is_same_person else self.by
        return (
            f"Already {self.did} by {who}, so nothing more was sent. "
            "The card and its thread show how it went on."
        )


@dataclass(eq=False, repr=False)
class Superseded(OperationError):
    """A newer run of the same pipeline and branch exists."""

    code: ClassVar[str] = "superseded"

    execution: int
    newer: int

    @override
    def explain(self) -> str:
        return (
            f"#{self.execution} was overtaken by the newer run #{self.newer}. Nothing was sent. "
            f"Look at #{self.newer} and decide there."
        )


@dataclass(eq=False, repr=False)
class StateForbids(OperationError):
    """The execution's state does not allow the operation."""

    code: ClassVar[str] = "state_forbids"

    wanted: str
    execution: int
    state: str

    @override
    def explain(self) -> str:
        return (
            f"#{self.execution} is *{self.state}*, so there is nothing to {self.wanted}. "
            "Nothing was sent. The card shows what can be done now."
        )


@dataclass(eq=False, repr=False)
class GateNotNamed(OperationError):
    """Several gates wait and the command did not say which."""

    code: ClassVar[str] = "gate_not_named"

    gates: tuple[str, ...]

    @override
    def explain(self) -> str:
        listed = ", ".join(dict.fromkeys(f"“{quote(gate)}”" for gate in self.gates[:10]))
        return f"Several gates wait: {listed}. Nothing was sent. Choose one below."


@dataclass(eq=False, repr=False)
class ValuesNeeded(OperationError):
    """The gate asks for variables, which only Buddy's own page takes for now."""

    code: ClassVar[str] = "values_needed"

    url: str

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return f"This gate asks for variables. Nothing was sent. {where} and fill them in there."


@dataclass(eq=False, repr=False)
class BindingImpossible(OperationError):
    """Buddy says too little to be sure which attempt or gate is meant."""

    code: ClassVar[str] = "binding_impossible"

    url: str

    @override
    def explain(self) -> str:
        where = link(self.url, "Open it in Buddy")
        return (
            "Buddy does not tell me exactly which gate this is, so I do not answer it. "
            f"Nothing was sent. {where} and decide there."
        )


@dataclass(eq=False, repr=False)
class StillSettling(OperationError):
    """An operation was sent a moment ago and Buddy does not show its effect yet."""

    code: ClassVar[str] = "still_settling"

    by: str
    did: str

    @override
    def explain(self) -> str:
        return (
            f"It was {self.did} by {self.by} a moment ago and Buddy does not show it yet. "
            "Nothing more was sent. Wait for the card to change, then decide."
        )


@dataclass(eq=False, repr=False)
class EffectUnclear(OperationError):
    """It was sent, and the execution can no longer be read to see what came of it."""

    code: ClassVar[str] = "effect_unclear"

    @override
    def explain(self) -> str:
        return (
            "It was sent, but I can no longer read the execution with your Buddy account, so I "
            "cannot tell what came of it. I do not send it again by myself. Look at the execution "
            "in Buddy, then decide."
        )


@dataclass(eq=False, repr=False)
class SlackError(BotError):
    """Slack answered with an error, or did not answer."""

    code: ClassVar[str] = "slack_error"


@dataclass(eq=False, repr=False)
class ChannelUnreachable(SlackError):
    """The bot cannot post there: not a member, archived, or no such channel."""

    code: ClassVar[str] = "channel_unreachable"

    reason: str

    @override
    def explain(self) -> str:
        return (
            "I cannot post in this channel: I am not a member of it, or it is archived. "
            "Invite me with `/invite`, then try again."
        )


@dataclass(eq=False, repr=False)
class MessageGone(SlackError):
    """The message was deleted or can no longer be edited."""

    code: ClassVar[str] = "message_gone"

    reason: str

    @override
    def explain(self) -> str:
        return (
            "This card is gone or can no longer be changed. "
            f"Post a fresh one with `{self.command} show`."
        )


@dataclass(eq=False, repr=False)
class BlocksRefused(SlackError):
    """Slack does not take these blocks."""

    code: ClassVar[str] = "blocks_refused"

    @override
    def explain(self) -> str:
        return "Slack did not take my message's layout. Tell your Greenlight operator about it."


@dataclass(eq=False, repr=False)
class FormExpired(SlackError):
    """More than three seconds passed between the click and the form."""

    code: ClassVar[str] = "form_expired"

    @override
    def explain(self) -> str:
        return "Slack's three seconds were over before the form was open. Try again."


@dataclass(eq=False, repr=False)
class SlackBusy(SlackError):
    """Slack asks to wait."""

    code: ClassVar[str] = "slack_busy"

    seconds: float

    @override
    def explain(self) -> str:
        return "Slack asks me to slow down. Try again in a minute."


@dataclass(eq=False, repr=False)
class SlackUnavailable(SlackError):
    """No answer from Slack, or an error that only the operator can mend."""

    code: ClassVar[str] = "slack_unavailable"

    reason: str
    is_sure: bool = True
    """Whether Slack surely did nothing; False if only its answer is missing."""

    @override
    def explain(self) -> str:
        return "Slack did not take my message. Try again in a minute."
