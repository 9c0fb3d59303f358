"""CDX111: a condition that is never true, or always."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Formula
from conductor_dsl.language.checks.truth import Truth, truth
from conductor_dsl.language.checks.walk import is_condition, named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, info, warning
from conductor_dsl.language.vocabulary import Context


def check_fixed_condition(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every condition whose answer is known before anybody is asked."""
    formulas = [segment.formula for segment in file.segments.values()]
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            formulas += [value for _, value in named_values(phrase) if isinstance(value, Formula)]
    for formula in formulas:
        if formula and is_condition(formula):
            known = truth(formula.expression, context.vocabulary)
            if known is Truth.NEVER:
                hint = "the parts joined by `and` exclude each other"
                yield warning("CDX111", formula.span, "this is never true", hint)
            elif known is Truth.ALWAYS:
                yield info("CDX111", formula.span, "this is always true", "leave it out, or ask for something else")
