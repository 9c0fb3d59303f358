"""From elements to comparisons: `total_spent >= 500`, `last_order before 60d`, `country in ("US", "CA")`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from conductor_dsl.language import bind_values
from conductor_dsl.language.ast import Element, Group, Literal, LiteralType, Operator, Word
from conductor_dsl.language.bind_literals import bind_duration
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_types import EXAMPLES, comparison_problem, describe, value_type
from conductor_dsl.language.bound import Formula
from conductor_dsl.language.expressions import TEXTUAL, AnyOf, Compare, Constant, Day, Expression, Not, ValueType
from conductor_dsl.language.words import RESERVED

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_TEMPORAL = (ValueType.INSTANT, ValueType.DATE)


def bind_comparison(cursor: Cursor, scope: Scope) -> Formula | None:
    """A comparison, or a value that is a condition by itself."""
    left = bind_values.bind_operand(cursor, scope)
    if left is None:
        _skip_right_side(cursor, scope)
        return None
    following = cursor.peek()
    if isinstance(following, Operator) and following.text in COMPARISONS:
        return _compared(left, cursor, scope)
    if isinstance(following, Word) and following.text in _WORDS:
        return _WORDS[following.text](left, cursor, scope)
    if cursor.sees("not") and cursor.sees("in", 1):
        cursor.take()
        listed = _listed(left, cursor, scope)
        return listed and Formula(Not(listed.expression), listed.span)
    type_ = value_type(left.expression)
    if type_ is ValueType.BOOLEAN:
        return left
    written = scope.written(left.span)
    hint = f"compare it: `{written} {EXAMPLES[type_]}`"
    scope.error("CDX112", left.span, f"`{written}` is {describe(type_)}, not a condition", hint)
    return None


def _compared(left: Formula, cursor: Cursor, scope: Scope) -> Formula | None:
    operator = cursor.take()
    assert isinstance(operator, Operator)
    if _is_age(left, cursor, scope, operator) or _is_unquoted(left, cursor, scope):
        return None
    right = bind_values.bind_operand(cursor, scope)
    return right and _compare(operator.text, left, right, scope)


def _compare(operator: str, left: Formula, right: Formula, scope: Scope) -> Formula | None:
    """The comparison, if its sides go together; an instant beside a date counts as its day."""
    span = left.span.to(right.span)
    one, other = _alike(left.expression, right.expression)
    problem = comparison_problem(operator, one, other)
    if problem:
        scope.error("CDX112", span, *problem)
        return None
    return Formula(Compare(operator, one, other), span)


def _alike(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    types = value_type(left), value_type(right)
    if types == (ValueType.INSTANT, ValueType.DATE):
        return Day(left), right
    if types == (ValueType.DATE, ValueType.INSTANT):
        return left, Day(right)
    return left, right


def _is_age(left: Formula, cursor: Cursor, scope: Scope, operator: Operator) -> bool:
    """Say how to ask for the age of something, where that was meant: `last_order > 60d`."""
    literal = cursor.peek()
    if not isinstance(literal, Literal) or literal.type is not LiteralType.DURATION:
        return False
    if value_type(left.expression) not in _TEMPORAL:
        return False
    cursor.take()
    written = scope.written(left.span)
    word = "before" if operator.text.startswith(">") else "within"
    message = f"`{written}` is {describe(value_type(left.expression))}, and `{literal.text}` is a length of time"
    hint = f"write `{written} {word} {literal.text}` for {'longer' if word == 'before' else 'no longer'} ago"
    scope.error("CDX112", left.span.to(literal.span), message, hint)
    return True


def _is_unquoted(left: Formula, cursor: Cursor, scope: Scope) -> bool:
    """Say that the next word stands where a text should, if it does, its quotes forgotten."""
    word = cursor.peek()
    if not isinstance(word, Word) or value_type(left.expression) not in TEXTUAL or not _is_unknown(word, scope):
        return False
    cursor.take()
    _report_unquoted(word, scope)
    return True


def _report_unquoted(word: Word, scope: Scope) -> None:
    scope.error("CDX112", word.span, f"`{word.text}` is not a field", f'write `"{word.text}"` if it is a text')


def _is_unknown(element: Element | None, scope: Scope) -> bool:
    """Whether a word has no meaning as a value."""
    if not isinstance(element, Word) or element.text in RESERVED or element.text.startswith("event."):
        return False
    return element.text not in scope.fields and element.text not in scope.vocabulary.predicates


def _skip_right_side(cursor: Cursor, scope: Scope) -> None:
    """After a bad operand, step over `>= 500` so that what follows is read as it was meant, and over `= Gold` too."""
    following = cursor.peek()
    if isinstance(following, Operator) and following.text in COMPARISONS and cursor.peek(1):
        cursor.take()
        element = cursor.take()
        if isinstance(element, Word) and _is_unknown(element, scope):
            _report_unquoted(element, scope)


def _aged(left: Formula, cursor: Cursor, scope: Scope) -> Formula | None:
    """`last_order before 60d`, and `before 2026-11-27` too."""
    word = cursor.take()
    assert isinstance(word, Word)
    literal = cursor.peek()
    type_ = value_type(left.expression)
    if word.text == "before" and isinstance(literal, Literal) and literal.type is LiteralType.DATE:
        cursor.take()
        if type_ in _TEMPORAL:
            return _compare("<", left, Formula(Constant(ValueType.DATE, literal.text), literal.span), scope)
    age = bind_duration(cursor, scope, f"`{word.text}`") if type_ in _TEMPORAL else None
    if age:
        right = Constant(ValueType.TEXT, age.value)
        return Formula(Compare(word.text, left.expression, right), left.span.to(age.span))
    if type_ not in _TEMPORAL:
        _skip_value(cursor)
        message = f"`{scope.written(left.span)}` is {describe(type_)}, so `{word.text}` cannot follow it"
        scope.error("CDX112", word.span, message, "`before` and `within` ask how long ago a date was")
    return None


def _skip_value(cursor: Cursor) -> None:
    if isinstance(cursor.peek(), Literal):
        cursor.take()


def _searched(left: Formula, cursor: Cursor, scope: Scope) -> Formula | None:
    """`email ends "@shop.example"`."""
    word = cursor.take()
    assert isinstance(word, Word)
    literal = cursor.peek()
    type_ = value_type(left.expression)
    if type_ not in TEXTUAL:
        _skip_value(cursor)
        message = f"`{scope.written(left.span)}` is {describe(type_)}, so `{word.text}` cannot follow it"
        scope.error("CDX112", word.span, message, f"only a text {word.text} something")
        return None
    if isinstance(literal, Literal) and literal.type is LiteralType.TEXT and literal.text:
        cursor.take()
        right = Constant(ValueType.TEXT, literal.text)
        return Formula(Compare(word.text, left.expression, right), left.span.to(literal.span))
    found = f", found `{scope.written(literal.span)}`" if literal else ""
    with_ = f'leave out `with`: `{word.text} "..."`' if cursor.accept("with") else f'write `{word.text} "..."`'
    scope.error("CDX112", cursor.before, f'`{word.text}` needs a text such as `"..."`{found}', with_)
    _skip_value(cursor)
    return None


def _listed(left: Formula, cursor: Cursor, scope: Scope) -> Formula | None:
    """`country in ("US", "CA")`."""
    word = cursor.take()
    group = cursor.peek()
    if not isinstance(group, Group):
        written = scope.written(cursor.here) if group else ""
        hint = f"put brackets around the values: `in ({written or '...'})`"
        scope.error("CDX008", group.span if group else word.span, "`in` needs a list of values in brackets", hint)
        return None
    cursor.take()
    items = list(_items(left, Cursor(group.elements, group.span), scope))
    good = tuple(item.expression for item in items if item)
    if not items:
        scope.error("CDX008", group.span, "the list of values is empty", 'write them: `in ("US", "CA")`')
    return Formula(AnyOf(good), left.span.to(group.span)) if items and len(good) == len(items) else None


def _items(left: Formula, cursor: Cursor, scope: Scope) -> Iterator[Formula | None]:
    """What it means to be each of the values in a list."""
    while cursor.peek():
        if _is_unquoted(left, cursor, scope):
            yield None
        else:
            value = bind_values.bind_operand(cursor, scope)
            yield value and _one_of(left, value, scope)
            if value is None:
                return
        rest = cursor.peek()
        if rest and not cursor.accept(","):
            message = f"a `,` is missing before `{scope.written(rest.span)}`"
            scope.error("CDX008", rest.span, message, "put commas between the values")
            yield None
            return


def _one_of(left: Formula, value: Formula, scope: Scope) -> Formula | None:
    one, other = _alike(left.expression, value.expression)
    problem = comparison_problem("=", one, other)
    if problem:
        scope.error("CDX112", value.span, *problem)
        return None
    return Formula(Compare("=", one, other), value.span)


_WORDS: Mapping[str, Callable[[Formula, Cursor, Scope], Formula | None]] = MappingProxyType(
    {
        "before": _aged,
        "within": _aged,
        "contains": _searched,
        "starts": _searched,
        "ends": _searched,
        "in": _listed,
    }
)
"""What the words that compare mean; each stands behind a value."""
