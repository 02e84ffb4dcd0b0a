"""Give tests, and any other program, a real PostgreSQL.

    with server() as postgres:                    # our own: can be restarted
        postgres.create("shop")
        engine = create_async_engine(postgres.url("asyncpg", "shop"))
        postgres.restart("immediate")             # as a crash; same port, same data

    with any_server() as postgres:                # the one that a variable names, else our own
        migrated = postgres.template(migrate)     # once
        with postgres.fresh(migrated) as copy:    # some milliseconds each
            engine = create_async_engine(copy.url())

Everything here waits for the server. A loop that must not wait calls it through
``asyncio.to_thread``, and ``template``, which runs a loop of its own, always so.
"""

import asyncio
import contextlib
import itertools
import os
import secrets
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tests.postgres.cluster import ROLE, Cluster, Mode, running
from tests.postgres.programs import VARIABLE, NoPostgres

__all__ = [
    "EMPTY",
    "Driver",
    "Mode",
    "NoPostgres",
    "OwnServer",
    "PostgresDatabase",
    "Server",
    "any_server",
    "lent",
    "server",
]

Driver = Literal["asyncpg", "psycopg"]
Prepare = Callable[[str], Coroutine[Any, Any, None]]
"""Fills a database; is given its address, for asyncpg."""

EMPTY: Final = "template1"
"""What PostgreSQL itself makes a database from."""

_PATIENCE_MS: Final = 5000
_STEP_MS: Final = 2
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """A database that one test has for itself."""

    server: "Server"
    name: str

    def url(self, driver: Driver = "asyncpg") -> str:
        """Write its address as SQLAlchemy takes it, password included."""
        return self.server.url(driver, self.name)


class Server:
    """Databases on one server, with a role that may create them."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._names = (f"greenlight_test_{secrets.token_hex(4)}_{n}" for n in itertools.count())
        self._made: set[str] = set()
        self._templates: dict[Prepare, str] = {}

    def url(self, driver: Driver = "asyncpg", database: str | None = None) -> str:
        """Write the address of a database as SQLAlchemy takes it, password included."""
        chosen = self._address.set(drivername=f"postgresql+{driver}")
        if database is not None:
            chosen = chosen.set(database=database)
        return chosen.render_as_string(hide_password=False)

    def create(self, database: str, template: str = EMPTY) -> None:
        """Create a database as a copy of another, to which nobody may be connected."""
        with self._connection() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(database), sql.Identifier(template)
                )
            )
        self._made.add(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        # Not by force: that fails where the server's own workers, which belong to a superuser, are
        # at work in it. Without force it sends them away by itself, and waits for that.
        dropping = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(database))
        with self._connection() as connection:
            for tries_left in reversed(range(_TRIES)):
                _disconnect(connection, database)
                try:
                    connection.execute(dropping)
                    break
                except psycopg.errors.ObjectInUse:
                    # Somebody connected in between.
                    if not tries_left:
                        raise
        self._made.discard(database)

    def template(self, prepare: Prepare) -> str:
        """Name a database that was prepared so; the first call prepares it."""
        if prepare not in self._templates:
            name = next(self._names)
            self.create(name)
            # A loop of its own, and without a word to asyncio about which loop is the current one.
            with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
                runner.run(prepare(self.url("asyncpg", name)))
            self._templates[prepare] = name
        return self._templates[prepare]

    @contextlib.contextmanager
    def fresh(self, template: str = EMPTY) -> Iterator[PostgresDatabase]:
        """Lend a new copy of a template until the block ends."""
        name = next(self._names)
        self.create(name, template)
        try:
            yield PostgresDatabase(self, name)
        finally:
            self.drop(name)

    def check(self) -> None:
        """Connect once.

        Raises:
            NoPostgres: it does not answer, or not us.
        """
        try:
            self._connection().close()
        except psycopg.OperationalError as refused:
            raise NoPostgres(f"{VARIABLE}: {self._address!r}: {refused}") from refused

    def clear(self) -> None:
        """Remove every database that was made here."""
        for database in sorted(self._made):
            self.drop(database)

    def _connection(self) -> psycopg.Connection:
        # A new one each time: none can go stale in a restart, and it costs some milliseconds.
        plain = self._address.set(drivername="postgresql")
        return psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True)


class OwnServer(Server):
    """A server that nobody else uses, so that it may be stopped."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(
            URL.create("postgresql", ROLE, host="127.0.0.1", port=cluster.port, database="postgres")
        )
        self._cluster = cluster

    def stop(self, mode: Mode = "fast") -> None:
        """Stop the server: in an orderly way, or ``immediate`` as if it crashed."""
        self._cluster.stop(mode)

    def start(self) -> None:
        """Start it again, on the same port and with the same data."""
        self._cluster.start()

    def restart(self, mode: Mode = "fast") -> None:
        """Stop and start."""
        self.stop(mode)
        self.start()


@contextlib.contextmanager
def server(*, durable: bool = False) -> Iterator[OwnServer]:
    """Run a server of our own; a durable one waits for the disk, as in production.

    Raises:
        NoPostgres: there is no way to; says what was tried.
    """
    with running(durable=durable) as cluster:
        yield OwnServer(cluster)


@contextlib.contextmanager
def lent(address: str) -> Iterator[Server]:
    """Use somebody's server, and leave none of our databases there.

    Raises:
        NoPostgres: it does not answer.
    """
    used = Server(_parsed(address))
    used.check()
    try:
        yield used
    finally:
        used.clear()


def any_server() -> contextlib.AbstractContextManager[Server]:
    """Use the server that the variable names; run one only if there is no such variable."""
    address = os.environ.get(VARIABLE)
    return lent(address) if address else server()


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() != "postgresql":
        raise NoPostgres(f"{VARIABLE}: is not the address of a PostgreSQL")
    return url


def _disconnect(connection: psycopg.Connection, database: str) -> None:
    """Wait until nobody is connected, which DROP DATABASE itself does in steps of 100 ms."""
    for _ in range(_PATIENCE_MS // _STEP_MS):
        connected = connection.execute(
            # One that is just connecting is nobody's yet, and may be ended by a superuser only.
            "SELECT CASE WHEN usesysid IS NOT NULL THEN pg_terminate_backend(pid) END,"
            " pg_sleep(%s / 1000.0) FROM pg_stat_activity"
            " WHERE datname = %s AND backend_type = 'client backend'",
            [_STEP_MS, database],
        )
        if not connected.fetchall():
            return
