"""Ask a database that holds a year of a winback what people ask: `python -m tests.year --contacts 1000000`."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.store.connect import reading
from conductor_dsl.store.sizes import database_size
from tests.bench.by_engine import open_node
from tests.databases import execute, start_server
from tests.proven.figures import BUILT, Figures, write_figures
from tests.year.make_year import fill_contacts, make_year
from tests.year.prune_month import prune_month
from tests.year.questions import Answered, ask, keyed, summed

TIMES = 5
"""How often each question is asked; those that read everything are asked twice."""
SOON, WAITED_FOR, HELD_UP = 500, 120_000, 2_000
"""Milliseconds: for a question of one contact or of what is due; for one about everything; for a sender, at most."""
WHAT = """Every contact has gone through the winback six times in a year, and one in five is inside. The rows were
written straight into the tables. Then everything is asked that people and nodes ask, and the oldest month is
deleted."""


def main() -> int:
    """Make the year, ask, and write the figures down; 0 where every answer came in time and by an index."""
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="conductor-year-", dir=Path.cwd() / "build"))
    try:
        with _database(chosen.database, folder) as url:
            figures = year(url, chosen.contacts, chosen.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_figures(BUILT / f"year-{chosen.database}.json", figures)
    return 0 if figures.holds else 1


def year(url: str, contacts: int, seed: int) -> Figures:
    """Make a year in an empty database, and ask; tells each figure as it comes."""
    start = time.perf_counter()
    fill_contacts(url, contacts, seed)
    node = open_node(url)
    make_year(node.engine, contacts)
    _tidy(node.engine)
    with reading(node.engine) as connection:
        size = database_size(connection)
        database = _version(connection)
    rows = {name: size.rows_of(name) for name in ("run", "intent", "history", "event")}
    facts: dict[str, int | float | str] = {f"rows of {name}": count for name, count in rows.items()}
    facts["GB"] = round(size.bytes / 1e9, 2)
    facts["seconds to make it"] = round(time.perf_counter() - start, 1)
    soon = [ask(node.engine, *each, TIMES) for each in keyed(node, contacts // 2).items()]
    waited = [ask(node.engine, *each, 2) for each in summed(node).items()]
    facts |= {f"{each.name}, ms": round(each.median, 1) for each in (*soon, *waited)}
    pruned = prune_month(node)
    facts |= {
        "rows of the oldest month deleted": pruned.deleted.rows,
        "seconds to delete it": round(pruned.seconds, 1),
        "longest time for which that kept others waiting, ms": round(pruned.longest, 1),
    }
    node.close()
    for name, fact in facts.items():
        sys.stdout.write(f"{name}: {fact:,}\n")
    wrong = [*_wrong(soon, waited), *(["a sender was held up"] if pruned.longest > HELD_UP else [])]
    sys.stdout.writelines(f"WRONG: {each}\n" for each in wrong)
    return Figures(
        title=f"A year of history of {contacts:,} contacts",
        what=WHAT,
        command=f"make year, on {database.partition(' ')[0]}",
        seed=seed,
        seconds=round(time.perf_counter() - start, 1),
        holds=not wrong,
        facts=facts,
        database=database,
        details={"times": {each.name: each.times for each in (*soon, *waited)}, "wrong": wrong},
    )


def _wrong(soon: list[Answered], waited: list[Answered]) -> Iterator[str]:
    for each in soon:
        if each.scanned:
            yield f"{each.name}: reads all of {', '.join(sorted(each.scanned))}"
        if each.median > SOON:
            yield f"{each.name}: takes {each.median:,.0f} ms"
    yield from (f"{each.name}: takes {each.median:,.0f} ms" for each in waited if each.median > WAITED_FOR)


def _tidy(engine: sa.Engine) -> None:
    """What autovacuum would have done in a year, and the log put into the file."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _version(connection: sa.Connection) -> str:
    if connection.dialect.name == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    return f"PostgreSQL {connection.scalar(sa.text('SHOW server_version'))}"


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'year.db'}"
        return
    folder.chmod(0o755)
    home = Path(tempfile.mkdtemp(prefix="cdx-year-"))
    control = start_server(home)
    try:
        base = f"postgresql+psycopg://postgres@/postgres?host={home}"
        execute(base, "CREATE DATABASE year TEMPLATE template0")
        yield f"postgresql+psycopg://postgres@/year?host={home}"
    finally:
        control("stop", "-m", "immediate")
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
