"""Channels subscribe to pipelines, and Buddy tells what happens to their executions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; whoever runs the version before does not know them."""
    _add_subscriptions()
    _add_hooks()
    _add_deliveries()
    _add_announcements()
    op.add_column("follow", sa.Column("hints", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "listing",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER, nullable=False),
        sa.Column("standings", sa.JSON(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("listed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", "pipeline", name="pk_listing"),
    )


def downgrade() -> None:
    """Forget who wanted to be told what."""
    op.drop_table("listing")
    op.drop_column("follow", "hints")
    op.drop_index("ix_announcement_noticed_at", "announcement")
    op.drop_table("announcement")
    op.drop_index("ix_delivery_received_at", "delivery")
    op.drop_table("delivery")
    op.drop_index("ix_hook_workspace", "hook")
    op.drop_table("hook")
    op.drop_index("ix_subscription_topic", "subscription")
    op.drop_table("subscription")


def _add_subscriptions() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("topic", sa.String(length=600), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER),
        sa.Column("project_shown", sa.Text(), nullable=False),
        sa.Column("pipeline_shown", sa.Text(), nullable=False),
        sa.Column("moments", sa.String(length=255), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("by_user", sa.String(length=32), nullable=False),
        sa.Column("broadcasts_failures", sa.Boolean(), nullable=False),
        sa.Column("mention", sa.Text(), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("told_gone_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint(
            *("team", "channel", "host", "topic"), name="uq_subscription_team_channel_host_topic"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscription_topic", "subscription", ["host", "topic"])


def _add_hooks() -> None:
    op.create_table(
        "hook",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_until", _MOMENT),
        sa.Column("webhook", _NUMBER),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_delivery_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_hook"),
    )
    op.create_index("ix_hook_workspace", "hook", ["host", "workspace"])


def _add_deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER, nullable=False),
        sa.Column("execution", sa.String(length=64), nullable=False),
        sa.Column("hint", sa.String(length=96), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.UniqueConstraint(
            *("host", "pipeline", "execution", "hint"),
            name="uq_delivery_host_pipeline_execution_hint",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_received_at", "delivery", ["received_at"])


def _add_announcements() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER, nullable=False),
        sa.Column("execution", _NUMBER, nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("moments", sa.String(length=255), nullable=False),
        sa.Column("card_id", sa.Integer()),
        sa.Column("noticed_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sa.UniqueConstraint(
            *("team", "channel", "host", "pipeline", "execution"),
            name="uq_announcement_team_channel_host_pipeline_execution",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_noticed_at", "announcement", ["noticed_at"])
