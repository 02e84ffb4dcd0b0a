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
    │   ├── UnknownAlias               one word, which is no short name of a pipeline here
    │   ├── AliasOfTeam                a short name is the team's, not the channel's
    │   ├── TooManyAliases             no more short names fit
    │   ├── NoDefault                  no pipeline is meant where none is named
    │   ├── UnknownAction              no such action in this execution
    │   ├── ForeignLink                a pasted link that leads to another Buddy, or elsewhere
    │   ├── NumberUnknown              a link whose execution is too old to be found by its hash
    │   ├── NothingRunYet              the pipeline has no execution
    │   ├── NoExecutionHere            the message that somebody points at is about none
    │   ├── SeveralExecutionsHere      it links to several
    │   ├── ChoiceOfAnother            a choice that was offered to somebody else
    │   ├── ChoiceGone                 a choice that was made already, or too old
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
    │   ├── LinkNotMade                a click waited for the account in vain
    │   ├── NotConnected               a pasted token was not checked to the end
    │   └── LinkUnreadable             sealed with a key that is gone
    ├── OperationError                 the world is not as the button said
    │   ├── NotTaken                   the click could not be stored: nothing will happen
    │   ├── AttemptChanged             the execution was retried since
    │   ├── GateGone                   this gate no longer waits
    │   ├── AlreadyDecided             somebody was first
    │   ├── Superseded                 a newer run of the pipeline exists
    │   ├── StateForbids               the state does not allow this operation
    │   ├── GateNotNamed               several gates wait; which?
    │   ├── ValuesNeeded               the gate asks for variables, and none were given
    │   ├── BindingImpossible          Buddy gives too little to be exact
    │   ├── StillSettling              an operation of somebody has not shown its effect yet
    │   ├── EffectUnclear              sent, the answer lost, and reading cannot tell
    │   └── ValuesError                the variables that somebody gave to a gate
    │       ├── NoValuesWanted         the gate takes a plain yes
    │       ├── UnknownVariable        no variable of this name is asked for
    │       ├── ValuesMissing          not all of them were given
    │       ├── ValueNotOffered        none of the values that the variable takes
    │       ├── ValueOfSeveralLines    more than a line, or too long
    │       ├── ValuesChanged          the gate asks for others since the form was opened
    │       ├── ValuesLost             interrupted or expired: wiped, and not sent
    │       ├── FieldsUnknown          Buddy does not tell what is asked for
    │       └── FormTooLarge           more than a form of Slack's holds
    ├── SubscribingError               what keeps a channel from being told
    │   ├── NotInvited                 the bot cannot post there
    │   ├── NotManager                 a webhook's secret is for who manages it
    │   ├── NotYours                   a secret is for who sees what it is about
    │   ├── SecretNotTaken             Buddy kept the one before
    │   ├── SecretUnclear              Buddy may have taken it
    │   ├── NothingSubscribed          the channel is told of nothing that could be meant
    │   └── SubscriptionGone           ended, or another channel's
    ├── RunError                       a run was not started
    │   ├── PipelineSwitchedOff        disabled or paused in Buddy
    │   ├── RunRefused                 Buddy does not start it like this
    │   ├── ValuesForgotten            interrupted, and the values are not kept any longer
    │   └── NoPlaceForCard             its card could not be posted there
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

