"""What people are told of short names: privately their list, in the channel who gave one."""

from collections.abc import Sequence

from bot.cards import blocks
from bot.cards.answers import note_card
from bot.cards.card import MAX_MESSAGE_TEXT, Block, Card
from bot.cards.text import code, escape, whole
from bot.domain.alias import Alias

_PER_SECTION = 10


def given_card(alias: Alias, notes: Sequence[str] = ()) -> Card:
    """Say that a name was given, and by whom; ``notes`` are safe mrkdwn."""
    by, what = alias.by.mention, pipeline_title(alias)
    where = "in every channel" if alias.is_team_wide else "in this channel"
    if alias.is_default:
        said = f"{by} made {what} the default pipeline {where}: it is meant where none is named."
    else:
        said = f"{by} named {what} {code(alias.name)} {where}."
    return note_card("\n".join([f":label: {said}", *notes]))


def taken_back_card(alias: Alias, by: str) -> Card:
    """Say that a name holds no more."""
    where = "in every channel" if alias.is_team_wide else "in this channel"
    what = pipeline_title(alias)
    return note_card(f":label: {by} took back {code(alias.name)}, which meant {what} {where}.")


def aliases_card(known: Sequence[Alias], command: str) -> Card:
    """List what holds in a channel, its own names first."""
    if not known:
        return note_card(
            "No pipeline has a short name here. Give one with "
            f"`{command} alias prod = shop/deploy`, for the whole team with `for:team` behind it. "
            f"`{command} alias default = shop/deploy` names the one that is meant where none is."
        )
    body: list[Block] = [blocks.section("*Short names in this channel*")]
    lines = [alias_line(alias) for alias in known]
    starts = range(0, len(lines), _PER_SECTION)
    body += [blocks.section("\n".join(lines[at : at + _PER_SECTION])) for at in starts]
    hint = f"`{command} alias NAME =` takes one back; a channel's own go first."
    body.append(blocks.context(hint))
    return Card(whole("\n".join(lines), MAX_MESSAGE_TEXT), tuple(body))


def default_note(alias: Alias, command: str) -> str:
    """Say which pipeline was meant because none was named, in safe mrkdwn."""
    return (
        f"You named no pipeline, so this is {pipeline_title(alias)}, the default here "
        f"(`{command} alias`)."
    )


def pipeline_title(alias: Alias) -> str:
    """Name the pipeline that a name stands for, in safe mrkdwn."""
    name = alias.pipeline_name or f"pipeline {alias.pipeline.pipeline}"
    return f"*{escape(alias.pipeline.project, 80)} / {escape(name, 80)}*"


def alias_line(alias: Alias) -> str:
    """Say what a name stands for, and who gave it, in safe mrkdwn."""
    whose = ", for the whole team" if alias.is_team_wide else ""
    return f"• {code(alias.name)} is {pipeline_title(alias)}{whose} (by {alias.by.mention})"
