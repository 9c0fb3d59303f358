"""`conductor serve`: run the project until told to stop."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import click

from conductor_dsl.cli.batch_line import announcer, published_lines
from conductor_dsl.cli.open_settings import insist_on_checked, open_settings, show_errors
from conductor_dsl.cli.signals import Signals
from conductor_dsl.language.check import Checked
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.bell import Bell
from conductor_dsl.runtime.doorbell import Doorbell
from conductor_dsl.runtime.open_project import Voice, check_project, open_node, publish_project
from conductor_dsl.shared.clock import Clock, SystemClock, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Engine, connect


@click.command("serve")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Publish the project in DIR and run it until SIGTERM or Ctrl-C.

    Prints a line for each batch. On SIGHUP the scripts are read and published anew; if they have errors, what runs goes
    on as it was. Stopping finishes the batch in hand and begins no other.
    """
    settings, host, clock = open_settings(folder), build_host(), SystemClock()
    checked = insist_on_checked(folder, host)
    engine = connect(settings.database_url)
    signals = Signals()
    _publish(engine, settings, host, checked, clock)
    node = open_node(settings, host, engine, clock, Voice(click.echo, announcer(clock)))
    bell = Bell(node.run_due, clock, _complain)
    doorbell = Doorbell(engine, node.id, bell.wake)
    doorbell.open(clock.now())
    bell.start()
    click.echo(f"serving `{settings.folder}` since {to_iso(clock.now())}; Ctrl-C stops")
    try:
        while signals.wait() == signal.SIGHUP:
            _publish_again(engine, settings, host, clock)
            bell.wake()
    finally:
        click.echo("stopping: the batch in hand is finished, no other is begun")
        node.stopping.set()
        bell.stop()
        doorbell.close()
        node.close()
    click.echo("stopped; whatever is waiting goes on at the next start")


def _publish(engine: Engine, settings: Settings, host: Host, checked: Sequence[Checked], clock: Clock) -> None:
    for line in published_lines(publish_project(engine, settings, host, checked, clock.now())):
        click.echo(line)


def _publish_again(engine: Engine, settings: Settings, host: Host, clock: Clock) -> None:
    """Publish the project anew; whatever is wrong with it is shown, and what runs goes on."""
    try:
        checked = check_project(settings.folder, host)
        if not show_errors(checked):
            _publish(engine, settings, host, checked, clock)
    except ConductorError as problem:
        _complain(problem)


def _complain(problem: Exception) -> None:
    click.echo(f"error: {problem}", err=True)
    hint = getattr(problem, "hint", None)
    if hint:
        click.echo(f"hint: {hint}", err=True)
