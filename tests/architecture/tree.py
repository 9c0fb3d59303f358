"""The files of the repository, as the tests of its architecture look at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("conductor_dsl", "grammar", "plugins")
NOT_OURS = {
    ".git",
    ".venv",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    ".import_linter_cache",
    "__pycache__",
    "build",
    "dist",
}


def files(*folders: str, suffix: str = "") -> Iterator[Path]:
    """Every file of ours below the folders (the whole repository when none is named) whose name ends in `suffix`."""
    for top in folders or (".",):
        for folder, folders_below, names in os.walk(ROOT / top):
            folders_below[:] = sorted(name for name in folders_below if is_ours(name))
            yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffix))


def is_ours(folder: str) -> bool:
    """Whether a folder of this name is written by us, not by a tool."""
    return folder not in NOT_OURS and not folder.endswith(".egg-info")


def shown(path: Path) -> str:
    """The path as a failure should name it."""
    return path.relative_to(ROOT).as_posix()
