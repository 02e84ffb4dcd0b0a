"""The tables of who wants to be left alone when, and of what was told already."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from bot.database import Moment, metadata
from bot.store.columns import FOREIGN_NUMBER

channel_setting = Table(
    "channel_setting",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("quiet", String(80), nullable=False),
    Column("ladder", String(100)),
)
"""When a channel is quiet and when it is reminded; ``domain/quiet.py`` and ``domain/ladder.py``.

``quiet``   ``22:00-07:00 Europe/Warsaw``; empty for never
``ladder``  ``15m, 1h, 4h``, or ``off``; null for the operator's
"""

person_setting = Table(
    "person_setting",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("user", String(32), primary_key=True),
    Column("tells_failures", Boolean, nullable=False),
)
"""What a person is told directly."""

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("about", String(400), nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("team", "user", "about"),
    Index("ix_notice_at", "at"),
    sqlite_autoincrement=True,
)
"""What a person was told directly; ``about`` keeps one thing from being told twice."""

streak = Table(
    "streak",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("branch", String(255), nullable=False),
    Column("card_id", Integer, nullable=False),
    Column("first", FOREIGN_NUMBER, nullable=False),
    Column("last", FOREIGN_NUMBER, nullable=False),
    Column("count", Integer, nullable=False),
    Column("told", Text, nullable=False),
    Column("since", Moment, nullable=False),
    UniqueConstraint("team", "channel", "host", "pipeline", "branch"),
    Index("ix_streak_since", "since"),
    sqlite_autoincrement=True,
)
"""A pipeline that fails again and again on a branch: its failures share the first one's card.

``first``, ``last``  numbers of executions
``told``             numbers of those that count, with commas between them
"""
