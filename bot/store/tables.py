"""The bot's tables. Changing one takes a migration in ``migrations/versions``."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.database import Moment, metadata
from bot.store.columns import FOREIGN_NUMBER
from bot.store.habit_tables import channel_setting, notice, person_setting, streak
from bot.store.notification_tables import announcement, delivery, hook, listing, subscription

__all__ = [
    "alias",
    "announcement",
    "audit",
    "card",
    "channel_setting",
    "click",
    "decision",
    "delivery",
    "follow",
    "hook",
    "identity",
    "installation",
    "known_name",
    "listing",
    "notice",
    "person_setting",
    "reply",
    "run",
    "run_memory",
    "slack_budget",
    "slack_team",
    "streak",
    "subscription",
    "vault_key",
]

identity = Table(
    "identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("buddy_id", FOREIGN_NUMBER, nullable=False),
    Column("buddy_name", Text, nullable=False),
    Column("sealed_token", Text, nullable=False),
    Column("linked_at", Moment, nullable=False),
    UniqueConstraint("team", "user", "host"),
    Index("ix_identity_buddy", "host", "buddy_id"),
    # A number is never given twice, so an operation pinned to a link that was removed and made anew
    # cannot take the new one for the old.
    sqlite_autoincrement=True,
)
"""Who acts in Buddy as whom. ``generation`` grows whenever the token is replaced."""

click = Table(
    "click",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("way", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("message_ts", String(32), nullable=False),
    Column("thread_ts", String(32), nullable=False),
    Column("is_private", Boolean, nullable=False),
    Column("operation", String(32), nullable=False),
    Column("binding", Text, nullable=False),
    Column("named", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sealed_answer_url", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("step", String(16), nullable=False),
    Column("identity_id", Integer),
    Column("identity_generation", Integer),
    Column("before", Text),
    Column("sent_at", Moment),
    Column("sent_count", Integer, nullable=False),
    Column("outcome", String(64)),
    Column("waits_until", Moment),
    Column("sealed_values", Text, nullable=False, server_default=""),
    Column("values_until", Moment),
    Column("taken_by", String(32), nullable=False, server_default=""),
    Column("variables", Text, nullable=False, server_default=""),
    Index("ix_click_step", "step"),
    sqlite_autoincrement=True,
)
"""One thing a person asked for; stored before it is acknowledged. Steps: ``store/clicks.py``.

``sealed_values``  what was given to a gate: wiped once sent or refused, and at ``values_until``
``taken_by``       the process that took values: once it is gone, nobody sends them
``variables``      the names of what was sent, as JSON; never a value
"""

decision = Table(
    "decision",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("pipeline", FOREIGN_NUMBER, primary_key=True),
    Column("execution", FOREIGN_NUMBER, primary_key=True),
    Column("attempt", String(64), primary_key=True),
    Column("gate", String(255), primary_key=True),
    Column("effect", String(16), primary_key=True),
    Column("click_id", Integer, ForeignKey("click.id"), nullable=False),
    Column("operation", String(32), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_decision_click_id", "click_id"),
)
"""First one wins: at most one answer per gate, one stop, one retry, one start per attempt."""

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("mark", String(16), nullable=False, unique=True),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("way", String(16), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("thread_ts", String(32), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("sealed_values", Text, nullable=False),
    Column("sealed_answer_url", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("step", String(16), nullable=False),
    Column("host", String(255), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("execution", FOREIGN_NUMBER, nullable=False),
    Column("identity_id", Integer),
    Column("identity_generation", Integer),
    Column("sent_at", Moment),
    Column("outcome", String(64), nullable=False),
    Index("ix_run_step", "step"),
    sqlite_autoincrement=True,
)
"""One run that a person asked for; stored before it is acknowledged. Steps: ``store/runs.py``.

