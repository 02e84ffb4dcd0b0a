"""Keep what somebody gives to a gate, sealed, until it is sent; and its names for good."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns with defaults, so that running processes keep inserting."""
    op.add_column("click", sa.Column("values_until", sa.DateTime(timezone=True), nullable=True))
    for table, name, kind in (
        ("click", "sealed_values", sa.Text()),
        ("click", "taken_by", sa.String(length=32)),
        ("click", "variables", sa.Text()),
        ("follow", "last_variables", sa.Text()),
        ("audit", "variables", sa.Text()),
    ):
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them; values that were not sent are asked for again, on Buddy's page."""
    op.drop_column("audit", "variables")
    op.drop_column("follow", "last_variables")
    for name in ("variables", "taken_by", "values_until", "sealed_values"):
        op.drop_column("click", name)
