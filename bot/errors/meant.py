"""What was meant where nothing was named exactly: a message, a short name, a number alone."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import override

from bot.errors.text import code, quote
from bot.errors.typed import InputError


@dataclass(eq=False, repr=False)
class NoExecutionHere(InputError):
    """The message whose menu was used is about no execution."""

    code: ClassVar[str] = "no_execution_here"

    @override
    def explain(self) -> str:
        return (
            "This message is about no execution that I know: it is no card of mine, it stands in "
            "no thread of one, and it links to no execution of my Buddy. Nothing was sent. Use the "
            f"menu of a card, or post one with `{self.command} show project/pipeline#12`."
        )


@dataclass(eq=False, repr=False)
class SeveralExecutionsHere(InputError):
    """The message whose menu was used links to several executions."""

    code: ClassVar[str] = "several_executions_here"

    @override
    def explain(self) -> str:
        return (
            "This message links to several executions, and I do not guess. Nothing was sent. Post "
            f"the one you mean with `{self.command} show` and its link, then use its card's menu."
        )


@dataclass(eq=False, repr=False)
class UnknownAlias(InputError):
    """One word stands where a pipeline should, and is no short name of one here."""

    code: ClassVar[str] = "unknown_alias"

    name: str
    nearest: str = ""

    @override
    def explain(self) -> str:
        hint = f" Did you mean {code(self.nearest)}?" if self.nearest else ""
        return (
            f"“{quote(self.name, 60)}” is no short name of a pipeline here.{hint} "
            f"`{self.command} alias` lists them. Type the pipeline as project/pipeline, or give "
            f"it a short name: `{self.command} alias prod = shop/deploy`."
        )


@dataclass(eq=False, repr=False)
class AliasOfTeam(InputError):
    """A name is to be taken back in a channel, and is the whole team's."""

    code: ClassVar[str] = "alias_of_team"

    name: str

    @override
    def explain(self) -> str:
        return (
            f"“{quote(self.name, 60)}” is no name of this channel, but of the whole team. Nothing "
            f"was changed. Type `{self.command} alias NAME = for:team` to take it back everywhere."
        )


@dataclass(eq=False, repr=False)
class TooManyAliases(InputError):
    """A channel or the team has as many short names as it may have."""

    code: ClassVar[str] = "too_many_aliases"

    @override
    def explain(self) -> str:
        return (
            "There are as many short names here as there may be. Nothing was changed. Type "
            f"`{self.command} alias NAME =` to take one back, then try again."
        )


@dataclass(eq=False, repr=False)
class NoDefault(InputError):
    """A number alone was typed, in a channel that has no default pipeline."""

    code: ClassVar[str] = "no_default"

    @override
    def explain(self) -> str:
        return (
            "You named no pipeline, and this channel has no default one. Type the pipeline's name, "
            f"as in `{self.command} show shop/deploy#12`, or set it once for all with "
            f"`{self.command} alias default = shop/deploy`."
        )
