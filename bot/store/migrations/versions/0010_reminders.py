"""Remember when channels are quiet, what people were told directly, and what keeps failing."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; whoever runs the version before does not know them."""
    op.create_table(
        "channel_setting",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("quiet", sa.String(length=80), nullable=False),
        sa.Column("ladder", sa.String(length=100)),
        sa.PrimaryKeyConstraint("team", "channel", name="pk_channel_setting"),
    )
    op.create_table(
        "person_setting",
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("tells_failures", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("team", "user", name="pk_person_setting"),
    )
    _add_notices()
    _add_streaks()


def downgrade() -> None:
    """Forget it; the version before tells nobody directly."""
    op.drop_index("ix_streak_since", "streak")
    op.drop_table("streak")
    op.drop_index("ix_notice_at", "notice")
    op.drop_table("notice")
    op.drop_table("person_setting")
    op.drop_table("channel_setting")


def _add_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=400), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("team", "user", "about", name="uq_notice_team_user_about"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_at", "notice", ["at"])


def _add_streaks() -> None:
    op.create_table(
        "streak",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pipeline", _NUMBER, nullable=False),
        sa.Column("branch", sa.String(length=255), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("first", _NUMBER, nullable=False),
        sa.Column("last", _NUMBER, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_streak"),
        sa.UniqueConstraint(
            *("team", "channel", "host", "pipeline", "branch"),
            name="uq_streak_team_channel_host_pipeline_branch",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_streak_since", "streak", ["since"])
