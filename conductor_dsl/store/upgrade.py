"""Bringing a database of an older version up to date, and telling what that will do.

All of an upgrade is one transaction on either database: whatever happens, it is before or after, and never between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import bare_connection, one_at_a_time, opening, shown
from conductor_dsl.store.in_use import users_of
from conductor_dsl.store.node_tables import installation
from conductor_dsl.store.schema import found_schema, missing, surplus, unusable, wanted_schema
from conductor_dsl.store.standing import Standing, insist_on_use, make_tables, standing_of
from conductor_dsl.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
PLACES = (MIGRATIONS / "revisions",)
UNCOUNTED = ("r01", "r02", "r03")
"""What was before revisions were counted: which of it a database lacks is found out by looking."""
FIRST_GENERATION = 2
"""What the last programs from before that expect, and find as long as nothing but additions was made."""
PATIENCE = "10s"
"""How long a statement may wait for a lock that a running node holds; behind it others would wait in turn."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of the tables, in `words`. One that is `additive` may be made while older programs run."""

    name: str
    additive: bool
    words: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to know of a database: None for `found` where it has no tables yet.

    `pending` is what an upgrade will do, oldest first. `lacking` and `surplus` are how its tables differ from what they
    should be, in words; they are empty for an older database, whose tables are those of its own version.
    """

    found: Standing | None
    wanted: str
    pending: tuple[Revision, ...] = ()
    lacking: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade has done, from where: None for `found` where it has made the tables of a new database."""

    found: Standing | None
    applied: tuple[Revision, ...]
    head: str


def check(url: str, places: Sequence[Path] = PLACES) -> Checked:
    """Compare a database with what this program wants; nothing is changed.

    Raises DatabaseError for a database that cannot be opened, is of another program, or newer in a way that this
    program cannot use.
    """
    scripts = scripts_in(places)
    if not _is_there(url):
        return Checked(None, str(scripts.get_current_head()))
    with opening(url), bare_connection(url, reads=True) as connection:
        found = standing_of(connection, shown(url))
        head = str(scripts.get_current_head())
        if found is None:
            return Checked(None, head)
        pending = _pending(scripts, found)
        if pending:
            return Checked(found, head, pending)
        if not found.is_current:
            insist_on_use(connection, found)
        wanted, there = wanted_schema(metadata, connection.dialect), found_schema(connection)
        return Checked(found, head, (), tuple(missing(wanted, there)), tuple(surplus(wanted, there)))


def upgrade(url: str, places: Sequence[Path] = PLACES) -> Upgraded:
    """Bring a database to the latest revision, in one transaction; a new one gets its tables.

    Raises DatabaseError for a database that is newer, of another program, or in use while what is pending needs a stop.
    Two that upgrade at once do so one after the other, and the second finds nothing to do.
    """
    scripts = scripts_in(places)
    head = str(scripts.get_current_head())
    with opening(url, "upgrade"), bare_connection(url) as connection, connection.begin():
        one_at_a_time(connection)
        found = standing_of(connection, shown(url))
        if found is None:
            make_tables(connection)
            return Upgraded(None, (), head)
        pending = _pending(scripts, found)
        if pending:
            _be_patient(connection)
            _apply(connection, scripts, pending)
        elif not found.is_current:
            insist_on_use(connection, found)
    return Upgraded(found, pending, head)


def scripts_in(places: Sequence[Path]) -> ScriptDirectory:
    """The revisions that lie in these folders."""
    return ScriptDirectory(str(MIGRATIONS), version_locations=[str(place) for place in places])


def revisions_in(scripts: ScriptDirectory) -> list[Revision]:
    """Every revision, oldest first."""
    found = [Revision(each.revision, each.module.additive, each.doc) for each in scripts.walk_revisions()]
    return found[::-1]


def _pending(scripts: ScriptDirectory, found: Standing) -> tuple[Revision, ...]:
    """What a database that stands there lacks, oldest first; nothing for one whose revision is not known."""
    every = revisions_in(scripts)
    names = [each.name for each in every]
    if found.revision is None:
        return tuple(every)
    return tuple(every[names.index(found.revision) + 1 :]) if found.revision in names else ()


def migrate(connection: sa.Connection, scripts: ScriptDirectory, pending: Sequence[Revision]) -> None:
    """Run what is pending in the transaction that is open, and count the generation."""
    named = [scripts.get_revision(each.name) for each in pending]
    steps = [MigrationStep.upgrade_from_script(scripts.revision_map, each) for each in named]
    # Statements about tables take part in a transaction on SQLite, too, if it was begun by hand.
    context = MigrationContext.configure(connection, opts={"fn": lambda *_: steps, "transactional_ddl": True})
    with Operations.context(context):
        context.run_migrations()
    stops = sum(not each.additive for each in _counted(revisions_in(scripts)))
    connection.execute(sa.update(installation).values(number=FIRST_GENERATION + stops))


def _apply(connection: sa.Connection, scripts: ScriptDirectory, pending: Sequence[Revision]) -> None:
    """Run what is pending, unless it needs a stop and somebody is there; what comes out must be of use."""
    if any(not each.additive for each in pending):
        _insist_on_quiet(connection)
    migrate(connection, scripts, pending)
    lacking = unusable(wanted_schema(metadata, connection.dialect), found_schema(connection))
    if lacking:
        more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise DatabaseError(
            f"the database cannot be upgraded, for then {lacking[0]}{more}",
            hint="nothing was changed; somebody has changed its tables by hand: undo that, or go back to a backup",
        )


def _is_there(url: str) -> bool:
    """Whether there is anything to look at; SQLite would make a file in order to look into it."""
    parts = sa.make_url(url)
    return parts.get_backend_name() != "sqlite" or not parts.database or Path(parts.database).exists()


def _be_patient(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")


def _counted(revisions: Sequence[Revision]) -> Sequence[Revision]:
    """Without those that tell what was before revisions were counted."""
    return [each for each in revisions if each.name not in UNCOUNTED]


def _insist_on_quiet(connection: sa.Connection) -> None:
    users = users_of(connection)
    if users:
        raise DatabaseError(
            f"this upgrade needs every node to be stopped, and {len(users)} connected: {', '.join(users[:3])}"
            if len(users) > 1
            else f"this upgrade needs every node to be stopped, and there is {users[0]}",
            hint="stop them (SIGTERM), then repeat; `conductor db check` tells what each revision changes",
        )
