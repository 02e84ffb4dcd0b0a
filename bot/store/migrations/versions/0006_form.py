"""Remember what somebody ran a pipeline with the last time, for the form that starts a run."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "run_memory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER, nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("sealed_values", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_memory")),
        sa.UniqueConstraint(
            "team",
            "user",
            "host",
            "pipeline",
            name=op.f("uq_run_memory_team_user_host_pipeline"),
        ),
    )


def downgrade() -> None:
    """Drop it; the form then begins empty."""
    op.drop_table("run_memory")
