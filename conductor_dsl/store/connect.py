"""From a database URL to an engine on which every transaction is durable and serial enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.batches import create_batches
from conductor_dsl.store.tables import metadata

Engine = sa.Engine
Connection = sa.Connection

SCHEMA = 1
"""Raised with every change of the tables; kept in the database, so that an older program refuses a newer one."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=0",
)


def connect(url: str) -> sa.Engine:
    """An engine for a SQLite or PostgreSQL URL, with the tables in place.

    SQLite runs in WAL mode with synchronous=FULL: with NORMAL a committed intent could vanish in a power loss, and that
    would be a second message. Raises DatabaseError when the database cannot be opened or is not ours.
    """
    try:
        engine = sa.create_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            connect_args=_arguments(url),
            # Without it psycopg's count of the rows of an INSERT .. SELECT is thrown away.
            execution_options={"preserve_rowcount": True},
        )
        _listen(engine)
        _prepare(engine, url)
    except (sa.exc.SQLAlchemyError, ModuleNotFoundError) as problem:
        raise DatabaseError(f"cannot open the database `{_shown(url)}`: {_cause(problem)}", hint=_HINT) from problem
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that only reads, and so keeps no writer waiting."""
    with engine.connect() as connection:
        yield connection.execution_options(**{_READ_ONLY: True})


_READ_ONLY = "conductor_read_only"
_HINT = "check `url` under [database] in conductor.toml, and that the folder exists and may be written to"


def _arguments(url: str) -> dict[str, Any]:
    return {"timeout": 30, "check_same_thread": False} if url.startswith("sqlite") else {}


def _listen(engine: sa.Engine) -> None:
    sa.event.listen(engine, "handle_error", _explain_error)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    else:
        sa.event.listen(engine, "connect", _configure_postgresql)


def _explain_error(context: sa.ExceptionContext) -> None:
    """Turn what the machine did to us (full disk, lock, damage, lost connection) into an error for people."""
    problem = context.original_exception
    damaged = "malformed" in str(problem) or "not a database" in str(problem)
    if damaged or isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        hint = "nothing was half done; it goes on where it stopped once the database can be used again"
        context.chained_exception = DatabaseError(f"the database failed: {_cause(problem)}", hint=hint)


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins late and deferred; ours is written out in `_begin_immediate`.
    dbapi_connection.isolation_level = None
    for pragma in _PRAGMAS:
        dbapi_connection.execute(pragma)
    for statement in create_batches("sqlite"):
        dbapi_connection.execute(statement)


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction that reads first can fail when it starts to write; an immediate one waits at its start.
    reads = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _configure_postgresql(dbapi_connection: Any, _record: object) -> None:
    with dbapi_connection.cursor() as cursor:
        for statement in create_batches("postgresql"):
            cursor.execute(statement)
    dbapi_connection.commit()


def _prepare(engine: sa.Engine, url: str) -> None:
    """Put the tables in place; let go of a database that is refused."""
    try:
        with engine.begin() as connection:
            _create(connection, url)
    except BaseException:
        engine.dispose()
        raise


def _create(connection: sa.Connection, url: str) -> None:
    names = set(sa.inspect(connection).get_table_names())
    if names and "run" not in names and not names <= {"development_message"}:
        raise DatabaseError(
            f"the database `{_shown(url)}` belongs to something else",
            hint="give Conductor a database of its own under [database] in conductor.toml",
        )
    metadata.create_all(connection)
    _check_schema(connection)


def _check_schema(connection: sa.Connection) -> None:
    table = metadata.tables["schema_version"]
    found = connection.scalar(sa.select(table.c.number))
    if found is None:
        connection.execute(table.insert().values(number=SCHEMA))
    elif found != SCHEMA:
        raise DatabaseError(f"the database has schema {found}, this program needs {SCHEMA}", hint="upgrade Conductor")


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return url


def _cause(problem: BaseException) -> str:
    return str(getattr(problem, "orig", None) or problem).partition("\n")[0]
