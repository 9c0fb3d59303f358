"""`conductor demo`: a shop, its data, and a winback conversation that runs for four days in a few seconds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from conductor_dsl.cli.batch_line import announcer, published_lines
from conductor_dsl.cli.init import scaffold
from conductor_dsl.cli.open_settings import insist_on_checked
from conductor_dsl.cli.sample_messages import sample_messages
from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.settings import ChannelSettings, Settings, load_settings
from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.runtime.ingest.options import import_options
from conductor_dsl.runtime.node import Done, Node
from conductor_dsl.runtime.open_project import Voice, open_node, publish_project
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.shared.clock import DAY, Instant, VirtualClock, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Engine, connect, reading

START: Instant = 1_772_445_600_000
"""2026-03-02T10:00:00Z, the day on which the data of the example were drawn up."""
ORDERS_COME = START + 2 * DAY
END = START + 5 * DAY
MARK = ".conductor-demo"


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demonstration plays with."""

    settings: Settings
    host: Host
    engine: Engine
    clock: VirtualClock
    node: Node


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo-shop"), metavar="[DIR]")
def command(folder: Path) -> None:
    """Make a shop with 1,000 contacts in DIR and run its winback conversation over a 3-day wait on a virtual clock.

    Nothing leaves the machine: messages are written into the database. A former demonstration in DIR is replaced.
    """
    with _stage(folder) as stage:
        _title("1. Real data: contacts, orders and consent from CSV files")
        for kind, name in (("contacts", "contacts"), ("orders", "orders"), ("consent", "consent")):
            _import(stage, kind, name)
        _title("2. The script is checked like code, and published")
        checked = insist_on_checked(folder, stage.host)
        click.echo(f"{folder / 'winback.cdx'}: no errors")
        for line in published_lines(publish_project(stage.engine, stage.settings, stage.host, checked, START)):
            click.echo(line)
        _title("3. It runs; the clock is virtual, the engine is the real one")
        _run_until(stage, ORDERS_COME)
        click.echo("                      two days later some customers have bought again:")
        _import(stage, "orders", "orders_during_wait")
        _run_until(stage, END)
        _show(stage)
        _title("Where to look next")
        click.echo(_next_steps(folder))


@contextmanager
def _stage(folder: Path) -> Iterator[Stage]:
    _make_room(folder)
    scaffold(folder, with_data=True)
    (folder / MARK).touch()
    clock, host = VirtualClock(START), build_host()
    settings = _quiet(load_settings(folder, os.environ))
    engine = connect(settings.database_url)
    node = open_node(settings, host, engine, clock, Voice(click.echo, _briefly(clock)))
    try:
        yield Stage(settings, host, engine, clock, node)
    finally:
        node.close()


def _briefly(clock: VirtualClock) -> Callable[[Done], None]:
    """Tell who enters and what is sent; moving on from step to step would be as many lines again."""
    announce = announcer(clock)
    return lambda done: None if isinstance(done, Advanced) else announce(done)


def _make_room(folder: Path) -> None:
    """Take away a former demonstration; raises ConductorError for a folder that holds anything else."""
    if (folder / MARK).exists():
        shutil.rmtree(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConductorError(f"`{folder}` is in use and not by a demonstration", hint="name a new folder")


def _quiet(settings: Settings) -> Settings:
    """The same settings, with messages kept but not printed one by one, and a database in the folder."""
    quiet = ChannelSettings("development", options={"quiet": True})
    email = replace(quiet, sender=settings.email.sender, reply_to=settings.email.reply_to)
    return replace(settings, sms=quiet, email=email, database_url=f"sqlite:///{settings.folder / 'conductor.db'}")


def _import(stage: Stage, kind: str, name: str) -> None:
    with reading(stage.engine) as connection:
        programs = load_programs(connection, stage.host)
    path, options = stage.settings.folder / "data" / f"{name}.csv", import_options(stage.settings)
    result = ingest_file(stage.engine, programs, kind, path, clock=stage.clock, options=options)
    click.echo(f"{name}.csv: {result.stored:,} rows stored, {result.rejected:,} rejected")


def _run_until(stage: Stage, end: Instant) -> None:
    """Run whatever is due, moving the clock from one due instant to the next."""
    next_at = stage.node.run_due()
    while next_at is not None and next_at <= end:
        stage.clock.move_to(next_at)
        next_at = stage.node.run_due()
    stage.clock.move_to(end)


def _show(stage: Stage) -> None:
    with reading(stage.engine) as connection:
        for loaded in load_programs(connection, stage.host).live:
            _title(f"4. What happened by {to_iso(stage.clock.now())}, with a reason for everything not sent")
            click.echo(conversation_table(connection, loaded), nl=False)
            _title("5. Messages as their readers see them")
            programs = stage.node.shelf.programs(connection)
            click.echo("\n\n".join(sample_messages(connection, programs, loaded)))


def _title(text: str) -> None:
    click.echo("\n" + click.style(text, bold=True))


def _next_steps(folder: Path) -> str:
    return (
        f"  {folder / 'winback.cdx'}  the conversation: change it, then\n"
        f"  conductor check {folder}  checks it\n"
        f"  conductor status {folder}  shows the table above again\n"
        f"  {folder / 'conductor.db'}  the database; table `development_message` holds every message as it was sent\n"
        "  conductor init my-shop  begins a project of your own"
    )
