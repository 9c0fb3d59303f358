"""A script on standard input, written `-`."""

from __future__ import annotations

import sys
from pathlib import Path

from conductor_dsl.project.read_script import ScriptError, read_stream

STDIN = Path("-")
STDIN_NAME = "<stdin>"


def read_stdin() -> bytes:
    """The bytes of a script on standard input; raises ScriptError where there is no such input."""
    stream = sys.stdin
    if stream is None or stream.closed:
        raise ScriptError("there is no standard input", hint="name a file instead of `-`")
    return read_stream(stream.buffer)
