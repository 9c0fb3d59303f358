"""`conductor quarantine`: contacts at whom a plugin's step fails, and their way on."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.shared.clock import SystemClock, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import Engine, connect, reading
from conductor_dsl.store.quarantine import Quarantined, count_quarantined, quarantined, release

ALL = "all"


@click.command("quarantine")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--release", "keys", multiple=True, metavar="CONTACT", help="Let it go on where it was set aside.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many are listed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(folder: Path, *, keys: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List the contacts of the project in DIR at whom the function of a plugin's step fails, while it passes others.

    They wait at that step until they are released, best when the plugin has been mended: then the step is tried again.
    CONTACT is the key of one, or `all`. The exit code is 1 while there are any.
    """
    engine = connect(open_settings(folder).database_url)
    try:
        if keys:
            click.echo(f"{_release(engine, keys):,} released", err=as_json)
        count = _show(engine, limit, as_json=as_json)
    finally:
        engine.dispose()
    if not count and not keys:
        click.echo("nobody is in quarantine", err=as_json)
    raise SystemExit(1 if count else 0)


def _release(engine: Engine, keys: tuple[str, ...]) -> int:
    with engine.begin() as connection:
        freed = release(connection, None if ALL in keys else keys, SystemClock().now(), "by hand: released")
    if not freed and ALL not in keys:
        raise ConductorError(f"nobody called {_listed(keys)} is in quarantine", hint="copy the key from the list")
    ring(engine)
    return freed


def _listed(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def _show(engine: Engine, limit: int, *, as_json: bool) -> int:
    with reading(engine) as connection:
        count, found = count_quarantined(connection), quarantined(connection, limit)
    for each in found:
        click.echo(json.dumps(_as_json(each)) if as_json else _in_words(each))
    if count > len(found) and not as_json:
        click.echo(f"... and {count - len(found):,} more (`--limit {count}` shows them)")
    return count


def _as_json(each: Quarantined) -> dict[str, object]:
    return each._asdict() | {"since": each.since and to_iso(each.since)}


def _in_words(each: Quarantined) -> str:
    since = f", since {to_iso(each.since)}" if each.since else ""
    return f"{each.contact}  ({each.conversation}, {each.step}{since})\n    {each.reason}"
