"""The one conversation of a script that a command is about."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conductor_dsl.cli.screen import screen_look
from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.check import Checked
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.plugin.host import Host
from conductor_dsl.project.check_scripts import check_scripts
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.nearest import did_you_mean


def one_conversation(script: Path, name: str | None, host: Host) -> BoundConversation:
    """The conversation of a script with a name, or its only one.

    Where the script has errors, shows them and ends the process with exit code 1. Raises ConductorError where there is
    no such conversation, or no telling which is meant.
    """
    checked = check_scripts([script], host.vocabulary)
    _insist_on_clean(checked)
    return _chosen([each for one in checked for each in one.conversations], name)


def _insist_on_clean(checked: Sequence[Checked]) -> None:
    reports = [each.report for each in checked if each.report.has_errors]
    if reports:
        look = screen_look()
        click.echo(RENDERERS["full"](reports, look), nl=False, color=look.colour, err=True)
        sys.exit(1)


def _chosen(found: Sequence[BoundConversation], name: str | None) -> BoundConversation:
    names = [conversation.name for conversation in found]
    listed = ", ".join(f"`{each}`" for each in names)
    if not found:
        raise ConductorError("the script holds no conversation", hint="write one, such as `when ... -> ... -> end`")
    if name is None and len(found) > 1:
        raise ConductorError(
            f"the script holds {len(found)} conversations", hint=f"name one with --conversation: {listed}"
        )
    if name is not None and name not in names:
        hint = did_you_mean(name, names) or f"there are {listed}"
        raise ConductorError(f"there is no conversation `{name}` in the script", hint=hint)
    return found[0] if name is None else found[names.index(name)]
