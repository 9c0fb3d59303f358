"""`conductor init`: a small project to start from."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

import click

from conductor_dsl.cli.play import example_folder
from conductor_dsl.cli.write_new import walk, write_new

DEFAULT = "winback"
_NEVER = frozenset({"make_data.py", "expected", "__pycache__", "__init__.py"})
_DATA = "data"


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--from", "example", default=DEFAULT, show_default=True, metavar="EXAMPLE", help="What to begin with.")
def command(folder: Path, example: str) -> None:
    """Make a project in DIR: settings, conversations and saved messages, copied from an example.

    The examples are alerts, anniversary, birthday, cart_abandonment, loyalty, post_purchase, replenishment, welcome
    and winback.
    """
    for name in scaffold(folder, example):
        click.echo(f"wrote {folder / name}")
    click.echo("\n" + _next_steps(folder), nl=False)


def scaffold(folder: Path, example: str = DEFAULT, *, with_data: bool = False) -> list[PurePath]:
    """Write an example into a new or empty folder; the paths in it that were written, in order.

    `with_data` adds the contacts, orders and whatever else the demonstration plays with.

    Raises ConductorError where that cannot be, and then leaves nothing behind.
    """
    return write_new(folder, walk(example_folder(example), _NEVER if with_data else _NEVER | {_DATA}))


def _next_steps(folder: Path) -> str:
    enter = "" if folder.resolve() == Path.cwd() else f"  cd {folder}\n"
    return (
        "next:\n"
        f"{enter}"
        "  conductor check                          find mistakes before anybody gets a message\n"
        f"  $EDITOR conductor.toml messages{os.sep}         your brand, your words\n"
        "  conductor import contacts contacts.csv   your customers\n"
        "  conductor serve                          run it\n"
    )
