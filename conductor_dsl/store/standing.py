"""Which revision a database is at, and whether this program can use it; new databases begin at the latest.

A revision is additive, or it needs a stop. One that needs a stop raises the generation; a program uses databases of its
own generation only, and among these also one to which revisions were added that the program does not know.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.shared.ids import new_secret
from conductor_dsl.store.months import make_rest
from conductor_dsl.store.node_tables import installation
from conductor_dsl.store.schema import found_schema, unusable, wanted_schema
from conductor_dsl.store.tables import metadata

REVISIONS = ("r01", "r02", "r03", "r04", "r05", "r06", "r07")
"""Every revision, oldest first: the names of the modules in `migrations/revisions/` begin with them."""
HEAD = REVISIONS[-1]
"""What `tables.py` describes."""
GENERATION = 3
"""Raised by every revision that is not additive; `installation.number` of the databases that this program can use."""

alembic_version = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
"""One row: the latest revision that the database has, where Alembic looks for it; it is no table of the engine."""
_NO_TABLES_OF_OURS = frozenset({"development_message"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database stands.

    `revision` is None for one from before revisions were counted, and then `generation` may be None, too.
    """

    revision: str | None
    generation: int | None

    @property
    def is_known(self) -> bool:
        """Whether this program knows the revision, and so what is pending."""
        return self.revision is None or self.revision in REVISIONS

    @property
    def is_current(self) -> bool:
        """Whether the database is at the latest revision."""
        return self.revision == HEAD and self.generation == GENERATION


def standing_of(connection: sa.Connection, shown: str) -> Standing | None:
    """Where a database stands; None for one that nobody has used yet, whether or not it has tables.

    DatabaseError for that of another program.
    """
    names = set(sa.inspect(connection).get_table_names())
    if "run" not in names and not names <= _NO_TABLES_OF_OURS:
        raise DatabaseError(
            f"the database `{shown}` belongs to something else",
            hint="give Conductor a database of its own under [database] in conductor.toml",
        )
    if "run" not in names:
        return None
    revision = connection.scalar(sa.select(alembic_version.c.version_num)) if alembic_version.name in names else None
    if installation.name not in names:
        return Standing(revision, None)
    number = connection.scalar(sa.select(installation.c.number))
    return None if number is None else Standing(revision, number)


def take_or_make(connection: sa.Connection, shown: str, secret: str | None) -> None:
    """Make the tables of a new database, or see to it that this program can use those that are there.

    Nothing of an older database is changed. Raises DatabaseError for one that cannot be used.
    """
    standing = standing_of(connection, shown)
    if standing is None:
        make_tables(connection, secret)
    elif not standing.is_current:
        insist_on_use(connection, standing)


def make_tables(connection: sa.Connection, secret: str | None = None) -> None:
    """Make the tables of a new database, at the latest revision, unless `conductor db split` has just made them.

    Raises DatabaseError for tables that were made so by another version.
    """
    if sa.inspect(connection).has_table("run"):
        _insist_on_tables(connection)
    else:
        metadata.create_all(connection, checkfirst=False)
    make_rest(connection)
    alembic_version.create(connection, checkfirst=False)
    connection.execute(sa.insert(installation).values(number=GENERATION, secret=secret or new_secret()))
    connection.execute(sa.insert(alembic_version).values(version_num=HEAD))


def _insist_on_tables(connection: sa.Connection) -> None:
    lacking = unusable(wanted_schema(metadata, connection.dialect), found_schema(connection))
    if lacking:
        raise DatabaseError(
            f"the tables were made by another version of Conductor: {lacking[0]}",
            hint="make them anew, with the statements of this version",
        )


def insist_on_use(connection: sa.Connection, standing: Standing) -> None:
    """Let databases be used that are ahead by nothing but additions; raises DatabaseError for all others."""
    if standing.is_known and (standing.generation or 0) <= GENERATION:
        known = standing.revision or "from before revisions were counted"
        raise DatabaseError(
            f"the database is of an older version of Conductor ({known}; this one needs {HEAD})",
            hint="make a backup, then `conductor db upgrade` brings it up to date; `conductor db check` tells how",
        )
    if standing.generation != GENERATION or unusable(
        wanted_schema(metadata, connection.dialect), found_schema(connection)
    ):
        raise DatabaseError(
            f"the database is of a newer version of Conductor (revision {standing.revision}, generation "
            f"{standing.generation}; this one knows {HEAD}, generation {GENERATION})",
            hint="use that version, or a newer one, with this database",
        )


def insist_on_generation(found: int | None) -> None:
    """Raise DatabaseError where a database was changed, while this program ran, into what it does not know."""
    if found != GENERATION:
        raise DatabaseError(
            f"the database was upgraded to generation {found}, and this program, which runs, knows {GENERATION}",
            hint="stop it, and start the newer version of Conductor",
        )
