"""The scripts of a project as each of them sees the others: their declarations, and their conversations by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePath

from conductor_dsl.language.ast import Chain, Conversation, EventDeclaration, FieldDeclaration, SegmentDeclaration
from conductor_dsl.language.check import Parsed
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.vocabulary import Context, SharedItem
from conductor_dsl.project.catalogue import project_folder
from conductor_dsl.project.find_scripts import find_scripts
from conductor_dsl.project.read_script import NotAScriptError, ScriptError, bytes_to_source, read_bytes

Declaration = FieldDeclaration | EventDeclaration | SegmentDeclaration


@dataclass(frozen=True)
class ParsedScript:
    """A script that has been read and parsed once; `path` is absolute, and its source is named as people know it."""

    path: Path
    source: Source
    parsed: Parsed

    @cached_property
    def shared(self) -> tuple[SharedItem, ...]:
        """What the script declares for its whole project, as far as it could be read."""
        items = self.parsed[0].items if self.parsed[0] else ()
        return tuple(SharedItem(item, self.source) for item in items if isinstance(item, Declaration))

    @cached_property
    def declared(self) -> Mapping[tuple[type, str], SharedItem]:
        """The same, by how it is written."""
        return {(type(each.item), each.source.excerpt(each.item.span)): each for each in self.shared}

    @cached_property
    def conversations(self) -> Mapping[str, str]:
        """The conversations of the script by name, each with its place."""
        return {name: f"{self.source.name}:{self.source.position(span.start).line}" for name, span in self._named()}

    def _named(self) -> Iterator[tuple[str, Span]]:
        for item in self.parsed[0].items if self.parsed[0] else ():
            if isinstance(item, Conversation):
                yield item.name.text, item.name.span
            elif isinstance(item, Chain):
                yield PurePath(self.source.name).stem, item.span


@dataclass(frozen=True, slots=True)
class ProjectScripts:
    """Every script of a project."""

    scripts: tuple[ParsedScript, ...]

    def seen_by(self, script: ParsedScript, context: Context) -> Context:
        """The context of a script: what all the others share, one of those that say the same in the same words."""
        others = [other for other in self.scripts if other.path != script.path]
        items: dict[tuple[type, str], SharedItem] = {}
        conversations: dict[str, str] = {}
        for other in others:
            items |= other.declared
            conversations |= other.conversations
        return replace(context, shared=tuple(items.values()), conversations=conversations)


def parse_bytes(name: str, data: bytes, path: Path) -> ParsedScript:
    """The bytes of a script, parsed; raises NotAScriptError where they are no text."""
    source = bytes_to_source(name, data)
    return ParsedScript(path, source, parse(source))


def share(folder: Path, parsed: Iterable[ParsedScript]) -> ProjectScripts:
    """Every script of the project in a folder; those that have been parsed already are not read again.

    A script that cannot be read shares nothing: whoever checks that one is told.
    """
    known = {script.path: script for script in parsed if project_folder(script.path) == folder}
    found = [path.resolve() for path in _scripts(folder)]
    others = (_other(path) for path in found if path not in known and project_folder(path) == folder)
    return ProjectScripts((*known.values(), *filter(None, others)))


def _scripts(folder: Path) -> list[Path]:
    try:
        return find_scripts([folder])
    except ScriptError:
        return []


def _other(path: Path) -> ParsedScript | None:
    try:
        return parse_bytes(_shown(path), read_bytes(path), path)
    except (ScriptError, NotAScriptError):
        return None


def _shown(path: Path) -> str:
    """The path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
