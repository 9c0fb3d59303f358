"""From the sizes of a database to what its owner may do about them."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.store.sizes import DatabaseSize, TableSize

MB = 1_000_000
FREE_SHARE, DEAD_SHARE = 0.2, 0.2
"""What is free, or dead, to a lesser share is what a database in use has."""
LARGE_LOG = 64 * MB
MANY_DEAD = 10_000


def size_to_advice(size: DatabaseSize) -> Iterator[str]:
    """A line for each thing that is worth doing; none where all is well."""
    if size.free and size.free > max(FREE_SHARE * size.bytes, MB):
        yield (
            f"{in_bytes(size.free)} of the file are free. They are used again as it grows. To give them back to the "
            "disk, stop every node and run `sqlite3 FILE VACUUM`; "
            f"it needs {in_bytes(size.bytes - size.free)} beside the file"
        )
    if size.log and size.log > max(LARGE_LOG, FREE_SHARE * size.bytes):
        yield (
            f"the log has {in_bytes(size.log)}: somebody has been reading for long. It is emptied when nobody reads; "
            "it shrinks when the last connection is closed, or by `sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)'`"
        )
    yield from (_about_dead(table) for table in size.tables if _has_many_dead(table))


def in_bytes(count: float) -> str:
    """A number of bytes as people say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit == "B" or count >= 100 else f"{count:,.1f} {unit}"
        count /= 1_000
    raise AssertionError


def _has_many_dead(table: TableSize) -> bool:
    return (table.dead or 0) > max(MANY_DEAD, DEAD_SHARE * table.rows)


def _about_dead(table: TableSize) -> str:
    """A table that is updated wants to be cleaned more often than one that only grows."""
    often = f"ALTER TABLE {table.name} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_limit = 2000)"
    return (
        f"`{table.name}` has {table.dead:,} dead rows beside {table.rows:,}: `VACUUM (ANALYZE) {table.name}` lets "
        f"their place be used again, and keeps nobody waiting; to have it done sooner by itself, `{often}`"
    )
