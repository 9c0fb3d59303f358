"""`conductor serve`: run the project until told to stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from conductor_dsl.cli.batch_line import announcer, published_lines
from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.make_web import make_web
from conductor_dsl.cli.open_settings import insist_on_checked, open_settings, show_errors
from conductor_dsl.cli.signals import hold_signals, next_signal
from conductor_dsl.language.check import Checked
from conductor_dsl.plugin.host import Host
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.bell import Bell
from conductor_dsl.runtime.doorbell import Doorbell, make_doorbell
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.open_project import (
    carriers_of,
    check_project,
    node_of,
    publish_project,
    require_providers,
    with_workshop,
)
from conductor_dsl.runtime.recover import insist_on_recovered
from conductor_dsl.shared.clock import Clock, to_iso
from conductor_dsl.shared.collecting_later import keep_for_good
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Engine, connect

GRACE = 9.0
"""Seconds that the batch in hand may take to finish after a stop, so that all is over within 10."""


@click.command("serve")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Publish the project in DIR and run it until SIGTERM or Ctrl-C.

    Prints a line for each batch. On SIGHUP the scripts, saved messages and settings are read and published anew; if
    they have errors, what runs goes on as it was. Another database or provider, other caps or windows of the project
    take a new start. Stopping finishes the batch in hand and begins no other. The exit code is 0 after a stop, 1 when a
    script has errors (nothing is done then) or the batch in hand did not finish within 10 seconds, and 2 where the
    project could not be run.
    """
    settings, host = open_settings(folder, sends=True), installed_host()
    require_providers(settings, host)
    checked = insist_on_checked(folder, host)
    engine = connect(settings.database_url)
    insist_on_recovered(engine)
    clock = EngineClock(engine, _warn)
    carriers = carriers_of(settings, host, engine, clock, click.echo)
    node = node_of(settings, host, engine, clock, carriers=carriers, announce=announcer(clock))
    node = with_workshop(node, settings)
    web = make_web(settings, node, carriers, _warn)
    hold_signals()
    _publish(engine, settings, host, checked, clock)
    clock.keep(idle=True)
    keep_for_good()
    bell = Bell(node.run_due, clock, _complain, lambda: click.echo("it works again: what was due is done now"))
    doorbell = make_doorbell(engine, node.id, bell.wake)
    doorbell.open()
    bell.start()
    if web:
        web.open()
        click.echo(f"listening at {web.address} for {settings.public_url}")
    click.echo(f"serving `{settings.folder}` since {to_iso(clock.now())}; Ctrl-C stops")
    while next_signal() == signal.SIGHUP:
        _publish_again(engine, folder, host, clock)
        bell.wake()
    if web:
        web.close()
    _stop(node, bell, doorbell)


def _stop(node: Node, bell: Bell, doorbell: Doorbell) -> None:
    click.echo("stopping: the batch in hand is finished, no other is begun")
    node.stopping.set()
    if not bell.stop(GRACE):
        _leave_behind()
    doorbell.close()
    node.close()
    click.echo("stopped; whatever is waiting goes on at the next start")


def _leave_behind() -> NoReturn:
    """End the process although a batch is in hand, as a crash would; the thread that has it would be waited for."""
    _complain(ConductorError("the batch in hand did not finish in time", hint="the next start finds out what was sent"))
    sys.stdout.flush()
    os._exit(1)


def _publish(engine: Engine, settings: Settings, host: Host, checked: Sequence[Checked], clock: Clock) -> None:
    for line in published_lines(publish_project(engine, settings, host, checked, clock.now())):
        click.echo(line)


def _publish_again(engine: Engine, folder: Path, host: Host, clock: Clock) -> None:
    """Publish the project anew; whatever is wrong with it is shown, and what runs goes on."""
    try:
        settings = open_settings(folder, sends=True)
        require_providers(settings, host)
        checked = check_project(folder, host)
        if not show_errors(checked):
            _publish(engine, settings, host, checked, clock)
            return
    except ConductorError as problem:
        _complain(problem)
    click.echo("what runs goes on as it was")


def _warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)


def _complain(problem: Exception) -> None:
    click.echo(f"error: {problem}", err=True)
    hint = getattr(problem, "hint", None)
    if hint:
        click.echo(f"hint: {hint}", err=True)
