"""From what a user names to the scripts in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from conductor_dsl.project.read_script import ScriptError

ENDING = ".cdx"


def find_scripts(paths: Iterable[Path]) -> list[Path]:
    """Every named file, and every `*.cdx` below a named folder, each once, in the order of the paths.

    Folders whose names begin with a dot are left out. Raises ScriptError for a folder without scripts.
    """
    found = [script for path in paths for script in (_scripts_below(path) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


def _scripts_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for name, folders, files in os.walk(folder, onerror=_refuse):
        folders[:] = [each for each in folders if not each.startswith(".")]
        found += [Path(name, each) for each in files if each.endswith(ENDING)]
    if not found:
        raise ScriptError(
            f"there are no scripts (*{ENDING}) in `{folder}`", hint="`conductor init DIR` makes a project"
        )
    return sorted(found)


def _refuse(problem: OSError) -> None:
    reason = (problem.strerror or "unknown reason").lower()
    raise ScriptError(f"cannot look into `{problem.filename}`: {reason}") from None
