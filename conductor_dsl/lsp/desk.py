"""The scripts that stand open in an editor, each with its project, checked as they are typed."""

from __future__ import annotations

from pathlib import Path

from conductor_dsl.editor.nouns import OpenScript
from conductor_dsl.language.ast import File
from conductor_dsl.language.bind_names import file_scope
from conductor_dsl.language.check import check_parsed
from conductor_dsl.language.vocabulary import Vocabulary
from conductor_dsl.project.catalogue import load_context, project_folder
from conductor_dsl.project.project_scripts import ParsedScript, ProjectScripts, parse_bytes, share
from conductor_dsl.project.settings import load_settings


class Desk:
    """Holds the texts of open scripts; the others of a project are read from their files."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._parsed: dict[Path, ParsedScript] = {}

    def put(self, path: Path, text: str) -> None:
        """A script has been opened or changed; raises NotAScriptError for what is no script."""
        resolved = path.resolve()
        self._parsed.pop(resolved, None)
        self._parsed[resolved] = parse_bytes(str(path), text.encode("utf-8", errors="surrogatepass"), resolved)

    def take_away(self, path: Path) -> None:
        """A script has been closed; its file counts again."""
        self._parsed.pop(path.resolve(), None)

    def open_paths(self) -> list[Path]:
        """Every open script."""
        return list(self._parsed)

    def look_up(self, path: Path) -> OpenScript | None:
        """All that is known of an open script; None for one that is not open.

        Raises ConductorError where the settings or messages of its project cannot be read.
        """
        script = self._parsed.get(path.resolve())
        if script is None:
            return None
        folder = project_folder(script.path)
        settings = load_settings(folder, None)
        scripts = share(folder, self._parsed.values()) if settings.has_settings else ProjectScripts(())
        context = scripts.seen_by(script, load_context(settings, self._vocabulary))
        checked = check_parsed(script.source, script.parsed, context)
        scope = file_scope(script.parsed[0] or File((), ()), script.source, context, [])
        return OpenScript(script.source, script.parsed[0], checked, context, scope)
