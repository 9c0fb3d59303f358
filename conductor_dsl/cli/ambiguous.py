"""`conductor ambiguous`: messages of which nobody knows whether they were sent, and what people know about them."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.letters import settle_letters, show_letters
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.store.connect import connect

DECISIONS = {
    "sent": (IntentState.ACCEPTED, "count as sent"),
    "again": (IntentState.READY, "leave once more"),
    "drop": (IntentState.DEAD, "were given up"),
}


@click.command("ambiguous")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--sent", multiple=True, metavar="KEY", help="It was sent: its run goes on.")
@click.option("--again", multiple=True, metavar="KEY", help="Send it once more, even if it comes twice.")
@click.option("--drop", multiple=True, metavar="KEY", help="Give it up: its run goes on as after a failure.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many are listed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(folder: Path, *, limit: int, as_json: bool, **decided: tuple[str, ...]) -> None:
    """List the messages of the project in DIR of which nobody can tell whether they were sent.

    Their provider gave no answer, and could not tell later. They are held, with their runs, until a receipt comes or
    you decide; KEY is the key of one, or `all`. The exit code is 1 while there are any.
    """
    engine = connect(open_settings(folder).database_url)
    now = EngineClock(engine).now()
    try:
        for name, (state, said) in DECISIONS.items():
            if decided[name]:
                changed = settle_letters(engine, decided[name], (IntentState.AMBIGUOUS, state), now, f"by hand: {name}")
                click.echo(f"{changed:,} {said}", err=as_json)
        count = show_letters(engine, IntentState.AMBIGUOUS, limit, as_json=as_json)
    finally:
        engine.dispose()
    if not count and not any(decided.values()):
        click.echo("of every message it is known what became of it", err=as_json)
    raise SystemExit(1 if count else 0)
