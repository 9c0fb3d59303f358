"""From the paths on a command line to checked scripts, standard input among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conductor_dsl.cli.stdin import STDIN, STDIN_NAME, read_stdin
from conductor_dsl.language.check import Checked
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.project.check_scripts import check_bytes, check_scripts
from conductor_dsl.project.find_scripts import find_scripts


def check_paths(paths: Sequence[Path], vocabulary: Vocabulary) -> list[Checked]:
    """Check every script named, and every one in a folder named; `-` is standard input, in the folder you are in."""
    from_stdin = [STDIN] if STDIN in paths else []
    scripts = find_scripts(path for path in paths if path != STDIN)
    stdin = [check_bytes(STDIN_NAME, read_stdin(), Path.cwd(), vocabulary) for _ in from_stdin]
    return stdin + check_scripts(scripts, vocabulary)
