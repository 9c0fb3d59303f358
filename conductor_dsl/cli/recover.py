"""`conductor recover`: what was sent after a backup that was put back, before anything is sent again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from conductor_dsl.cli.batch_line import announcer
from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.runtime.engine_clock import EngineClock
from conductor_dsl.runtime.open_project import carriers_of, recalling_node, require_providers
from conductor_dsl.runtime.recover import Lost, Recovered, prepare_recovery, recover
from conductor_dsl.shared.clock import Instant, SystemClock, VirtualClock, from_datetime, to_iso
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import connect


@click.command("recover")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--since", required=True, metavar="TIME", help="When the backup was made, such as 2026-03-02T04:00Z.")
@click.option("--until", metavar="TIME", help="When the database that was lost last ran; otherwise now.")
def command(folder: Path, *, since: str, until: str | None) -> None:
    """Find out what the project in DIR has sent after a backup that was put back, and send nothing meanwhile.

    Put the backup back, run this, then `serve` again. What was due since the backup is gone through once more at its
    own time, and providers are asked which messages they have. Those that they have are not sent again, those that they
    do not have leave at the next start, and those of which nobody can tell are listed by `conductor ambiguous`. It may
    be stopped and run again. The exit code is 1 when there are messages of which nobody can tell.
    """
    lost = _lost(since, until, SystemClock().now())
    settings, host = open_settings(folder, sends=True), installed_host()
    require_providers(settings, host)
    engine = connect(settings.database_url)
    try:
        real = EngineClock(engine)
        lost = prepare_recovery(engine, lost.since, lost.until)
        click.echo(f"going through the time from {to_iso(lost.since)} to {to_iso(lost.until)}; nothing is sent")
        clock = VirtualClock(lost.since)
        carriers = carriers_of(settings, host, engine, real, click.echo)
        announce = announcer(clock)
        node = recalling_node(settings, host, engine, clock, carriers=carriers, lost=lost, announce=announce)
        try:
            recovered = recover(node, clock, lost, real.now())
        finally:
            node.close()
    finally:
        engine.dispose()
    _tell(recovered)
    raise SystemExit(1 if recovered.unknown else 0)


def _lost(since: str, until: str | None, now: Instant) -> Lost:
    begins = _instant("--since", since)
    ends = now if until is None else _instant("--until", until)
    if begins > now:
        raise ConductorError(f"{to_iso(begins)} has not come yet", hint="`--since` is when the backup was made")
    if not begins <= ends <= now:
        raise ConductorError(
            f"`--until` has to be between {to_iso(begins)} and now", hint="it is when the lost database last ran"
        )
    return Lost(begins, ends)


def _instant(option: str, text: str) -> Instant:
    try:
        return from_datetime(datetime.fromisoformat(text))
    except ValueError as problem:
        hint = "write it with its zone, such as `2026-03-02T04:00Z` or `2026-03-02T04:00+01:00`"
        raise ConductorError(f"`{option} {text}` is no instant", hint=hint) from problem


def _tell(recovered: Recovered) -> None:
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(recovered.settled.items())) or "none"
    click.echo(f"known already: {states}")
    click.echo(f"not sent then, and leaving at the next start: {recovered.waiting:,}")
    if recovered.unknown:
        click.echo(f"nobody can tell: {recovered.unknown:,}; `conductor ambiguous` lists them for you to decide")
