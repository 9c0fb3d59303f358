"""`conductor prune`: what is older than it is to be kept is deleted, by the batch, while messages may be sent."""

from __future__ import annotations

from pathlib import Path

import click

from conductor_dsl.cli.errors import INTERRUPTED
from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.plan_pruning import Plan, plan_pruning
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.runtime.prune import begin, count_prunable, prune_batch
from conductor_dsl.shared.clock import SystemClock, to_iso
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.rules import Keep, Rules
from conductor_dsl.store.connect import Engine, connect, reading
from conductor_dsl.store.prune import Deleted
from conductor_dsl.store.retention_tables import EVENTS, PAST


@click.command("prune")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
@click.option("--older-than", metavar="TIME", help="Of what to delete: 400d, 13mo; in place of [retention].")
@click.option("--dry-run", is_flag=True, help="Only say how much that would be.")
def command(folder: Path, *, older_than: str | None, dry_run: bool) -> None:
    """Delete what has been over for long in the project in DIR: runs with their messages and history, and events.

    As `[retention]` in conductor.toml says, or by `--older-than`. It goes by batches that keep no sender waiting, and
    may be stopped and begun again at any point. What consent, suppressions and rules of re-entry need stays for ever,
    and counts stay what they were.
    """
    settings = open_settings(folder)
    rules = Rules(caps=settings.rules.caps, keep=_keep(settings.rules.keep, older_than))
    engine = connect(settings.database_url)
    try:
        with reading(engine) as connection:
            programs = load_programs(connection, build_host())
            plan = plan_pruning(connection, programs, rules, SystemClock().now())
        for line in plan.told:
            click.echo(line)
        if dry_run:
            _tell(plan, count_prunable(engine, plan), "would be deleted")
        else:
            _prune(engine, plan)
    finally:
        engine.dispose()


def _keep(keep: Keep, older_than: str | None) -> Keep:
    if older_than is not None:
        try:
            is_elapsed = Duration.parse(older_than).is_elapsed
        except ValueError:
            is_elapsed = True
        if is_elapsed:
            raise ConductorError(f"`{older_than}` is no such time", hint="write `--older-than 400d`, or `13mo`")
        return Keep(older_than, older_than)
    if keep == Keep():
        hint = 'add `retention = { history = "400d" }` to conductor.toml, or say `--older-than 400d`'
        raise ConductorError("it is not said how long things are kept", hint=hint)
    return keep


def _prune(engine: Engine, plan: Plan) -> None:
    deleted = Deleted()
    try:
        for kind in plan.horizons:
            begin(engine, kind, plan)
            is_over = False
            while not is_over:
                batch = prune_batch(engine, kind, plan)
                deleted, is_over = deleted + batch.deleted, batch.is_last
    except KeyboardInterrupt:
        _tell(plan, deleted, "deleted")
        click.echo("stopped; the next time it goes on with the rest", err=True)
        raise SystemExit(INTERRUPTED) from None
    _tell(plan, deleted, "deleted")


def _tell(plan: Plan, deleted: Deleted, what: str) -> None:
    if PAST in plan.horizons:
        counts = f"{deleted.runs:,} runs, {deleted.messages:,} messages, {deleted.history:,} rows of history"
        click.echo(f"{counts} from before {to_iso(plan.horizons[PAST])} {what}")
    if EVENTS in plan.horizons:
        click.echo(f"{deleted.events:,} events from before {to_iso(plan.horizons[EVENTS])} {what}")
