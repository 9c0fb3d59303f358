"""Stories that fork and kill processes are told in a process of their own, which writes its figures into a file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def tell(module: str, folder: Path, *options: str) -> dict[str, Any]:
    """Run `python -m MODULE`; returns its figures, by which its exit code must go."""
    path = folder / "figures.json"
    command = [sys.executable, "-m", module, "--json", str(path), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert path.exists(), done.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    assert done.returncode == (0 if found["holds"] else 1), done.stdout
    return found
