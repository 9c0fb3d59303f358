"""`conductor check`: find mistakes before anybody gets a message."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conductor_dsl.cli.check_paths import check_paths
from conductor_dsl.cli.installed_host import installed_host
from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.diagnostics import Report, Severity
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.language.report.counts import count
from conductor_dsl.language.report.defaults import defaults_in_words
from conductor_dsl.language.report.waivers import waivers_in_words


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--format", "form", type=click.Choice(list(RENDERERS)), default="full", help="How to show findings.")
@click.option("--explain-defaults", is_flag=True, help="Show what every conversation takes for granted.")
@click.option("--waivers", is_flag=True, help="List what is waived, and why.")
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
def command(paths: tuple[Path, ...], form: str, *, explain_defaults: bool, waivers: bool, strict: bool) -> None:
    """Find mistakes in scripts before anybody gets a message.

    PATH is a script, a folder with scripts, or - for standard input; without one, the folder you are in. The exit code
    is 0 without errors, 1 with errors, and 2 where the scripts could not be checked.
    """
    host = installed_host()
    checked = check_paths(paths or (Path(),), host.vocabulary)
    reports = [each.report for each in checked]
    look = screen_look()
    click.echo(RENDERERS[form](reports, look), nl=False, color=look.colour)
    if waivers and form == "full":
        click.echo(waivers_in_words(reports), nl=False)
    if explain_defaults and form == "full":
        conversations = [conversation for each in checked for conversation in each.conversations]
        click.echo("".join(map(defaults_in_words, conversations)), nl=False)
    sys.exit(1 if _fails(reports, strict=strict) else 0)


def _fails(reports: Sequence[Report], *, strict: bool) -> bool:
    return any(report.has_errors for report in reports) or (strict and count(reports, Severity.WARNING) > 0)
