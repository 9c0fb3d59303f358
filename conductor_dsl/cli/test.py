"""`conductor test`: play the tests that stand in scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from conductor_dsl.cli.check_paths import check_paths
from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.outcomes_as_json import outcomes_to_json
from conductor_dsl.cli.outcomes_as_junit import outcomes_to_junit
from conductor_dsl.cli.outcomes_in_words import TELLINGS
from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.check import Checked
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.language.report.counts import counted
from conductor_dsl.language.report.look import printable
from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.rehearse.checked_to_parts import checked_to_parts
from conductor_dsl.runtime.rehearse.side_by_side import rehearse_side_by_side
from conductor_dsl.shared.clock import SystemClock
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean

JSON = "json"
Chosen = Sequence[tuple[Checked, tuple[BoundTest, ...]]]
"""Scripts with those of their tests that are to be played."""


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--filter", "words", metavar="TEXT", default="", help="Only tests with this in their name.")
@click.option("--format", "form", type=click.Choice([*TELLINGS, JSON]), default="full", help="How to tell of them.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Also write a JUnit XML file.")
@click.option("--list", "only_list", is_flag=True, help="Name the tests, and play none.")
def command(paths: tuple[Path, ...], words: str, form: str, junit: Path | None, *, only_list: bool) -> None:
    """Play the tests in scripts on the real engine, with a clock that is moved.

    PATH is a script, a folder with scripts, or - for standard input; without one, the folder you are in. Nothing is
    sent, and no database is touched. The exit code is 0 when all tests have passed, 1 when one has failed or a script
    has errors, and 2 where there was nothing to play.
    """
    host = installed_host()
    checked = check_paths(paths or (Path(),), host.vocabulary)
    if _show_errors(checked, form):
        sys.exit(1)
    folded = words.casefold()
    chosen = [(each, tuple(test for test in each.tests if folded in test.name.casefold())) for each in checked]
    if not any(tests for _, tests in chosen):
        _refuse(checked, words)
    if only_list:
        _list(chosen)
    else:
        sys.exit(_play(chosen, host, form, junit))


def _play(chosen: Chosen, host: Host, form: str, junit: Path | None) -> int:
    """Play the tests, and tell of them as they go; the exit code."""
    look, telling, clock = screen_look(), TELLINGS.get(form), SystemClock()
    begun, outcomes = clock.now(), []
    parts = list(checked_to_parts(chosen, host))
    for outcome in rehearse_side_by_side(parts, host, clock, os.cpu_count() or 1):
        outcomes.append(outcome)
        if telling:
            click.echo(telling.each(outcome, look), nl=False, color=look.colour)
    told = telling.all(outcomes, look, clock.now() - begun) if telling else outcomes_to_json(outcomes)
    click.echo(told, nl=False, color=look.colour)
    if junit is not None:
        _write(junit, outcomes_to_junit(outcomes))
    return 1 if any(outcome.failures for outcome in outcomes) else 0


def _show_errors(checked: Sequence[Checked], form: str) -> bool:
    """Show the findings of the scripts that have errors, to a program on standard error; whether there are any."""
    reports = [each.report for each in checked if each.report.has_errors]
    if reports:
        look = screen_look()
        shown = RENDERERS["concise" if form == "concise" else "full"](reports, look)
        click.echo(shown, nl=False, err=form == JSON, color=look.colour)
        click.echo("nothing was tested: correct the errors first", err=True)
    return bool(reports)


def _refuse(checked: Sequence[Checked], words: str) -> NoReturn:
    """There is nothing to play."""
    tests = [test for each in checked for test in each.tests]
    if not tests:
        hint = 'write one into a script: `test "..." { given contact { ... } at 2026-03-02 10:00 expect email }`'
        raise ConductorError(f"there are no tests in {counted(len(checked), 'script')}", hint=hint)
    near = did_you_mean(words, [test.name for test in tests])
    message = f"none of {counted(len(tests), 'test')} has `{words}` in its name"
    raise ConductorError(message, hint=near or "`conductor test --list` names them all")


def _list(chosen: Chosen) -> None:
    for each, tests in chosen:
        source = each.report.source
        for test in tests:
            place = f"{source.name}:{source.position(test.span.start).line}"
            click.echo(f"{printable(place)}: {printable(test.name)}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot write `{path}`: {reason}", hint="the folder must exist, and be yours") from None