``mark`` stands in the comment that Buddy is sent. Where it goes is known from ``sent`` on, which
execution it became from ``started`` on; zero until then.
"""

run_memory = Table(
    "run_memory",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("run_id", Integer, nullable=False),
    Column("sealed_values", Text, nullable=False),
    Column("kept_at", Moment, nullable=False),
    UniqueConstraint("team", "user", "host", "pipeline"),
)
"""The last run of each pipeline by each person, with the values that are no secrets."""

follow = Table(
    "follow",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("pipeline", FOREIGN_NUMBER, primary_key=True),
    Column("execution", FOREIGN_NUMBER, primary_key=True),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("since", Moment, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("mark", Integer, nullable=False),
    Column("superseded_by", FOREIGN_NUMBER),
    Column("last_team", String(32)),
    Column("last_user", String(32)),
    Column("last_operation", String(32)),
    Column("last_at", Moment),
    Column("last_reason", Text),
    Column("last_variables", Text, nullable=False, server_default=""),
    Column("pipeline_name", Text, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("is_in_sight", Boolean, nullable=False),
    Column("bookmark", String(96), nullable=False, server_default=""),
    Column("hints", Integer, nullable=False, server_default="0"),
    Index(
        "ix_follow_open",
        "team",
        "since",
        sqlite_where=text("is_open = 1"),
        postgresql_where=text("is_open"),
    ),
)
"""What is known of an execution that has a card. ``mark`` grows with each operation sent.

``bookmark`` tells how far its story was told; ``domain/story.py`` writes and reads it. ``hints``
grows whenever Buddy says by itself that something happened.
"""

known_name = Table(
    "known_name",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("workspace", String(255), primary_key=True),
    Column("project", String(255), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("pipeline", FOREIGN_NUMBER, primary_key=True),
)
"""What a pipeline was called when somebody named it, in lower case: it may be renamed since."""

card = Table(
    "card",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("message_ts", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("execution", FOREIGN_NUMBER, nullable=False),
    Column("digest", String(32), nullable=False),
    UniqueConstraint("team", "channel", "message_ts"),
    Index("ix_card_execution", "host", "pipeline", "execution"),
    Index("ix_card_message", "channel", "message_ts"),
    sqlite_autoincrement=True,
)
"""A message of ours that shows an execution; ``digest`` tells what it shows now."""

reply = Table(
    "reply",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("card_id", Integer, ForeignKey("card.id", ondelete="CASCADE"), nullable=False),
    Column("about", String(64), nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("blocks", JSON, nullable=False),
    Column("is_posted", Boolean, nullable=False),
    Column("posted_ts", String(32)),
    Column("discreet", JSON(none_as_null=True)),
    UniqueConstraint("card_id", "about"),
    Index("ix_reply_is_posted", "is_posted"),
    sqlite_autoincrement=True,
)
"""What a card's thread is told, in order; ``about`` keeps one thing from being told twice.

What the card itself said when it was posted is here too, as posted and without content.
``discreet`` is what a channel is told that another organisation shares, where that is less.
"""

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("team", String(32), nullable=False),
    Column("user", String(32), nullable=False),
    Column("way", String(16), nullable=False),
    Column("operation", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("execution", FOREIGN_NUMBER, nullable=False),
    Column("gate", String(255), nullable=False),
    Column("event", String(16), nullable=False),
    Column("detail", String(64), nullable=False),
    Column("variables", Text, nullable=False, server_default=""),
    Index("ix_audit_execution", "host", "pipeline", "execution"),
    sqlite_autoincrement=True,
)
"""Append-only: who asked for what, when it was sent, and what came of it.

``variables`` holds the names of what was given to a gate, as JSON; never a value.
"""

alias = Table(
    "alias",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("channel", String(32), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("pipeline_name", Text, nullable=False),
    Column("user", String(32), nullable=False),
    Column("set_at", Moment, nullable=False),
)
"""A short name of a pipeline, in lower case; without a channel it is the whole team's.

What it stands for are host and number; the other names only say where it was found last.
"""

installation = Table(
    "installation",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("id", String(32), nullable=False),
)
"""Who we are among the bots of one Slack app: one row, whose number is always 1."""

slack_team = Table(
    "slack_team",
    metadata,
    Column("team", String(32), primary_key=True),
    Column("lacks_plan", Boolean, nullable=False),
)
"""What is known of a Slack team: whether it refused the plan block."""

slack_budget = Table(
    "slack_budget",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("calls", JSON, nullable=False),
    Column("closed_until", Double, nullable=False),
)
"""When Slack was called within a limit, in seconds since 1970; ``store/budgets.py``."""

_SEALS = text("state = 'sealing'")

vault_key = Table(
    "vault_key",
    metadata,
    Column("name", String(8), primary_key=True),
    Column("state", String(8), nullable=False),
    Index(
        "uq_vault_key_sealing",
        "state",
        unique=True,
        sqlite_where=_SEALS,
        postgresql_where=_SEALS,
    ),
)
"""Which key seals, the same for all processes, and which ones never will again; no keys.

``state``  sealing (exactly one) · retired · lost (what it sealed cannot be opened any more)

A key that is not here opens what it sealed, and may be promoted.
"""
