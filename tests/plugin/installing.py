"""Plugins that are installed for the time of a test: a module, and what Python knows a distribution by."""

from __future__ import annotations

from pathlib import Path


def install(folder: Path, name: str, code: str, *, distribution: str = "", version: str = "1.0") -> None:
    """Put a plugin into a folder that is, or will be, on the path."""
    distribution, module = distribution or f"shop-{name}", f"{distribution.replace('-', '_') or 'shop'}_{name}"
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[conductor]\n{name} = {module}\n")
    (folder / f"{module}.py").write_text(code)
