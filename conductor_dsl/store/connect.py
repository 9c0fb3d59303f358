"""From a database URL to an engine on which every transaction is durable and serial enough."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import sqlalchemy as sa

import conductor_dsl
import conductor_dsl.store.catalogue_tables
import conductor_dsl.store.consent_tables
import conductor_dsl.store.retention_tables
from conductor_dsl.program.own_functions import SQLITE_FUNCTIONS, postgresql_functions
from conductor_dsl.shared.clock import SECOND, steady
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.batches import create_batches
from conductor_dsl.store.node_tables import installation
from conductor_dsl.store.standing import insist_on_generation, take_or_make

Engine = sa.Engine
Connection = sa.Connection

_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=0",
)
_SETTINGS = (
    "temp_buffers = '32MB'",
    "random_page_cost = 0.1",
    "seq_page_cost = 0.1",
    "cpu_operator_cost = 0.001",
    "jit = off",
)
"""What a session of ours asks of PostgreSQL. A batch of 10,000 stays in memory while a pass changes it. The pages that
a batch needs lie together and are read once, and to come to a row by its key takes no longer than to read ten; by the
usual costs the planner reads tables of half a million rows to find 10,000. And no statement is worth compiling."""


def connect(url: str, secret: str | None = None) -> sa.Engine:
    """An engine for a SQLite or PostgreSQL URL, with the tables in place.

    SQLite runs in WAL mode with synchronous=FULL: with NORMAL a committed intent could vanish in a power loss, and that
    would be a second message. A new database gets `secret`, or one by chance, which makes its keys its own. Raises
    DatabaseError when the database cannot be opened or is not ours.
    """
    with opening(url):
        engine = sa.create_engine(
            url,
            connect_args=_arguments(url, APPLICATION),
            # Without it psycopg's count of the rows of an INSERT .. SELECT is thrown away.
            execution_options={"preserve_rowcount": True},
        )
        _listen(engine)
        _prepare(engine, url, secret)
    sa.event.listen(engine, "handle_error", _explain_error)
    if engine.dialect.name == "postgresql":
        sa.event.listen(engine, "connect", _look_at_generation)
        _look_after_idle(engine)
    return engine


@contextmanager
def opening(url: str, what: str = "open") -> Iterator[None]:
    """Whatever keeps a database from being opened, or `what` else is done, becomes a DatabaseError with a remedy."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, ModuleNotFoundError) as problem:
        hint = _remedy(problem) or _HINT
        raise DatabaseError(f"cannot {what} the database `{shown(url)}`: {_cause(problem)}", hint=hint) from problem


@contextmanager
def bare_connection(url: str, *, reads: bool = False) -> Iterator[sa.Connection]:
    """A connection to a database whose tables need not be ours yet, and may be made anew.

    SQLite does not hold references between tables meanwhile, for a table that is put in the place of another is gone
    for a moment.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=_arguments(url, UPGRADER))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_bare_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    with engine.connect() as connection:
        yield connection.execution_options(**{_READ_ONLY: reads})


@contextmanager
def overwriting(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction after which nothing can be read off the file that it has deleted.

    SQLite overwrites freed space then, and empties its log. Copies that were left behind by changes before are
    overwritten by VACUUM, as those of PostgreSQL are.
    """
    is_file = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if is_file:
            connection.connection.execute("PRAGMA secure_delete=ON")
        with connection.begin():
            yield connection
        if is_file:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.connection.execute("PRAGMA secure_delete=OFF")


def secret_of(connection: sa.Connection) -> str:
    """What makes the keys of this database its own."""
    secret: str = connection.execute(sa.select(installation.c.secret)).scalar_one()
    return secret


def two_may_write(engine: sa.Engine) -> bool:
    """Whether two connections may write side by side; SQLite has one writer at a time."""
    return engine.dialect.name == "postgresql"


def one_at_a_time(connection: sa.Connection) -> None:
    """Let nodes that begin together make tables and publish one after the other, until the end of the transaction.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_BEGINNING)))


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that only reads, and so keeps no writer waiting.

    On PostgreSQL each question is answered as of its own moment, in a transaction or not; without one, two ways to the
    server and back are saved.
    """
    alone = {"isolation_level": "AUTOCOMMIT"} if engine.dialect.name == "postgresql" else {}
    with engine.connect() as connection:
        yield connection.execution_options(**{_READ_ONLY: True}, **alone)


