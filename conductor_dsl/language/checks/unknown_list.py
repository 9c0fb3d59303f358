"""CDX015: a list that `conductor.toml` does not have."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.no_settings import without_settings
from conductor_dsl.language.checks.walk import phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_list(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a list that is not declared."""
    lists = context.catalogue.lists
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            for reference in references(phrase, "list"):
                if reference.name not in lists:
                    if not context.catalogue.has_settings:
                        yield error("CDX015", reference.span, *without_settings("list", reference.name))
                        return
                    hint = did_you_mean(reference.name, lists)
                    hint = hint or f'add `"{reference.name}" = "what it is for"` to `[lists]` in conductor.toml'
                    yield error("CDX015", reference.span, f"there is no list `{reference.name}`", hint)
