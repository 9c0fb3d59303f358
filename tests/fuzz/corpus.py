"""The scripts of the repository, from which mistakes are made."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def corpus() -> tuple[str, ...]:
    """Examples, cases of the checker and of the formatter, and the blocks of the language reference."""
    scripts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples").rglob("*.cdx"))]
    for path in sorted((ROOT / "tests" / "cases").rglob("*.cdx")):
        scripts += re.split(r"^--- .*\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    reference = (ROOT / "grammar" / "README.md").read_text(encoding="utf-8")
    scripts += re.findall(r"^```cdx.*?\n(.*?)^```", reference, re.MULTILINE | re.DOTALL)
    return tuple(script for script in scripts if script.strip())