APPLICATION = "conductor"
"""How the name begins under which PostgreSQL shows our connections."""
UPGRADER = "upgrade of conductor"
"""The same for those that look at a database or upgrade it, and so need not be waited for by others that do."""
_LOOKING = 3
"""Milliseconds for which SQLite looks by itself whether another writer has ended."""
_PRIMARY = 0xFF
"""The part of SQLite's number of an error that says its kind."""
IDLE = SECOND
"""Milliseconds after which a connection is asked whether it is still there before it is used."""
_LEFT_AT = "left_at"
_READ_ONLY = "conductor_read_only"
_BEGINNING = 4_115_224_001
_REMEDIES = {
    "database is locked": "another program keeps it to itself; try again when that has ended",
    "not a database": "it is a file of another kind, and was left as it was; give Conductor a file of its own",
    "malformed": "the file is damaged; put a backup in its place, or mend a copy of it with `sqlite3 FILE .recover`",
    "disk is full": "nothing was half done; make room on the disk, then repeat",
    "disk I/O error": "nothing was half done; the disk may be full or broken: see to it, then repeat",
    "lock timeout": "nothing was changed; a long transaction of another program is in the way: repeat when it is over",
    "readonly database": "you may not write to the file, or to its folder; nothing was changed",
    "too many clients": "others have all connections of the server; close some, or raise its `max_connections`",
    "too many connections": "its user or database has all connections it may have; raise `CONNECTION LIMIT`",
    "connection slots": "others have all connections of the server; close some, or raise its `max_connections`",
    "statement timeout": "nothing was half done; if nobody kept a table locked, raise `statement_timeout` for its user",
    "read-only transaction": "the server takes no changes, it may be a standby; it goes on when that has ended",
    "not currently accepting": "the server is up, and lets nobody into this database; it goes on when that has ended",
}
_STALE = ("malformed", "not a database", "disk I/O error")
"""Words after which a connection has pages in memory that the file may not have."""
_HINT = "check `url` under [database] in conductor.toml, and that the folder exists and may be written to"


def _arguments(url: str, name: str) -> dict[str, Any]:
    if not url.startswith("sqlite"):
        # By its name an upgrade finds those who use the database; one in the URL comes before it.
        return {"fallback_application_name": f"{name} {conductor_dsl.__version__}"}
    # How long to wait for another writer, in seconds; `sqlite:///conductor.db?timeout=60` comes before it.
    patience = {} if "timeout=" in url else {"timeout": 30}
    return {"check_same_thread": False, **patience}


def _listen(engine: sa.Engine) -> None:
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    else:
        sa.event.listen(engine, "connect", _configure_postgresql)
        sa.event.listen(engine, "do_executemany", copy_rows)
        sa.event.listen(engine, "do_execute", copy_row)


def copy_rows(cursor: Any, statement: str, rows: Sequence[Any], _context: object) -> bool:
    """Give many rows to a `COPY ... FROM STDIN` of PostgreSQL; says whether the statement was one.

    So the rows go the way of every other statement, and what fails on it is explained like everything else.
    """
    if not statement.startswith("COPY "):
        return False
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
    return True


def copy_row(cursor: Any, statement: str, row: Any, context: object) -> bool:
    """The same where there is but one row, which SQLAlchemy does not call many."""
    return copy_rows(cursor, statement, [row], context)


def _explain_error(context: sa.ExceptionContext) -> DatabaseError | None:
    """Turn what the machine did to us (full disk, lock, damage, lost connection) into an error for people."""
    problem = context.original_exception
    remedy = _remedy(problem)
    if remedy is None and not isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        return None
    if any(words in str(problem) for words in _STALE):
        context.is_disconnect = True  # let go of all connections
    hint = remedy or "nothing was half done; it goes on where it stopped once the database can be used again"
    return DatabaseError(f"the database failed: {_cause(problem)}", hint=hint)


