"""`conductor export`: history and messages for other programs, in a form that a plugin writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.plugin.contracts import Batches, Exporter
from conductor_dsl.plugin.host import Host
from conductor_dsl.shared.clock import Instant, SystemClock, from_datetime
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConductorError, blamed
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.store.connect import connect
from conductor_dsl.store.exports import SUBJECTS, export_batches

STDOUT = Path("-")


@click.command("export")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), required=True, help="The file to write; - is the screen."
)
@click.option(
    "--what", type=click.Choice(list(SUBJECTS)), default="messages", show_default=True, help="What to export."
)
@click.option("--since", metavar="WHEN", help="Leave out what is older: 2026-11-01, an instant in ISO 8601, or 30d.")
def command(name: str, folder: Path, target: Path, what: str, since: str | None) -> None:
    """Write what became of everybody in the project in DIR to a file, in the form NAME, such as csv or jsonl.

    Rows are read some thousands at a time, while the engine may be running. A file of that name is replaced once the
    new one is complete.
    """
    exporter, after = _exporter(installed_host(), name), _instant(since) if since else None
    engine, subject = connect(open_settings(folder).database_url), SUBJECTS[what]
    rows = _Counted(export_batches(engine, subject, after))
    try:
        with _opened(target) as file:
            _write(exporter, subject.names, rows, file)
    finally:
        engine.dispose()
    click.echo(f"wrote {rows.count:,} rows of {what} to {target}", err=target == STDOUT)


class _Counted:
    """The batches as they go by, counted."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Mapping[str, Any]]]:
        for batch in self._batches:
            self.count += len(batch)
            yield batch


def _exporter(host: Host, name: str) -> Exporter:
    if name in host.exporters:
        return host.exporters[name]
    known = ", ".join(f"`{each}`" for each in host.exporters)
    hint = did_you_mean(name, host.exporters) or f"there are {known}"
    raise ConductorError(f"no plugin exports to `{name}`", hint=hint)


def _instant(since: str) -> Instant:
    """The instant meant; a day begins in UTC."""
    with suppress(ValueError):
        return Duration.parse(since).before(SystemClock().now())
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        hint = "write `--since 2026-11-01`, `--since 2026-11-01T08:00:00Z` or `--since 30d`"
        raise ConductorError(f"`{since}` is no time", hint=hint) from None
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _write(exporter: Exporter, columns: tuple[str, ...], rows: Batches, file: BinaryIO) -> None:
    with blamed(f"the exporter `{exporter.name}`", OSError):
        exporter.write(columns, rows, file)


@contextmanager
def _opened(target: Path) -> Iterator[BinaryIO]:
    """A file beside the one that is wanted, which takes its place once all is written."""
    if target == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(target)
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot write `{target}`: {reason}", hint="the folder must exist, and be yours") from None
    finally:
        beside.unlink(missing_ok=True)
