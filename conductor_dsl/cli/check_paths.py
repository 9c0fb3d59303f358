"""From the paths on a command line to checked scripts, standard input among them."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conductor_dsl.cli.stdin import STDIN, STDIN_NAME, read_stdin
from conductor_dsl.language.check import Checked
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.project.check_scripts import check_bytes, check_scripts
from conductor_dsl.project.find_scripts import find_scripts


@contextmanager
def _without_collection() -> Iterator[None]:
    """No looking for garbage: what is read stays in use until it is shown, and looking takes a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def check_paths(paths: Sequence[Path], vocabulary: Vocabulary) -> list[Checked]:
    """Check every script named, and every one in a folder named; `-` is standard input, in the folder you are in."""
    with _without_collection():
        return _check(paths, vocabulary)


def _check(paths: Sequence[Path], vocabulary: Vocabulary) -> list[Checked]:
    from_stdin = [STDIN] if STDIN in paths else []
    scripts = find_scripts(path for path in paths if path != STDIN)
    stdin = [check_bytes(STDIN_NAME, read_stdin(), Path.cwd(), vocabulary) for _ in from_stdin]
    return stdin + check_scripts(scripts, vocabulary)
