"""Replacing a file whole: whatever happens, either the old text stands there or the new one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from conductor_dsl.shared.errors import ConductorError


def write_file(path: Path, data: bytes) -> None:
    """Replace what is in a file, keeping its mode, through links; raises ConductorError where that cannot be."""
    target = path.resolve()
    scratch = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            scratch = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, scratch)
        scratch.replace(target)
    except OSError as problem:
        if scratch:
            scratch.unlink(missing_ok=True)
        reason = (problem.strerror or "unknown reason").lower()
        raise ConductorError(f"cannot write `{path}`: {reason}", hint="the file is as it was") from None
