"""Find what was told of an execution, and what is not over, without reading a whole table."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the indexes; the version before goes on as it did."""
    op.create_index("ix_announcement_execution", "announcement", ["host", "pipeline", "execution"])
    op.create_index(
        "ix_follow_open",
        "follow",
        ["team", "since"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )


def downgrade() -> None:
    """Drop them; it only takes longer."""
    op.drop_index("ix_follow_open", "follow")
    op.drop_index("ix_announcement_execution", "announcement")
