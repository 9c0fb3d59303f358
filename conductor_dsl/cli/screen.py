"""What the screen can do: colours and columns."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

from conductor_dsl.language.report.look import Look

NARROWEST, WIDE = 40, 120


def screen_look() -> Look:
    """How to write on standard output: 120 columns where there is no terminal."""
    columns = shutil.get_terminal_size((WIDE, 24)).columns if sys.stdout.isatty() else WIDE
    return Look(colour=wants_colour(sys.stdout), width=max(columns, NARROWEST))


def wants_colour(stream: TextIO) -> bool:
    """Whether to write in colours: on a terminal that can, and without NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
