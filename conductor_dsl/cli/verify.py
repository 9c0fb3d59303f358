"""`conductor verify`: whether what the database holds keeps every promise of the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conductor_dsl.cli.open_settings import open_settings
from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.verify.nouns import Verdict, Verification
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store.connect import connect


@click.command("verify")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), metavar="[DIR]")
def command(folder: Path) -> None:
    """Check the history of the project in DIR against every promise of the engine.

    It may be used while messages are being sent. The exit code is 0 when every promise was kept, and 1 otherwise.
    """
    engine = connect(open_settings(folder).database_url)
    try:
        verification = verify(engine, build_host())
    finally:
        engine.dispose()
    for verdict in verification.verdicts:
        _tell(verdict)
    click.echo(_counts(verification))
    sys.exit(0 if verification.holds else 1)


def _tell(verdict: Verdict) -> None:
    if not verdict.checked:
        click.echo(f"{click.style('-', dim=True)}  {verdict.promise}: only the provider's own log can tell")
    elif not verdict.broken:
        click.echo(f"{click.style('ok', fg='green')} {verdict.promise}")
    else:
        times = "once" if verdict.broken == 1 else f"{verdict.broken:,} times"
        click.echo(f"{click.style('broken', fg='red', bold=True)} {verdict.promise}: {times}")
        for example in verdict.examples:
            click.echo(f"   {example}")


def _counts(verification: Verification) -> str:
    runs, messages = sum(verification.runs.values()), sum(verification.messages.values())
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(verification.runs.items()))
    pruned = f", {verification.pruned:,} more were deleted" if verification.pruned else ""
    lines = [f"{verification.contacts:,} contacts, {runs:,} runs" + (f" ({states})" if states else "") + pruned]
    lines.append(f"{messages:,} messages, {verification.ambiguous:,} of them ambiguous")
    return "\n".join(lines)
