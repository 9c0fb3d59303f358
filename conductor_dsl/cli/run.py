"""`conductor run`: do whatever is due once, for those who have a cron."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.batch_line import announcer, published_lines
from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.open_settings import insist_on_checked, open_settings
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.open_project import Voice, open_node, publish_project, require_providers, with_workshop
from conductor_dsl.runtime.recover import insist_on_recovered
from conductor_dsl.shared.clock import to_iso
from conductor_dsl.store.connect import connect


@click.command("run")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Publish the project in DIR, advance whatever is due once, and exit.

    Prints a line for each batch. The exit code is 0 when all was done, 1 when a script has errors (nothing is done
    then), and 2 where the project could not be run.
    """
    settings, host = open_settings(folder, sends=True), installed_host()
    require_providers(settings, host)
    checked = insist_on_checked(folder, host)
    engine = connect(settings.database_url)
    insist_on_recovered(engine)
    clock = EngineClock(engine, _warn)
    node = with_workshop(open_node(settings, host, engine, clock, Voice(click.echo, announcer(clock))), settings)
    try:
        for line in published_lines(publish_project(engine, settings, host, checked, clock.now())):
            click.echo(line)
        next_at = node.run_due()
        click.echo("nothing is waiting" if next_at is None else f"next due at {to_iso(next_at)}")
    finally:
        node.close()


def _warn(text: str) -> None:
    click.echo(f"warning: {text}", err=True)
