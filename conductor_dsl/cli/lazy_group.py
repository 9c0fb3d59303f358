"""A group of commands that imports a command only when it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import click

from conductor_dsl.cli.commands import COMMANDS
from conductor_dsl.cli.errors import exit_code
from conductor_dsl.shared.nearest import did_you_mean


class LazyGroup(click.Group):
    """The commands of `COMMANDS`; every error ends in one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with the nearest name for one that is misspelt."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS) or "`conductor --help` lists the commands"
            error = click.UsageError(f"there is no command `{args[0]}`", ctx)
            error.hint = hint  # type: ignore[attr-defined]
            raise error
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command line; ends the process with its exit code unless `standalone_mode` is off."""
        run: Callable[..., Any] = super().main
        work = partial(run, *args, standalone_mode=False, **extra)
        if not standalone_mode:
            return work()
        sys.exit(exit_code(work))
