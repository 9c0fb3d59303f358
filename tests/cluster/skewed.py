"""Conductor on a machine whose clock is wrong: `python -m tests.cluster.skewed SECONDS COMMAND...`."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace

from conductor_dsl.shared import clock


def main() -> None:
    """Let the clock show another time, then do as `conductor` would."""
    off = int(sys.argv[1]) * 1_000_000_000
    shown = SimpleNamespace(**{name: getattr(time, name) for name in dir(time)})
    shown.time_ns = lambda: time.time_ns() + off
    vars(clock)["time"] = shown

    from conductor_dsl.cli import main as conductor

    conductor(sys.argv[2:], prog_name="conductor")


if __name__ == "__main__":
    main()
