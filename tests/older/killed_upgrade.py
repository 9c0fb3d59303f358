"""An upgrade that is killed before its first statement that writes, then before a later one, until one comes to an end.

A program of its own, as it forks: `python -m tests.older.killed_upgrade URL COMMIT STRIDE` makes the database as the
program of the commit left it, kills before every STRIDE-th statement, and prints how many statements there were to kill
before. It fails where an upgrade that was killed left anything behind.
"""

from __future__ import annotations

import os
import signal
import sys
from itertools import count

import sqlalchemy as sa

from conductor_dsl.store.connect import bare_connection
from conductor_dsl.store.schema import Schema, found_schema
from conductor_dsl.store.standing import alembic_version
from conductor_dsl.store.upgrade import upgrade
from tests.older.databases import make_older

ENDED = 0


WRITES = ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "UPDATE")


def main(url: str, commit: str, stride: str) -> None:
    """Kill upgrades, one for each statement."""
    make_older(url, commit)
    before = look(url)
    for number in count(0, int(stride)):
        code = upgrade_until(url, number)
        if code == ENDED:
            assert look(url) != before
            sys.stdout.write(f"{number}\n")
            return
        assert code == -signal.SIGKILL, code
        assert look(url) == before, f"killed before statement {number}, an upgrade left something behind"


def upgrade_until(url: str, number: int) -> int:
    """Upgrade in a child that is killed before so many statements are over; how it ended, negative for a signal."""
    child = os.fork()
    if child == 0:
        _kill_at(number)
        upgrade(url)
        os._exit(ENDED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _kill_at(number: int) -> None:
    left = iter(range(number))

    def tick() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith(WRITES):
            tick()

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    sa.event.listen(sa.Engine, "commit", lambda _: tick())


def look(url: str) -> tuple[Schema, list[str], list[tuple[object, ...]]]:
    """What an upgrade changes: the schema, the revision, and the states of messages."""
    with bare_connection(url, reads=True) as connection:
        schema = found_schema(connection)
        marked = (
            list(connection.scalars(sa.select(alembic_version.c.version_num))) if "alembic_version" in schema else []
        )
        messages = connection.exec_driver_sql("SELECT contact_id, conversation_id, state FROM intent ORDER BY 1, 2")
        return schema, marked, [tuple(row) for row in messages]


if __name__ == "__main__":
    main(*sys.argv[1:])
