"""CDX017: a template that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.template_uses import template_uses
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_template_syntax(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every template with a mistake in its Liquid."""
    for conversation in file.conversations:
        for use in template_uses(conversation, context):
            if use.reading.problem:
                span = use.place(use.reading.problem_offset, 2)
                hint = "values are written `{{ first_name | default: 'friend' }}`"
                yield error("CDX017", span, f"the template cannot be read{use.where}: {use.reading.problem}", hint)
