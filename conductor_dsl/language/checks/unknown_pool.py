"""CDX023: a pool of coupon codes that `conductor.toml` does not have."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.no_settings import without_settings
from conductor_dsl.language.checks.walk import file_phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_pool(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a pool that is not declared."""
    pools = context.catalogue.pools
    for phrase in file_phrases(file):
        for reference in references(phrase, "pool"):
            if reference.name not in pools:
                if not context.catalogue.has_settings:
                    yield error("CDX023", reference.span, *without_settings("pool", reference.name))
                    return
                hint = did_you_mean(reference.name, pools)
                hint = hint or f'add `[pools."{reference.name}"]` to conductor.toml, and import its codes'
                yield error("CDX023", reference.span, f"there is no pool `{reference.name}`", hint)
