"""Remember whether somebody can read an execution, and how often Slack was called."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; what was followed was in sight."""
    with op.batch_alter_table("follow") as follow:
        follow.add_column(sa.Column("url", sa.Text(), nullable=False, server_default=""))
        follow.add_column(
            sa.Column("is_in_sight", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.create_table(
        "slack_budget",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("calls", sa.JSON(), nullable=False),
        sa.Column("closed_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_slack_budget"),
    )


def downgrade() -> None:
    """Forget both."""
    op.drop_table("slack_budget")
    with op.batch_alter_table("follow") as follow:
        follow.drop_column("is_in_sight")
        follow.drop_column("url")
