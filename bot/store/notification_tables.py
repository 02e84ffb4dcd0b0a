"""The tables of notifications: what channels want to be told, and what Buddy told us."""

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from bot.database import Moment, metadata
from bot.store.columns import FOREIGN_NUMBER

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("topic", String(600), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER),
    Column("project_shown", Text, nullable=False),
    Column("pipeline_shown", Text, nullable=False),
    Column("moments", String(255), nullable=False),
    Column("branch", Text, nullable=False),
    Column("by_user", String(32), nullable=False),
    Column("broadcasts_failures", Boolean, nullable=False),
    Column("mention", Text, nullable=False),
    Column("user", String(32), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("told_gone_at", Moment),
    UniqueConstraint("team", "channel", "host", "topic"),
    Index("ix_subscription_topic", "host", "topic"),
    sqlite_autoincrement=True,
)
"""What a channel wants to be told; of a pipeline, or of a whole project.

``topic``         ``pipeline/<number>`` or ``project/<workspace>/<name id>``: what is compared
``moments``       words of ``domain.command.Moment``, with commas between them
``by_user``       only what this person of the team started; empty for everybody
``user``          who asked for it: their account reads
``told_gone_at``  when they were told that the channel cannot be reached; empty while it can
"""

hook = Table(
    "hook",
    metadata,
    Column("id", String(43), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("team", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("user", String(32), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("previous_until", Moment),
    Column("webhook", FOREIGN_NUMBER),
    Column("created_at", Moment, nullable=False),
    Column("last_delivery_at", Moment),
    Index("ix_hook_workspace", "host", "workspace"),
)
"""An address of ours that Buddy calls; ``id`` is the end of its path, and cannot be guessed.

``kind``     webhook (a workspace's) · step (a pipeline's own call)
``webhook``  Buddy's number of the webhook, where the bot made it itself

Of a secret only its hash is kept; the one before counts until ``previous_until``.
"""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("execution", String(64), nullable=False),
    Column("hint", String(96), nullable=False),
    Column("source", String(8), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    UniqueConstraint("host", "pipeline", "execution", "hint"),
    Index("ix_delivery_received_at", "received_at"),
    sqlite_autoincrement=True,
)
"""The inbox: what Buddy told us of an execution, each thing once; stored before the answer.

``team``       whose address was called
``execution``  its number, or ``hash/<its link's hash>`` where no number was told
``hint``       how it stood, as far as that was told; never more than a reason to look
``state``      new · seen
"""

announcement = Table(
    "announcement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("team", String(32), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("host", String(255), nullable=False),
    Column("pipeline", FOREIGN_NUMBER, nullable=False),
    Column("execution", FOREIGN_NUMBER, nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("project", String(255), nullable=False),
    Column("subscription_id", Integer, nullable=False),
    Column("moments", String(255), nullable=False),
    Column("card_id", Integer),
    Column("noticed_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),
    UniqueConstraint("team", "channel", "host", "pipeline", "execution"),
    Index("ix_announcement_noticed_at", "noticed_at"),
    Index("ix_announcement_execution", "host", "pipeline", "execution"),
    sqlite_autoincrement=True,
)
"""What a channel is told of an execution: one card, and which moments it was told for.

``subscription_id``  the wish that it was first told for; it may be gone since
``state``            wanted · unclear (a card may stand there that nobody found) · told · lost
"""

listing = Table(
    "listing",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("pipeline", FOREIGN_NUMBER, primary_key=True),
    Column("standings", JSON, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("listed_at", Moment, nullable=False),
)
"""How the newest executions of a pipeline stood when its list was read last, by their number."""
