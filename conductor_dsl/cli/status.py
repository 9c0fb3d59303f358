"""`conductor status`: what became of everybody, step by step, with a reason for everything that was not sent.

And how many coupon codes are left, and which machines have wrong clocks.
"""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.cli.pool_table import pool_table
from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.engine_clock import SKEW, EngineClock, off
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.store.clocks import kept_since
from conductor_dsl.store.connect import connect, reading

HEARD_OF = 3 * MINUTE
"""A node of which nothing was heard for so long does not run any more."""


@click.command("status")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Show what became of everybody in the project in DIR, step by step."""
    settings = open_settings(folder)
    engine = connect(settings.database_url)
    now = EngineClock(engine).now()
    try:
        with reading(engine) as connection:
            programs = load_programs(connection, build_host())
            for loaded in programs.live:
                click.echo(conversation_table(connection, loaded))
            pools = pool_table(connection, settings.pools, now)
            skews = [each for each in kept_since(connection, now - HEARD_OF) if abs(each.skew) > SKEW]
    finally:
        engine.dispose()
    if pools:
        click.echo(pools)
    for each in skews:
        click.echo(f"warning: the clock of `{each.host}` {off(each.skew)}, by which the engine goes; set it right")
    if not programs.live:
        click.echo("nothing is published yet; `conductor run` or `conductor serve` publishes the project")
