"""From checked scripts to what is needed to play their tests: conversations that they start, and their projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.check import Checked
from conductor_dsl.language.checks.walk import phrases, references
from conductor_dsl.language.vocabulary import Catalogue, Vocabulary
from conductor_dsl.plugin.host import Host
from conductor_dsl.project.catalogue import load_catalogue, project_folder
from conductor_dsl.project.check_scripts import check_scripts
from conductor_dsl.project.find_scripts import find_scripts
from conductor_dsl.project.settings import Settings, load_settings
from conductor_dsl.runtime.ingest.nouns import ImportOptions
from conductor_dsl.runtime.ingest.options import import_options
from conductor_dsl.runtime.rehearse.rehearse import Part


def checked_to_parts(chosen: Iterable[tuple[Checked, tuple[BoundTest, ...]]], host: Host) -> Iterator[Part]:
    """A part for every script that has tests to be played; the scripts must be free of errors."""
    projects: dict[Path, _Project] = {}
    for checked, tests in chosen:
        if tests:
            folder = project_folder(Path(checked.report.source.name))
            project = projects.setdefault(folder, _Project(folder, host.vocabulary))
            conversations = tuple(_with_started(checked.conversations, project))
            yield Part(checked.report.source, tests, conversations, project.catalogue, project.options)


@dataclass(frozen=True)
class _Project:
    """What scripts of one folder share, read when it is first needed."""

    folder: Path
    vocabulary: Vocabulary

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.folder, None)

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.settings)

    @cached_property
    def options(self) -> ImportOptions:
        return import_options(self.settings)

    @cached_property
    def conversations(self) -> dict[str, BoundConversation]:
        """Every conversation of the project's scripts that have no errors, by name."""
        checked = check_scripts(find_scripts([self.folder]), self.vocabulary)
        good = (each for each in checked if not each.report.has_errors)
        return {conversation.name: conversation for each in good for conversation in each.conversations}


def _with_started(own: Sequence[BoundConversation], project: _Project) -> Iterator[BoundConversation]:
    """The conversations of a script, and those of its project that they start, and that these start."""
    waiting, known = list(own), {each.name for each in own}
    while waiting:
        conversation = waiting.pop(0)
        yield conversation
        for name in _starts(conversation):
            if name not in known and name in project.conversations:
                known.add(name)
                waiting.append(project.conversations[name])


def _starts(conversation: BoundConversation) -> Iterator[str]:
    for phrase in phrases(conversation):
        yield from (reference.name for reference in references(phrase, "conversation"))
