"""`conductor dead`: messages that were tried five times in vain, and another try."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.letters import settle_letters, show_letters
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.store.connect import connect


@click.command("dead")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--again", multiple=True, metavar="KEY", help="Try it once more, as long as it lives.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many are listed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(folder: Path, *, again: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List the dead letters of the project in DIR: messages that their provider refused five times for the time being.

    KEY is the key of one, or `all`. One whose time to live is over does not leave any more, nor one to somebody who has
    left or moved meanwhile. The exit code is 1 while there are any.
    """
    engine = connect(open_settings(folder).database_url)
    now = EngineClock(engine).now()
    try:
        if again:
            changed = settle_letters(engine, again, (IntentState.DEAD, IntentState.READY), now, "by hand: again")
            click.echo(f"{changed:,} will be tried again", err=as_json)
        count = show_letters(engine, IntentState.DEAD, limit, as_json=as_json)
    finally:
        engine.dispose()
    if not count and not again:
        click.echo("there are no dead letters", err=as_json)
    raise SystemExit(1 if count else 0)
