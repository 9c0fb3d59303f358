"""CDX015: a list that `conductor.toml` does not have."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Reference
from conductor_dsl.language.checks.no_settings import without_settings
from conductor_dsl.language.checks.walk import phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean

EVERY_LIST = "*"
"""What a test may write where somebody takes back everything."""


def check_unknown_list(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a list that is not declared."""
    lists = context.catalogue.lists
    for reference in _references(file):
        if reference.name not in lists:
            if not context.catalogue.has_settings:
                yield error("CDX015", reference.span, *without_settings("list", reference.name))
                return
            hint = did_you_mean(reference.name, lists)
            hint = hint or f'add `"{reference.name}" = "what it is for"` to `[lists]` in conductor.toml'
            yield error("CDX015", reference.span, f"there is no list `{reference.name}`", hint)


def _references(file: BoundFile) -> Iterator[Reference]:
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            yield from references(phrase, "list")
    for test in file.tests:
        for statement in test.statements:
            found = references(statement.phrase, "list")
            yield from (reference for reference in found if reference.name != EVERY_LIST)