from bot.errors.account import (
    LinkChanged,
    LinkError,
    LinkNotMade,
    LinkUnreadable,
    NotConnected,
    NotLinked,
)
from bot.errors.base import BotError
from bot.errors.buddy import (
    AnswerLost,
    ApiDisabled,
    BuddyError,
    BuddyForbids,
    BuddyRateLimited,
    BuddyRefuses,
    BuddyUnavailable,
    NotFoundInBuddy,
    TokenRejected,
    WorkspaceInactive,
)
from bot.errors.meant import (
    AliasOfTeam,
    NoDefault,
    NoExecutionHere,
    SeveralExecutionsHere,
    TooManyAliases,
    UnknownAlias,
)
from bot.errors.operation import (
    AlreadyDecided,
    AttemptChanged,
    BindingImpossible,
    EffectUnclear,
    GateGone,
    GateNotNamed,
    NotTaken,
    OperationError,
    StateForbids,
    StillSettling,
    Superseded,
    ValuesNeeded,
)
from bot.errors.people import (
    AccountClosed,
    GuestRefused,
    PersonRefused,
    PersonUnverified,
    StrangerRefused,
)
from bot.errors.run import (
    NoPlaceForCard,
    PipelineSwitchedOff,
    RunError,
    RunRefused,
    ValuesForgotten,
)
from bot.errors.slack import (
    BlocksRefused,
    ChannelUnreachable,
    FormExpired,
    MessageGone,
    SlackBusy,
    SlackError,
    SlackUnavailable,
)
from bot.errors.subscribing import (
    NothingSubscribed,
    NotInvited,
    NotManager,
    NotYours,
    SecretNotTaken,
    SecretUnclear,
    SubscribingError,
    SubscriptionGone,
)
from bot.errors.text import clean, code, link, quote
from bot.errors.typed import (
    AmbiguousName,
    ButtonUnreadable,
    ChoiceGone,
    ChoiceOfAnother,
    CommandSyntaxError,
    ForeignHost,
    ForeignInstallation,
    ForeignLink,
    InputError,
    NothingRunYet,
    NumberUnknown,
    TokenInText,
    TokenMalformed,
    UnknownAction,
    UnknownName,
)
from bot.errors.values import (
    FieldsUnknown,
    FormTooLarge,
    NoValuesWanted,
    UnknownVariable,
    ValueNotOffered,
    ValueOfSeveralLines,
    ValuesChanged,
    ValuesError,
    ValuesLost,
    ValuesMissing,
)

__all__ = [
    "AccountClosed",
    "AliasOfTeam",
    "AlreadyDecided",
    "AmbiguousName",
    "AnswerLost",
    "ApiDisabled",
    "AttemptChanged",
    "BindingImpossible",
    "BlocksRefused",
    "BotError",
    "BuddyError",
    "BuddyForbids",
    "BuddyRateLimited",
    "BuddyRefuses",
    "BuddyUnavailable",
    "ButtonUnreadable",
    "ChannelUnreachable",
    "ChoiceGone",
    "ChoiceOfAnother",
    "CommandSyntaxError",
    "EffectUnclear",
    "FieldsUnknown",
    "ForeignHost",
    "ForeignInstallation",
    "ForeignLink",
    "FormExpired",
    "FormTooLarge",
    "GateGone",
    "GateNotNamed",
    "GuestRefused",
    "InputError",
    "LinkChanged",
    "LinkError",
    "LinkNotMade",
    "LinkUnreadable",
    "MessageGone",
    "NoDefault",
    "NoExecutionHere",
    "NoPlaceForCard",
    "NoValuesWanted",
    "NotConnected",
    "NotFoundInBuddy",
    "NotInvited",
    "NotLinked",
    "NotManager",
    "NotTaken",
    "NotYours",
    "NothingRunYet",
    "NothingSubscribed",
    "NumberUnknown",
    "OperationError",
    "PersonRefused",
    "PersonUnverified",
    "PipelineSwitchedOff",
    "RunError",
    "RunRefused",
    "SecretNotTaken",
    "SecretUnclear",
    "SeveralExecutionsHere",
    "SlackBusy",
    "SlackError",
    "SlackUnavailable",
    "StateForbids",
    "StillSettling",
    "StrangerRefused",
    "SubscribingError",
    "SubscriptionGone",
    "Superseded",
    "TokenInText",
    "TokenMalformed",
    "TokenRejected",
    "TooManyAliases",
    "UnknownAction",
    "UnknownAlias",
    "UnknownName",
    "UnknownVariable",
    "ValueNotOffered",
    "ValueOfSeveralLines",
    "ValuesChanged",
    "ValuesError",
    "ValuesForgotten",
    "ValuesLost",
    "ValuesMissing",
    "ValuesNeeded",
    "WorkspaceInactive",
    "clean",
    "code",
    "link",
    "quote",
]
