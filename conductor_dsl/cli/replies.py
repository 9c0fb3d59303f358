"""`conductor replies`: texts that may have asked for no more texts, and what people say who have read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.language.report.look import printable
from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.shared.clock import to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.undecided import Unread, decide_texts, unread


@click.command("replies")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--stop", multiple=True, metavar="KEY", help="It was a STOP: all texts to the contact end.")
@click.option("--harmless", multiple=True, metavar="KEY", help="It was none: texts go on.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many are listed.")
def command(folder: Path, *, stop: tuple[str, ...], harmless: tuple[str, ...], limit: int) -> None:
    """List the replies in the project in DIR that may ask for no more texts, in words that Conductor does not know.

    Their authors, contacts by their KEY, get no text until somebody has read what they wrote. The exit code is 1 while
    there are any.
    """
    engine = connect(open_settings(folder).database_url)
    now = EngineClock(engine).now()
    try:
        with engine.begin() as connection:
            waiting = {each.contact: each for each in unread(connection)} if stop or harmless else {}
            ended = decide_texts(connection, _named(stop, waiting), now, is_stop=True)
            gone_on = decide_texts(connection, _named(harmless, waiting), now, is_stop=False)
        with reading(engine) as connection:
            left = unread(connection, limit)
        ring(engine)
    finally:
        engine.dispose()
    if stop or harmless:
        click.echo(f"{ended:,} want no more texts, {gone_on:,} go on")
    for each in left:
        click.echo(f"{printable(each.contact)}  {to_iso(each.at)}, {each.source}: {printable(each.text)}")
    if not left and not stop and not harmless:
        click.echo("every reply was understood")
    raise SystemExit(1 if left else 0)


def _named(keys: Sequence[str], waiting: dict[str, Unread]) -> list[Unread]:
    for key in keys:
        if key not in waiting:
            raise ConductorError(f"no reply of `{key}` waits to be read", hint="copy the key from the list")
    return [waiting[key] for key in keys]
