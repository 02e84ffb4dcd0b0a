"""Remember how far an execution's story was told, and what a shared channel is told instead."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; what happened before is taken for told."""
    op.add_column(
        "follow",
        sa.Column("bookmark", sa.String(length=96), nullable=False, server_default=""),
    )
    op.add_column("reply", sa.Column("discreet", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop them; the version before tells only what is done through the bot."""
    op.drop_column("reply", "discreet")
    op.drop_column("follow", "bookmark")
