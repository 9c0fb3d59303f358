"""`conductor status`: what became of everybody, step by step, with a reason for everything that was not sent."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.store.connect import connect, reading


@click.command("status")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Show what became of everybody in the project in DIR, step by step."""
    engine = connect(open_settings(folder).database_url)
    try:
        with reading(engine) as connection:
            programs = load_programs(connection, build_host())
            for loaded in programs.live:
                click.echo(conversation_table(connection, loaded))
    finally:
        engine.dispose()
    if not programs.live:
        click.echo("nothing is published yet; `conductor run` or `conductor serve` publishes the project")
