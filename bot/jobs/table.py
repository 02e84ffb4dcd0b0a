"""The two tables of durable work. Moments are seconds since 1970, by the database's clock."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from bot.database import metadata

IS_ALIVE = text("state <> 'dead'")
_IS_WAITING = text("state = 'waiting'")
_IS_OWNED = text("owner <> ''")
_HOLDS_LANE = text("state = 'running' AND lane <> ''")

job = Table(
    "job",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("key", String(255), nullable=False),
    Column("lane", String(512), nullable=False),
    Column("data", Text, nullable=False),
    Column("put_at", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("poked_for", Double),
    Column("attempt", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("error", String(64), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("sealed_until", Double),
    Index(
        "uq_job_alive",
        "kind",
        "key",
        unique=True,
        sqlite_where=IS_ALIVE,
        postgresql_where=IS_ALIVE,
    ),
    Index(
        "uq_job_lane",
        "lane",
        unique=True,
        sqlite_where=_HOLDS_LANE,
        postgresql_where=_HOLDS_LANE,
    ),
    Index("ix_job_due", "kind", "due", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    Index("ix_job_queue", "lane", "id", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    Index("ix_job_owner", "owner", sqlite_where=_IS_OWNED, postgresql_where=_IS_OWNED),
    # Rows change all the time and are few: room for new versions beside the old, cleaned often.
    postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.01},
    sqlite_autoincrement=True,
)
"""What is to be done: one live job per kind and key, one running job per lane.

``state``   waiting · held (its process has not said yet that it counts) · running · dead
``owner``   the process that holds or runs it, else empty
``sealed``  a secret that only this job may open, gone at ``sealed_until`` at the latest
"""

process = Table(
    "process",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("started_at", Double, nullable=False),
    Column("beat_at", Double, nullable=False),
    Column("keys", Text, nullable=False),
    Column("sealing_key", String(8), nullable=False),
)
"""Each running bot, by an id that no other start ever has; silent ones are taken for dead."""
