"""Files written into a new folder: all of them or none, and nothing that was there is touched."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

from conductor_dsl.shared.errors import ConductorError

Files = Iterable[tuple[PurePath, bytes]]
"""Contents by their paths inside a folder."""


def write_new(folder: Path, files: Files) -> list[PurePath]:
    """Write files into a new or empty folder; their paths, in order.

    Raises ConductorError where that cannot be, and then leaves nothing behind.
    """
    _refuse_used(folder)
    was_there = folder.exists()
    written: list[PurePath] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in sorted(files):
            written.append(name)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    except OSError as problem:
        _take_back(folder, written, was_there=was_there)
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(
            f"cannot write `{problem.filename}`: {reason}", hint="choose a folder you may write"
        ) from None
    return written


def walk(
    entry: Traversable, left_out: Container[str], path: PurePath | None = None
) -> Iterator[tuple[PurePath, bytes]]:
    """Every file below a folder, but what is left out by name, and what begins with a dot."""
    path = path or PurePath()
    for inner in entry.iterdir():
        if inner.name in left_out or inner.name.startswith("."):
            continue
        if inner.is_dir():
            yield from walk(inner, left_out, path / inner.name)
        else:
            yield path / inner.name, inner.read_bytes()


def _refuse_used(folder: Path) -> None:
    try:
        is_used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as problem:
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot look into `{folder}`: {reason}", hint="choose another folder") from None
    if is_used:
        what = "is not empty" if folder.is_dir() else "is a file"
        raise ConductorError(f"`{folder}` {what}", hint="name a new folder; nothing was written")


def _take_back(folder: Path, written: list[PurePath], *, was_there: bool) -> None:
    for name in written:
        (folder / name).unlink(missing_ok=True)
    for inner in sorted({parent for name in written for parent in (folder / name).parents}, reverse=True):
        if inner.is_dir() and folder in inner.parents:
            inner.rmdir()
    if not was_there and folder.is_dir():
        folder.rmdir()
