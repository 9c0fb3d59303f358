"""Stories that fork and kill processes are told in a process of their own, which writes its figures into a file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.proven.figures import BUILT, ROOT, read_figures


def tell(module: str, folder: Path, *options: str, figures: str = "") -> dict[str, Any]:
    """Run `python -m MODULE`; returns the details of its figures, by whose verdict its exit code must go.

    `figures` is the name under which a full run leaves them in `build/figures`; those of others stay in `folder`.
    """
    path = BUILT / f"{figures}.json" if figures else folder / "figures.json"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", module, "--json", str(path), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert path.exists(), done.stderr
    found = read_figures(path)
    assert done.returncode == (0 if found["holds"] else 1), done.stdout
    details: dict[str, Any] = found["details"]
    return details
