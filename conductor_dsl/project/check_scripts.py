"""From the scripts a user names to what checking finds in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from conductor_dsl.language.check import Checked, check_parsed
from conductor_dsl.language.vocabulary import Context, Vocabulary
from conductor_dsl.project.catalogue import load_context, project_folder
from conductor_dsl.project.project_scripts import ParsedScript, ProjectScripts, parse_bytes, share
from conductor_dsl.project.read_script import NotAScriptError, read_bytes
from conductor_dsl.project.settings import load_settings

_Project = Callable[[Path], tuple[Context, ProjectScripts]]


def check_scripts(scripts: Iterable[Path], vocabulary: Vocabulary) -> list[Checked]:
    """Check every script in the project it belongs to; one that is no text is a finding like any other.

    Raises ScriptError for a script that cannot be opened, and ConfigError for settings that cannot be used.
    """
    parsed = [_read(str(script), read_bytes(script), script.resolve()) for script in scripts]
    project = _project_of(vocabulary, [each for each in parsed if isinstance(each, ParsedScript)])
    return [_check(each, project) for each in parsed]


def check_bytes(name: str, data: bytes, folder: Path, vocabulary: Vocabulary) -> Checked:
    """Check a script that stands in no file, or has been changed since, as if it stood in a folder."""
    parsed = _read(name, data, (folder / name).resolve())
    return _check(parsed, _project_of(vocabulary, [parsed] if isinstance(parsed, ParsedScript) else []))


def _project_of(vocabulary: Vocabulary, parsed: list[ParsedScript]) -> _Project:
    """What a project's scripts are checked with, by its folder; each script is parsed once."""

    @cache
    def project_of(folder: Path) -> tuple[Context, ProjectScripts]:
        settings = load_settings(folder, None)
        others = share(folder, parsed) if settings.has_settings else ProjectScripts(())
        return load_context(settings, vocabulary), others

    return project_of


def _read(name: str, data: bytes, path: Path) -> ParsedScript | Checked:
    try:
        return parse_bytes(name, data, path)
    except NotAScriptError as problem:
        return Checked(problem.report, ())


def _check(parsed: ParsedScript | Checked, project_of: _Project) -> Checked:
    if isinstance(parsed, Checked):
        return parsed
    context, scripts = project_of(project_folder(parsed.path))
    return check_parsed(parsed.source, parsed.parsed, scripts.seen_by(parsed, context))
