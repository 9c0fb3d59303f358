"""`conductor suppress`: addresses that get nothing, whoever has them, and the way back."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.program.states import Closure
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.ingest.nouns import BadRow
from conductor_dsl.runtime.ingest.options import import_options
from conductor_dsl.runtime.ingest.rows_to_suppressions import text_to_channel
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.closed_addresses import KEY, Closed
from conductor_dsl.store.connect import connect
from conductor_dsl.store.suppressions import close_by_hand, lift


@click.command("suppress")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--lift", "opens", is_flag=True, help="Open them again, whatever they were closed for.")
@click.option("--project", type=click.Path(path_type=Path), default=Path(), help="The folder with conductor.toml.")
def command(addresses: tuple[str, ...], *, opens: bool, project: Path) -> None:
    """Send nothing more to each ADDRESS, an e-mail address or a phone number, whoever has it now or later.

    What waits to be sent there is cancelled. `--lift` takes that back, and what bounces and complaints have closed;
    with the key, the address or the number of an erased contact it lets imports bring the contact back. It never undoes
    an opt-out.
    """
    settings = open_settings(project)
    country = import_options(settings).country
    engine = connect(settings.database_url)
    now = EngineClock(engine).now()
    try:
        with engine.begin() as connection:
            if opens:
                named = [*_channels(addresses, country), *((KEY, address) for address in addresses)]
                count = lift(connection, named, now)
            else:
                found = _channels(addresses, country, strict=True)
                closed = [Closed(channel, address, Closure.BY_HAND, now) for channel, address in found]
                count = close_by_hand(connection, closed, now)
    finally:
        engine.dispose()
    click.echo(f"{count:,} opened" if opens else f"closed; {count:,} contacts had them")


def _channels(addresses: tuple[str, ...], country: str, *, strict: bool = False) -> list[tuple[str, str]]:
    """(channel, address) of each; unless `strict`, what is no address is left out, for it may be a key."""
    found: list[tuple[str, str]] = []
    for address in addresses:
        try:
            found.append(text_to_channel(address, country))
        except BadRow as problem:
            if strict:
                hint = "write it as `ada@shop.example` or `+17175550100`"
                raise ConductorError(str(problem), hint=hint) from None
    return found
