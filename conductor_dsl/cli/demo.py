"""`conductor demo`: an example with its data, which runs for days or months in a few seconds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from conductor_dsl.cli.batch_line import announcer, published_lines
from conductor_dsl.cli.init import DEFAULT, scaffold
from conductor_dsl.cli.open_settings import insist_on_checked
from conductor_dsl.cli.play import Import, Play, example_folder, load_play
from conductor_dsl.cli.pool_table import pool_table
from conductor_dsl.cli.sample_messages import sample_messages
from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.plugin.rehearsed import rehearsed
from conductor_dsl.project.settings import ChannelSettings, Settings, load_settings
from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.runtime.ingest.options import import_options
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.open_project import Voice, open_node, publish_project
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.shared.clock import Instant, VirtualClock, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Engine, connect, reading

MARK = ".conductor-demo"


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demonstration plays with."""

    settings: Settings
    host: Host
    engine: Engine
    clock: VirtualClock
    node: Node
    play: Play


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo-shop"), metavar="[DIR]")
@click.option("--from", "example", default=DEFAULT, show_default=True, metavar="EXAMPLE", help="What to play.")
def command(folder: Path, example: str) -> None:
    """Make a shop with made-up contacts in DIR and run its conversations on a virtual clock.

    Nothing leaves the machine: messages are written into the database. A former demonstration in DIR is replaced.
    The examples are alerts, anniversary, birthday, cart_abandonment, loyalty, post_purchase, replenishment, welcome
    and winback.
    """
    with _stage(folder, example) as stage:
        _title(f"1. Real data: {_listed([each.kind for each in stage.play.before])} from CSV files")
        for each in stage.play.before:
            _import(stage, each)
        _title("2. The script is checked like code, and published")
        checked = insist_on_checked(folder, stage.host)
        for script in checked:
            click.echo(f"{folder / Path(script.report.source.name).name}: no errors")
        published = publish_project(stage.engine, stage.settings, stage.host, checked, stage.play.starts)
        for line in published_lines(published):
            click.echo(line)
        _title("3. It runs; the clock is virtual, the engine is the real one")
        for each in stage.play.later:
            _run_until(stage, each.at)
            click.echo(f"                      {each.says}:")
            _import(stage, each)
        _run_until(stage, stage.play.ends)
        _show(stage)
        _title("Where to look next")
        click.echo(_next_steps(folder, example))


@contextmanager
def _stage(folder: Path, example: str) -> Iterator[Stage]:
    example_folder(example)
    _make_room(folder)
    scaffold(folder, example, with_data=True)
    (folder / MARK).touch()
    play, host = load_play(folder), rehearsed(build_host())
    clock, settings = VirtualClock(play.starts), _quiet(load_settings(folder, os.environ))
    engine = connect(settings.database_url)
    node = open_node(settings, host, engine, clock, Voice(click.echo, _briefly(clock)))
    try:
        yield Stage(settings, host, engine, clock, node, play)
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
    email = replace(settings.email, provider=quiet.provider, options=quiet.options, fallback=None)
    own = f"sqlite:///{settings.folder / 'conductor.db'}"
    return replace(settings, sms=quiet, email=email, webhook=quiet, channels={}, database_url=own)


def _import(stage: Stage, file: Import) -> None:
    with reading(stage.engine) as connection:
        programs = load_programs(connection, stage.host)
    path = stage.settings.folder / "data" / file.file
    options = replace(import_options(stage.settings), pool=file.pool)
    result = ingest_file(stage.engine, programs, file.kind, path, clock=stage.clock, options=options)
    click.echo(f"{file.file}: {result.stored:,} rows stored, {result.rejected:,} rejected")


def _run_until(stage: Stage, end: Instant) -> None:
    """Run whatever is due, moving the clock from one due instant to the next."""
    next_at = stage.node.run_due()
    while next_at is not None and next_at <= end:
        stage.clock.move_to(next_at)
        next_at = stage.node.run_due()
    stage.clock.move_to(end)


def _show(stage: Stage) -> None:
    with reading(stage.engine) as connection:
        live = load_programs(connection, stage.host).live
        _title(f"4. What happened by {to_iso(stage.clock.now())}, with a reason for everything not sent")
        tables = [conversation_table(connection, loaded) for loaded in live]
        pools = pool_table(connection, stage.settings.pools, stage.clock.now())
        click.echo("\n".join([*tables, pools] if pools else tables).rstrip("\n"))
        _title("5. Messages as their readers see them")
        programs = stage.node.shelf.programs(connection)
        click.echo("\n\n".join(drawn for loaded in live for drawn in sample_messages(connection, programs, loaded)))


def _listed(words: Sequence[str]) -> str:
    """`contacts, orders and consent`, each of them once."""
    *others, last = dict.fromkeys(words)
    return f"{', '.join(others)} and {last}" if others else last


def _title(text: str) -> None:
    click.echo("\n" + click.style(text, bold=True))


def _next_steps(folder: Path, example: str) -> str:
    begin = "conductor init my-shop" + ("" if example == DEFAULT else f" --from {example}")
    return (
        f"  {folder / 'README.md'}  explains every line; change a script, then\n"
        f"  conductor check {folder}  checks it\n"
        f"  conductor status {folder}  shows the tables above again\n"
        f"  {folder / 'conductor.db'}  the database; table `development_message` holds every message as it was sent\n"
        f"  {begin}  begins a project of your own"
    )
