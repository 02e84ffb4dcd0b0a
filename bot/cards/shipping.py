"""What goes out, in words: on a card, in the dialog before an approval, in a form."""

from bot.cards.text import code, escape, link
from bot.domain.execution import Revision
from bot.domain.shipping import MAX_COUNTED, Ships

MAX_LISTED = 10
"""Commits that a form lists."""

_SUBJECT = 72


def ships_line(ships: Ships) -> str:
    """Say in one line of safe mrkdwn what goes out, with links to look at it."""
    since = link(ships.since_url, f"#{ships.since}")
    if not ships.commits:
        return f":package: Ships the same revision as {since}, the last successful run"
    return f":package: Ships {link(ships.url, _count(ships))} {_by(ships)} since {since}"


def ships_short(ships: Ships, room: int) -> str:
    """Say it for a dialog without links: with as many first lines as fit into ``room``."""
    if not ships.commits:
        return f"Ships the same revision as #{ships.since}"
    told = f"Ships {_count(ships)} {_by(ships)} since #{ships.since}"
    for commit in ships.commits:
        line = f"\n• {escape(commit.first_line, 60)}"
        if len(told) + len(line) > room:
            break
        told += line
    return told


def ships_list(ships: Ships) -> str:
    """List the newest commits with their authors, in safe mrkdwn; empty if there are none."""
    lines = [_entry(commit) for commit in ships.commits[:MAX_LISTED]]
    rest = len(ships.commits) - len(lines)
    if rest or ships.is_more:
        more = f"at least {rest + 1}" if ships.is_more else str(rest)
        lines.append(f"…and {more} more: {link(ships.url, 'all of them in Buddy')}")
    return "\n".join(lines)


def _entry(commit: Revision) -> str:
    author = f" · {escape(commit.author.name, 40)}" if commit.author and commit.author.name else ""
    return f"• {code(commit.short_sha)} {escape(commit.first_line, _SUBJECT)}{author}"


def _count(ships: Ships) -> str:
    if ships.is_more:
        return f"more than {MAX_COUNTED} commits"
    return "1 commit" if len(ships.commits) == 1 else f"{len(ships.commits)} commits"


def _by(ships: Ships) -> str:
    if ships.is_more:
        return f"by {ships.people} or more people"
    return "by 1 person" if ships.people == 1 else f"by {ships.people} people"
