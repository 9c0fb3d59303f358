"""Which tests of a suite fail, as pytest would run them."""

from __future__ import annotations

import inspect
import tempfile
from pathlib import Path


def failing(suite: object) -> set[str]:
    """The names of the tests of a suite that fail, each run in a folder of its own."""
    failed = set()
    for name, test in inspect.getmembers(suite, inspect.ismethod):
        if not name.startswith("test_"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            given = {"tmp_path": Path(folder)} if "tmp_path" in inspect.signature(test).parameters else {}
            try:
                test(**given)
            except Exception:  # noqa: BLE001  # whatever a faulty plugin raises fails its test
                failed.add(name)
    return failed
