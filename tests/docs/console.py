"""The console blocks of a page: commands with the output that is shown, and a shell that plays them.

A line that begins with `$ ` is a command. The lines below it are its output, as far as they are shown: a line `...`
stands for any number of lines, `...` within a line for any text. `^C` means that the reader presses Ctrl-C.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
INTERRUPT = "^C"
LONGEST = 240
"""Seconds that a command may take before it counts as hung."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A command, and the lines of output that the page shows."""

    command: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """What a command did."""

    code: int
    output: str


def page_to_commands(text: str) -> list[Shown]:
    """Every command of a page, in order."""
    return [shown for block in BLOCK.findall(text) for shown in _block_to_commands(block)]


def _block_to_commands(block: str) -> Iterator[Shown]:
    before, *commands = re.split(r"^\$ ", block, flags=re.MULTILINE)
    assert not before.strip(), f"a console block begins with output: {before}"
    for each in commands:
        command, *lines = each.rstrip("\n").split("\n")
        yield Shown(command, tuple(line.rstrip() for line in lines if line.strip()))


def matches(lines: tuple[str, ...], output: str) -> bool:
    """Whether an output is what the page shows; empty lines and white space at the ends of lines do not count."""
    real = "".join(f"{line.rstrip()}\n" for line in output.splitlines() if line.strip())
    return re.fullmatch("".join(map(_line_to_pattern, lines)), real) is not None


def _line_to_pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:.*\n)*?"
    return re.escape(line).replace(re.escape("..."), ".*?") + r"\n"


def play(shown: Shown, folder: Path) -> Played:
    """Run a command in a folder, as somebody would who has the environment of these tests activated."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {shown.command}" if INTERRUPT in shown.lines else shown.command],
        cwd=folder,
        env={"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    watch = Timer(LONGEST, process.kill)
    watch.start()
    with process:
        early = _interrupt(process, process.stdout, shown.lines) if INTERRUPT in shown.lines else ""
        late = process.stdout.read()
    watch.cancel()
    return Played(process.returncode, early + late)


def _interrupt(process: subprocess.Popen[str], output: IO[str], lines: tuple[str, ...]) -> str:
    """Read until everything above the `^C` has been said, then press it; what was read."""
    above, read = lines[: lines.index(INTERRUPT)], ""
    for line in output:
        read += line
        if matches((*above, "..."), read):
            break
    process.send_signal(signal.SIGINT)
    return f"{read}{INTERRUPT}\n"
