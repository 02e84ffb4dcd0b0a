"""Short names of pipelines, and a way to find a card by its message and a refusal by its run."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table, and the indexes for what is looked up now."""
    op.create_table(
        "alias",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("workspace", sa.String(length=255), nullable=False),
        sa.Column("project", sa.String(length=255), nullable=False),
        sa.Column("pipeline", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pipeline_name", sa.Text(), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", "name", name="pk_alias"),
    )
    op.create_index("ix_card_message", "card", ["channel", "message_ts"])
    op.create_index("ix_audit_execution", "audit", ["host", "pipeline", "execution"])


def downgrade() -> None:
    """Forget the names."""
    op.drop_index("ix_audit_execution", "audit")
    op.drop_index("ix_card_message", "card")
    op.drop_table("alias")
