"""The settings of the project a command is about, and a script check that a command insists on."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.check import Checked
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.plugin.host import Host
from conductor_dsl.project.settings import DATABASE_VARIABLE, Settings, load_settings
from conductor_dsl.runtime.open_project import check_project
from conductor_dsl.shared.errors import ConfigError


def open_settings(project: Path, *, sends: bool = False) -> Settings:
    """The settings of a project; ConfigError where there is none, lest a database be made in a wrong folder.

    Who `sends` needs the secrets of the providers.
    """
    settings = load_settings(project, os.environ, sends=sends)
    if not settings.has_settings and DATABASE_VARIABLE not in os.environ:
        hint = "go to the project's folder, or name it; `conductor init DIR` makes one"
        raise ConfigError(f"there is no conductor.toml in `{project}`", hint=hint)
    return settings


def insist_on_checked(folder: Path, host: Host) -> Sequence[Checked]:
    """The checked scripts of a project; where one has errors, shows them and ends the process with exit code 1.

    Nothing has been published then: what ran before goes on as it was.
    """
    checked = check_project(folder, host)
    if show_errors(checked):
        sys.exit(1)
    return checked


def show_errors(checked: Sequence[Checked]) -> bool:
    """Show the findings of the scripts that have errors; whether there are any."""
    reports = [each.report for each in checked if each.report.has_errors]
    if reports:
        look = screen_look()
        click.echo(RENDERERS["full"](reports, look), nl=False, color=look.colour)
        click.echo("nothing was published: correct the errors first", err=True)
    return bool(reports)
