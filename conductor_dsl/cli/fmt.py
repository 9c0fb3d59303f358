"""`conductor fmt`: lay scripts out in the one agreed way."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.cli.stdin import STDIN, STDIN_NAME, read_stdin
from conductor_dsl.cli.write_file import write_file
from conductor_dsl.language.diagnostics import Report
from conductor_dsl.language.format import format_source
from conductor_dsl.language.parse import parse
from conductor_dsl.language.report.counts import counted
from conductor_dsl.language.report.full import to_full
from conductor_dsl.project.find_scripts import find_scripts
from conductor_dsl.project.read_script import NotAScriptError, bytes_to_source, read_bytes
from conductor_dsl.shared.errors import ConductorError


class Outcome(StrEnum):
    """What became of one script."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BROKEN = "broken"


@click.command("fmt")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail where something would change.")
def command(paths: tuple[Path, ...], *, only_check: bool) -> None:
    """Lay scripts out in the one agreed way.

    PATH is a script, a folder with scripts, or - to read standard input and write standard output; without one, the
    folder you are in. A script with syntax errors is shown and left as it is.
    """
    if STDIN not in paths:
        outcomes = [_format_file(path, only_check=only_check) for path in find_scripts(paths or (Path(),))]
        click.echo(_summary(outcomes, only_check=only_check), err=True)
    elif len(paths) > 1:
        raise ConductorError("`-` stands alone", hint="name either files or `-`")
    else:
        outcomes = [_format_stdin(only_check=only_check)]
    sys.exit(_fails(outcomes, only_check=only_check))


def _format_file(path: Path, *, only_check: bool) -> Outcome:
    data = read_bytes(path)
    formatted = _formatted(str(path), data)
    if formatted is None:
        return Outcome.BROKEN
    if formatted == data:
        return Outcome.UNCHANGED
    if not only_check:
        write_file(path, formatted)
    click.echo(f"{'would reformat' if only_check else 'reformatted'} {path}")
    return Outcome.CHANGED


def _format_stdin(*, only_check: bool) -> Outcome:
    data = read_stdin()
    formatted = _formatted(STDIN_NAME, data)
    if formatted is None:
        return Outcome.BROKEN
    if not only_check:
        click.echo(formatted, nl=False)
    return Outcome.UNCHANGED if formatted == data else Outcome.CHANGED


def _formatted(name: str, data: bytes) -> bytes | None:
    """The script laid out anew; None, with the errors shown, where it has syntax errors."""
    try:
        source = bytes_to_source(name, data)
        report = Report(source, parse(source)[1])
    except NotAScriptError as problem:
        report = problem.report
    if report.has_errors:
        look = screen_look()
        click.echo(to_full([report], look), nl=False, err=True, color=look.colour)
        return None
    return format_source(report.source).encode()


def _summary(outcomes: Sequence[Outcome], *, only_check: bool) -> str:
    done = "would be reformatted" if only_check else "reformatted"
    words = {Outcome.CHANGED: done, Outcome.UNCHANGED: "already in order", Outcome.BROKEN: "with errors, left alone"}
    counts = {outcome: outcomes.count(outcome) for outcome in Outcome}
    return ", ".join(f"{counted(number, 'file')} {words[outcome]}" for outcome, number in counts.items() if number)


def _fails(outcomes: Sequence[Outcome], *, only_check: bool) -> bool:
    return Outcome.BROKEN in outcomes or (only_check and Outcome.CHANGED in outcomes)
