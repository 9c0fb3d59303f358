"""From the scripts a user names to what checking finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from conductor_dsl.language.check import Checked, check
from conductor_dsl.language.vocabulary import Context, Vocabulary
from conductor_dsl.project.catalogue import load_context, project_folder
from conductor_dsl.project.read_script import NotAScriptError, bytes_to_source, read_bytes
from conductor_dsl.project.settings import load_settings


def check_scripts(scripts: Iterable[Path], vocabulary: Vocabulary) -> list[Checked]:
    """Check every script in the project it belongs to; one that is no text is a finding like any other.

    Raises ScriptError for a script that cannot be opened, and ConfigError for settings that cannot be used.
    """
    context_of = _context_of(vocabulary)
    return [_check(str(script), read_bytes(script), context_of(project_folder(script))) for script in scripts]


def check_bytes(name: str, data: bytes, folder: Path, vocabulary: Vocabulary) -> Checked:
    """Check a script that stands in no file, as if it stood in a folder."""
    return _check(name, data, _context_of(vocabulary)(project_folder(folder / name)))


def _context_of(vocabulary: Vocabulary) -> Callable[[Path], Context]:
    """What a project's scripts are checked with, by its folder, read once."""

    @cache
    def context_of(folder: Path) -> Context:
        return load_context(load_settings(folder, None), vocabulary)

    return context_of


def _check(name: str, data: bytes, context: Context) -> Checked:
    try:
        return check(bytes_to_source(name, data), context)
    except NotAScriptError as problem:
        return Checked(problem.report, ())
