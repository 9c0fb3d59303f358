"""Types of expressions, and which of them may be compared."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conductor_dsl.language.expressions import (
    TEXTUAL,
    Calc,
    Call,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Now,
    Shift,
    ValueType,
)

EXAMPLES: Mapping[ValueType, str] = MappingProxyType(
    {
        ValueType.TEXT: '= "Gold"',
        ValueType.NUMBER: ">= 1",
        ValueType.BOOLEAN: "= true",
        ValueType.DATE: "before 60d",
        ValueType.INSTANT: "before 60d",
        ValueType.PHONE: '= "+12025550100"',
        ValueType.EMAIL: '= "ada@example.com"',
        ValueType.ZONE: '= "America/New_York"',
    }
)
"""How a value of a type may be compared, for hints."""

_DESCRIPTIONS = {
    ValueType.TEXT: "a text",
    ValueType.NUMBER: "a number",
    ValueType.BOOLEAN: "true or false",
    ValueType.DATE: "a date",
    ValueType.INSTANT: "a point in time",
    ValueType.PHONE: "a phone number",
    ValueType.EMAIL: "an e-mail address",
    ValueType.ZONE: "a time zone",
}


def describe(type_: ValueType) -> str:
    """A type in words, with its article."""
    return _DESCRIPTIONS[type_]


def value_type(expression: Expression) -> ValueType:
    """The type of an expression's value."""
    match expression:
        case Constant(type=type_) | Field(type=type_) | Call(type=type_) | Now(type=type_) | Shift(type=type_):
            return type_
        case Day():
            return ValueType.DATE
        case Gap() | Calc():
            return ValueType.NUMBER
    return ValueType.BOOLEAN


def same_family(left: ValueType, right: ValueType) -> bool:
    """Whether values of the two types can be equal."""
    return left is right or (left in TEXTUAL and right in TEXTUAL)


def comparison_problem(operator: str, left: Expression, right: Expression) -> tuple[str, str | None] | None:
    """Why two values cannot be compared, with a hint; None where they can."""
    one, other = value_type(left), value_type(right)
    if not same_family(one, other):
        return f"{describe(one)} cannot be compared with {describe(other)}", _remedy(one, right)
    if operator in ("=", "!=") or one in (ValueType.NUMBER, ValueType.DATE, ValueType.INSTANT):
        return None
    return f"`{operator}` does not order {describe(one)}", "use `=` or `!=`"


def _remedy(type_: ValueType, right: Expression) -> str | None:
    if type_ is ValueType.INSTANT:
        return "ask how long ago it was, with `before 60d` or `within 60d`"
    if isinstance(right, Constant) and type_ in TEXTUAL:
        return f'write `"{right.value}"` if it is a text'
    if isinstance(right, Constant) and right.type is ValueType.TEXT and type_ in (ValueType.NUMBER, ValueType.DATE):
        return f"write `{right.value}` without quotes"
    return f"compare like `{EXAMPLES[type_]}`"
