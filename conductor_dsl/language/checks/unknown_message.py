"""CDX012: a saved message that is not in `messages/`."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.walk import file_phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_message(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a saved message that does not exist."""
    saved = context.catalogue.saved
    for phrase in file_phrases(file):
        for reference in references(phrase, "saved"):
            if reference.name not in saved:
                hint = did_you_mean(reference.name, saved) or f"create `messages/{reference.name}.html`"
                yield error("CDX012", reference.span, f"there is no saved message `{reference.name}`", hint)
