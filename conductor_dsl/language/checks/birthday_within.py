"""CDX507: a condition that asks whether a birthday is near, and is true of the newborn only."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Formula
from conductor_dsl.language.checks.walk import named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.expressions import Compare, Constant, Expression, Field, ValueType, walk
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import DAY
from conductor_dsl.shared.duration import Duration

YEARLY = ("birth", "anniversary")
"""What the names of dates that are celebrated each year hold."""
YEAR = 365 * DAY


def check_birthday_within(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every condition by which a date of birth would have to lie within the last days; an age is asked in years."""
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            for _name, value in named_values(phrase):
                if isinstance(value, Formula):
                    for field, length in _asked(value.expression):
                        message = f"`{field} within {length}` counts the years, so it is true of the newborn only"
                        hint = f"to meet people each year, begin a thread with `on anniversary of {field} before 7d`"
                        yield warning("CDX507", value.span, message, hint)


def _asked(expression: Expression) -> Iterator[tuple[str, str]]:
    """The fields that are asked so, with the lengths of time."""
    for part in walk(expression):
        match part:
            case Compare("within", Field(name, ValueType.DATE), Constant(value=str(length))):
                if any(word in name for word in YEARLY) and Duration.parse(length).length < YEAR:
                    yield name, length
