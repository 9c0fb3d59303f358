"""`conductor init`: a small project to start from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

import click

from conductor_dsl.cli.play import example_folder
from conductor_dsl.shared.errors import ConductorError

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
    source = example_folder(example)
    _refuse_used(folder)
    was_there = folder.exists()
    written: list[PurePath] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in sorted(_walk(source, PurePath(), _NEVER if with_data else _NEVER | {_DATA})):
            written.append(name)
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
    except OSError as problem:
        _take_back(folder, written, was_there=was_there)
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(
            f"cannot write `{problem.filename}`: {reason}", hint="choose a folder you may write"
        ) from None
    return written


def _refuse_used(folder: Path) -> None:
    try:
        is_used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot look into `{folder}`: {reason}", hint="choose another folder") from None
    if is_used:
        what = "is not empty" if folder.is_dir() else "is a file"
        raise ConductorError(f"`{folder}` {what}", hint="name a new folder; nothing was written")


def _walk(entry: Traversable, path: PurePath, left_out: frozenset[str]) -> Iterator[tuple[PurePath, bytes]]:
    for inner in entry.iterdir():
        if inner.name in left_out or inner.name.startswith("."):
            continue
        if inner.is_dir():
            yield from _walk(inner, path / inner.name, left_out)
        else:
            yield path / inner.name, inner.read_bytes()


def _take_back(folder: Path, written: list[PurePath], *, was_there: bool) -> None:
    for name in written:
        (folder / name).unlink(missing_ok=True)
    for inner in sorted({(folder / name).parent for name in written}, reverse=True):
        if inner.is_dir() and inner != folder:
            inner.rmdir()
    if not was_there and folder.is_dir():
        folder.rmdir()


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
