"""What the screen can do: colours and columns."""

from __future__ import annotations

import os
import shutil
import sys

from conductor_dsl.language.report.look import Look

NARROWEST, WIDE = 40, 120


def screen_look() -> Look:
    """Colours only on a terminal and without NO_COLOR; 120 columns where there is no terminal."""
    if not sys.stdout.isatty():
        return Look(colour=False, width=WIDE)
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Look(colour=not is_plain, width=max(shutil.get_terminal_size((WIDE, 24)).columns, NARROWEST))
