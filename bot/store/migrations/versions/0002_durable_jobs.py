"""Keep jobs as rows with owners, so that any process can go on where another one ended."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FOREIGN_NUMBERS = {
    "audit": ("pipeline", "execution"),
    "card": ("pipeline", "execution"),
    "decision": ("pipeline", "execution"),
    "follow": ("pipeline", "execution", "superseded_by"),
    "identity": ("buddy_id",),
    "known_name": ("pipeline",),
}
"""Numbers that Buddy gives; SQLite's integers are large enough as they are."""

_WAITING = sa.text("state = 'waiting'")
_SEALS = sa.text("state = 'sealing'")


def upgrade() -> None:
    """Add the tables; what was still to be done when the process ended becomes a job."""
    if op.get_bind().dialect.name == "postgresql":
        _widen(sa.Integer(), sa.BigInteger())
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("lane", sa.String(length=512), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("put_at", sa.Double(), nullable=False),
        sa.Column("due", sa.Double(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.Column("poked_for", sa.Double(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("sealed_until", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.01},
        sqlite_autoincrement=True,
    )
    _index("uq_job_alive", ["kind", "key"], sa.text("state <> 'dead'"), unique=True)
    _index("uq_job_lane", ["lane"], sa.text("state = 'running' AND lane <> ''"), unique=True)
    _index("ix_job_due", ["kind", "due"], _WAITING)
    _index("ix_job_queue", ["lane", "id"], _WAITING)
    _index("ix_job_owner", ["owner"], sa.text("owner <> ''"))
    op.create_table(
        "process",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("beat_at", sa.Double(), nullable=False),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("sealing_key", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_process"),
    )
    op.create_table(
        "vault_key",
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_vault_key"),
    )
    op.create_index(
        "uq_vault_key_sealing",
        "vault_key",
        ["state"],
        unique=True,
        sqlite_where=_SEALS,
        postgresql_where=_SEALS,
    )
    op.add_column("click", sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True))
    _put("operation", "CAST(id AS VARCHAR) || '/named'", "''", "click", _OPEN)
    _put(
        "follow",
        "host || '/' || CAST(pipeline AS VARCHAR) || '/' || CAST(execution AS VARCHAR)",
        "''",
        "follow",
        "is_open",
    )
    _put("reply", "CAST(card_id AS VARCHAR)", "''", "reply", "NOT is_posted")


def downgrade() -> None:
    """Drop the tables; the version before finds what is left in the rows it was about."""
    op.drop_column("click", "waits_until")
    op.drop_table("vault_key")
    op.drop_table("process")
    op.drop_table("job")
    if op.get_bind().dialect.name == "postgresql":
        _widen(sa.BigInteger(), sa.Integer())


_OPEN = "step IN ('taken', 'sent', 'patched')"


def _index(name: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, "job", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _put(kind: str, key: str, lane: str, table: str, where: str) -> None:
    """Make a job of everything that is still to be done; the names are all of this file."""
    op.execute(
        "INSERT INTO job (kind, key, lane, data, put_at, due, not_before, attempt, state, owner,"  # noqa: S608
        " error, sealed)"
        f" SELECT DISTINCT '{kind}', {key}, {lane}, '', 0, 0, 0, 0, 'waiting', '', '', ''"
        f" FROM {table} WHERE {where}"
    )


def _widen(old: sa.Integer, new: sa.Integer) -> None:
    for table, columns in _FOREIGN_NUMBERS.items():
        for column in columns:
            op.alter_column(table, column, existing_type=old, type_=new)
