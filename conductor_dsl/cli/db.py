"""`conductor db`: whether a database is as this version of Conductor wants it, and how it becomes so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.store.layout import citus_statements, partition_statements
from conductor_dsl.store.standing import Standing
from conductor_dsl.store.upgrade import Checked, Revision, check, upgrade


def which(function: Callable[..., None]) -> Callable[..., None]:
    """The two ways to say which database is meant."""
    folder = click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
    url = click.option("--database", "url", help="The URL of a database, in place of that of a project.")
    return folder(url(function))


@click.group("db")
def command() -> None:
    """Bring a database up to date, or tell what it lacks."""


@command.command("check")
@which
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def check_database(folder: Path, url: str | None, *, as_json: bool) -> None:
    """Tell at which revision the database of the project in DIR is, what is pending, and how its tables differ.

    Nothing is changed. The exit code is 0 where the database is as it should be, 1 where something is pending or
    differs, and 2 where it cannot be used, such as one of a newer version that changed more than this one knows.
    """
    found = check(url or open_settings(folder).database_url)
    click.echo(json.dumps(_as_data(found), indent=2) if as_json else "\n".join(_in_words(found)))
    sys.exit(0 if _is_fine(found) else 1)


@command.command("split")
@click.argument("way", type=click.Choice(("citus", "partitions")))
@click.option("--parts", type=click.IntRange(2, 1024), default=16, help="In how many parts, for `partitions` (16).")
def split_tables(way: str, *, parts: int) -> None:
    """Print the SQL by which a new PostgreSQL database has its tables of contacts in parts.

    `citus` distributes the tables that Conductor has made over the machines of a cluster; `partitions` makes all tables
    of an empty database, those of contacts in parts by a hash of the contact. Nothing is executed. What it is good for,
    and what is not possible so, is told in docs/scaling.md.
    """
    for statement in citus_statements() if way == "citus" else partition_statements(parts):
        click.echo(f"{statement};")


@command.command("upgrade")
@which
def upgrade_database(folder: Path, url: str | None) -> None:
    """Bring the database of the project in DIR to what this version wants, in one transaction; make a backup first.

    Nodes may go on while additions are made. What needs a stop is refused while any is connected. Two upgrades at once
    do no harm. The exit code is 0 when the database is up to date, and 2 where it was left as it was.
    """
    done = upgrade(url or open_settings(folder).database_url)
    for each in done.applied:
        click.echo(f"{each.name}  {each.words}")
    if done.found is None:
        click.echo(f"made the tables of a new database, at revision {done.head}")
    elif done.applied:
        click.echo(f"upgraded from {_place(done.found)} to revision {done.head}")
    else:
        click.echo(f"nothing to do: the database is at {_place(done.found)}")


def _is_fine(found: Checked) -> bool:
    return found.found is not None and not (found.pending or found.lacking or found.surplus)


def _in_words(found: Checked) -> Iterator[str]:
    if found.found is None:
        yield f"there are no tables yet; the first import makes those of revision {found.wanted}"
        return
    known = "as this version wants it" if found.found.is_current else f"this version wants {found.wanted}"
    yield f"the database is at {_place(found.found)}; {known}"
    yield from (f"pending {each.name}, {_kind(each)}: {each.words}" for each in found.pending)
    yield from (f"differs: {each}" for each in (*found.lacking, *found.surplus))


def _place(found: Standing) -> str:
    return f"revision {found.revision}" if found.revision else "a version from before revisions were counted"


def _kind(revision: Revision) -> str:
    return "while nodes run" if revision.additive else "with every node stopped"


def _as_data(found: Checked) -> dict[str, Any]:
    return {
        "revision": found.found and found.found.revision,
        "generation": found.found and found.found.generation,
        "wanted": found.wanted,
        "fine": _is_fine(found),
        "pending": [asdict(each) for each in found.pending],
        "lacking": list(found.lacking),
        "surplus": list(found.surplus),
    }
