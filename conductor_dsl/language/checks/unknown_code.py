"""CDX016: a code that `conductor.toml` does not have."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.no_settings import without_settings
from conductor_dsl.language.checks.walk import file_phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_code(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a code that is not declared."""
    codes = context.catalogue.codes
    for phrase in file_phrases(file):
        for reference in references(phrase, "code"):
            if reference.name not in codes:
                if not context.catalogue.has_settings:
                    yield error("CDX016", reference.span, *without_settings("code", reference.name))
                    return
                entry = f'[codes."{reference.name}"]'
                hint = did_you_mean(reference.name, codes)
                hint = hint or f"add `{entry}` with its `classes` to conductor.toml"
                yield error("CDX016", reference.span, f"there is no code `{reference.name}`", hint)
