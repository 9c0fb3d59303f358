"""From a page to a PNG, by the browser that is installed: nothing else shows HTML as its readers see it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from conductor_dsl.shared.errors import ConductorError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
WIDTH = 1180
"""How wide the window is, in pixels: an e-mail for a phone and one for a desk side by side."""
_HEIGHT = re.compile(r'data-height="(\d+)"')
_PATIENCE = 60
_QUIET = ("--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking")


def page_to_png(page: str, output: Path) -> None:
    """Write a picture of the whole page; raises ConductorError where no browser is found, or it fails."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        hint = "install Chromium or Chrome, or ask for `--format html`"
        raise ConductorError("a PNG of messages needs a browser, and none was found", hint=hint)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        common = [browser, *_QUIET, *as_root, f"--user-data-dir={folder}/profile"]
        shown = _run([*common, f"--window-size={WIDTH},900", "--dump-dom", source.as_uri()])
        height = int(found[1]) if (found := _HEIGHT.search(shown)) else 900
        shot = [f"--window-size={WIDTH},{height}", f"--screenshot={output.resolve()}"]
        _run([*common, *shot, source.as_uri()])
    if not output.exists():
        raise ConductorError(f"the browser has not written `{output}`", hint="ask for `--format html`")


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE, text=True, errors="replace")
    except (OSError, subprocess.SubprocessError) as problem:
        reason = str(problem).splitlines()[0][:200]
        raise ConductorError(f"the browser failed: {reason}", hint="ask for `--format html`") from None
    return done.stdout
