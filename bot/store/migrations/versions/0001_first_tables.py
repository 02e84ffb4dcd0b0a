"""Lay the first tables: linked accounts, clicks and decisions, cards and their threads, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("execution", sa.Integer(), nullable=False),
        sa.Column("gate", sa.String(length=255), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("execution", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_card"),
        sa.UniqueConstraint(
            "team", "channel", "message_ts", name="uq_card_team_channel_message_ts"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_card_execution", "card", ["host", "pipeline", "execution"], unique=False)
    op.create_table(
        "click",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("message_ts", sa.String(length=32), nullable=False),
        sa.Column("thread_ts", sa.String(length=32), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("binding", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed_answer_url", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("identity_generation", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_click"),
        sa.UniqueConstraint("key", name="uq_click_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_click_step", "click", ["step"], unique=False)
    op.create_table(
        "follow",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("execution", sa.Integer(), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("last_team", sa.String(length=32), nullable=True),
        sa.Column("last_user", sa.String(length=32), nullable=True),
        sa.Column("last_operation", sa.String(length=32), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_reason", sa.Text(), nullable=True),
        sa.Column("pipeline_name", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=32), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("host", "pipeline", "execution", name="pk_follow"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("buddy_id", sa.Integer(), nullable=False),
        sa.Column("buddy_name", sa.Text(), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("team", "user", "host", name="uq_identity_team_user_host"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identity_buddy", "identity", ["host", "buddy_id"], unique=False)
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_installation"),
    )
    op.create_table(
        "known_name",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "host", "workspace", "project", "name", "pipeline", name="pk_known_name"
        ),
    )
    op.create_table(
        "slack_team",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("lacks_plan", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team", name="pk_slack_team"),
    )
    op.create_table(
        "decision",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.Column("execution", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.String(length=64), nullable=False),
        sa.Column("gate", sa.String(length=255), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("click_id", sa.Integer(), nullable=False),
        sa.Column("operation", sa.String(length=32), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["click_id"], ["click.id"], name="fk_decision_click_id_click"),
        sa.PrimaryKeyConstraint(
            "host", "pipeline", "execution", "attempt", "gate", "effect", name="pk_decision"
        ),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("is_posted", sa.Boolean(), nullable=False),
        sa.Column("posted_ts", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["card_id"], ["card.id"], name="fk_reply_card_id_card", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reply"),
        sa.UniqueConstraint("card_id", "about", name="uq_reply_card_id_about"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reply_is_posted", "reply", ["is_posted"], unique=False)


def downgrade() -> None:
    """Drop everything; linked accounts have to be connected again."""
    op.drop_index("ix_reply_is_posted", table_name="reply")
    op.drop_table("reply")
    op.drop_table("decision")
    op.drop_table("slack_team")
    op.drop_table("known_name")
    op.drop_table("installation")
    op.drop_index("ix_identity_buddy", table_name="identity")
    op.drop_table("identity")
    op.drop_table("follow")
    op.drop_index("ix_click_step", table_name="click")
    op.drop_table("click")
    op.drop_index("ix_card_execution", table_name="card")
    op.drop_table("card")
    op.drop_table("audit")
