"""The installed plugins, for commands whose users should hear of one that is broken."""

from __future__ import annotations

import click

from conductor_dsl.language.report.look import printable
from conductor_dsl.plugin.host import Host, build_host


def installed_host() -> Host:
    """What the installed plugins give; names on standard error those that cannot be used."""
    host = build_host()
    for problem in host.problems:
        told = f"warning: the plugin `{problem.plugin}` cannot be used: {problem.message}"
        click.echo(printable(told), err=True)
    return host
