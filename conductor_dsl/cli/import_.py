"""`conductor import`: contacts, orders, products and all else that a shop knows, from files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.plugin.host import build_host
from conductor_dsl.project.catalogue import load_catalogue
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.ingest.ingest import ingest_file, ingest_stream
from conductor_dsl.runtime.ingest.kinds import KINDS
from conductor_dsl.runtime.ingest.nouns import ImportResult
from conductor_dsl.runtime.ingest.options import import_options
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.runtime.publish import remember_lists
from conductor_dsl.shared.errors import ImportFileError
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.connect import connect

STDIN = Path("-")
Progress = Callable[[int, int], None]


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)), metavar="KIND")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--project", type=click.Path(path_type=Path), default=Path(), help="The folder with conductor.toml.")
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), help="What FILE is, if its name does not tell.")
@click.option("--pool", metavar="NAME", help="The pool that coupon codes are for.")
@click.option("--rejects", type=click.Path(path_type=Path), help="Where to put rows that cannot be imported.")
def command(kind: str, file: Path, *, project: Path, form: str | None, pool: str | None, rejects: Path | None) -> None:
    """Read contacts, orders, events, consent, coupons, products, carts or suppressions (KIND) from FILE.

    FILE ends in .csv or .jsonl, and - is standard input.

    It may be stopped and repeated at any point. Rows that cannot be imported go to FILE.rejects.csv with the reason.
    The exit code is 0 when every row was fine, 1 when some were rejected, and 2 where the file could not be imported.
    """
    settings = open_settings(project)
    options = replace(import_options(settings), pool=_pool(kind, pool, settings))
    with _progress(file) as progress:
        common = {"options": options, "format_": form, "rejects_path": rejects, "progress": progress}
        result = _run(settings, kind, file, common)
    _tell(kind, result)
    sys.exit(1 if result.rejected else 0)


def _pool(kind: str, name: str | None, settings: Settings) -> str:
    """The pool of an import of codes, and of those only; it must stand in conductor.toml."""
    if (kind == "coupons") != (name is not None):
        hint = "`conductor import coupons FILE --pool NAME`"
        raise ImportFileError(
            "codes are for a pool, and nothing else is" if name else "which pool are the codes for?", hint=hint
        )
    if name is not None and name not in settings.pools:
        hint = did_you_mean(name, settings.pools) or f'add `[pools."{name}"]` to conductor.toml'
        raise ImportFileError(f"there is no pool `{name}`", hint=hint)
    return name or ""


def _run(settings: Settings, kind: str, file: Path, common: dict[str, Any]) -> ImportResult:
    if file == STDIN and common["format_"] is None:
        raise ImportFileError("standard input has no name that tells its format", hint="add `--format csv` or `jsonl`")
    engine = connect(settings.database_url)
    try:
        with engine.begin() as connection:
            remember_lists(connection, load_catalogue(settings))
            programs = load_programs(connection, build_host())
        clock = EngineClock(engine)
        if file == STDIN:
            return ingest_stream(engine, programs, kind, sys.stdin.buffer, clock=clock, **common)
        return ingest_file(engine, programs, kind, file, clock=clock, **common)
    finally:
        engine.dispose()


@contextmanager
def _progress(file: Path) -> Iterator[Progress | None]:
    """A bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=f"importing {file.name}", file=sys.stderr) as bar:
        yield partial(_advance, bar)


def _advance(bar: Any, done: int, size: int) -> None:
    bar.length = max(size, 1)
    bar.update(done - bar.pos)


def _tell(kind: str, result: ImportResult) -> None:
    for message, hint in result.warnings:
        click.echo(f"{click.style('warning', fg='yellow', bold=True)}: {message}", err=True)
        click.echo(f"{click.style('hint', bold=True)}: {hint}", err=True)
    outcome = f"{result.stored:,} new or changed, {result.unchanged:,} known already, {result.rejected:,} rejected"
    click.echo(f"{kind}: {result.read:,} {'row' if result.read == 1 else 'rows'} read: {outcome}")
    if result.rejected:
        click.echo(f"the rejected rows, with the reasons, are in `{result.rejects_path}`", err=True)