def _remedy(problem: BaseException) -> str | None:
    """What to do about something that SQLite says, by its words."""
    cause = _cause(problem)
    return next((remedy for words, remedy in _REMEDIES.items() if words in cause), None)


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins late and deferred; ours is written out in `_begin_immediate`.
    dbapi_connection.isolation_level = None
    for pragma in _PRAGMAS:
        dbapi_connection.execute(pragma)
    for statement in create_batches("sqlite"):
        dbapi_connection.execute(statement)
    for name, (count, function) in SQLITE_FUNCTIONS.items():
        dbapi_connection.create_function(name, count, function, deterministic=True)


def _configure_bare_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None
    dbapi_connection.execute("PRAGMA synchronous=FULL")


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction that reads first can fail when it starts to write; an immediate one waits at its start.
    if connection.get_execution_options().get(_READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
    elif not _begun(connection.connection.driver_connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, so that a failure is explained


def _begun(driver: Any) -> bool:
    """Whether a transaction that writes has begun, within the time for which the connection waits.

    SQLite sleeps longer and longer between its looks, up to a tenth of a second, and whoever writes often is faster
    each time. So it looks for a few milliseconds only, again and again.
    """
    [[patience]] = driver.execute("PRAGMA busy_timeout")
    until = steady() + patience - _LOOKING
    driver.execute(f"PRAGMA busy_timeout={_LOOKING}")
    try:
        while steady() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as problem:
                if problem.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                    return False
            else:
                return True
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience}")
    return False


def _configure_postgresql(dbapi_connection: Any, _record: object) -> None:
    settings = (f"SET {setting}" for setting in _SETTINGS)
    with dbapi_connection.cursor() as cursor:
        for statement in (*settings, *create_batches("postgresql"), *postgresql_functions()):
            cursor.execute(statement)
    dbapi_connection.commit()


def _look_after_idle(engine: sa.Engine) -> None:
    """Let connections that nobody has used for a while be made anew if they are broken.

    One that was in use a moment ago is taken as it is, for to ask costs a way to the server and back.
    """

    def put_back(_dbapi_connection: Any, record: Any) -> None:
        record.info[_LEFT_AT] = steady()

    def take(dbapi_connection: Any, record: Any, _proxy: object) -> None:
        if steady() - record.info.get(_LEFT_AT, 0) < IDLE:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            raise sa.exc.InvalidatePoolError from problem

    sa.event.listen(engine, "checkin", put_back)
    sa.event.listen(engine, "checkout", take)


def _look_at_generation(dbapi_connection: Any, _record: object) -> None:
    """A node that lost its connections must not come back to tables that have become others meanwhile."""
    with dbapi_connection.cursor() as cursor:
        found = cursor.execute("SELECT number FROM installation").fetchone()
    dbapi_connection.commit()
    insist_on_generation(found and found[0])


def _prepare(engine: sa.Engine, url: str, secret: str | None) -> None:
    """Put the tables in place; let go of a database that is refused."""
    try:
        with engine.begin() as connection:
            one_at_a_time(connection)  # two that create a table at once fail
            take_or_make(connection, shown(url), secret)
        if engine.dialect.name == "sqlite":
            _write_ahead(engine)
    except BaseException:
        engine.dispose()
        raise


def _write_ahead(engine: sa.Engine) -> None:
    """Let readers read while somebody writes; kept in the file, and so asked for only once it is known to be ours.

    Of two that ask at once SQLite refuses one without waiting, for they would wait for each other; it asks again.
    """
    with closing(engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()
        [[patience]] = cursor.execute("PRAGMA busy_timeout")
        until = steady() + patience
        while not _is_ahead(cursor, last=steady() >= until):
            pass


def _is_ahead(cursor: Any, *, last: bool) -> bool:
    """Whether the file has its log; while others hold it that is no failure, unless it is the `last` try."""
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as problem:
        if last or problem.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def shown(url: str) -> str:
    """A URL without its password."""
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except sa.exc.ArgumentError:
        return url


def _cause(problem: BaseException) -> str:
    return str(getattr(problem, "orig", None) or problem).partition("\n")[0]
