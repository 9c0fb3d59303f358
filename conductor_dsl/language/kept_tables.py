"""Where the tables of the grammar are kept between runs: making them takes longer than checking a script.

They stand in the user's own folder for such things. Lark compares them with the grammar, with its own version and with
Python's, and makes them anew where they do not fit. What is kept is read as code, so a folder that belongs to somebody
else, or that others may write to, is left alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "conductor-dsl"
_OTHERS_MAY_WRITE = 0o022


def tables_file(environ: Mapping[str, str]) -> Path | None:
    """The file for the tables, in a folder that is there; None where there can be none, and nothing is kept."""
    base = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and f"{environ['HOME']}/.cache")
    if not base or not os.path.isabs(base):  # noqa: PTH117  # the path is still a text
        return None
    folder = Path(base) / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.stat()
    except OSError:
        return None
    if found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE or not os.access(folder, os.W_OK):
        return None
    return folder / f"grammar-{sys.version_info.major}.{sys.version_info.minor}.tables"
