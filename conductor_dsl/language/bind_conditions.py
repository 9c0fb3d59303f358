"""From elements to expressions: `or` binds weakest, then `and`, then `not`, then comparisons.

Every function takes what it understands from the cursor and leaves the rest. None means that a finding has been noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from conductor_dsl.language import bind_literals, bind_phrases
from conductor_dsl.language.ast import Element, Group, Literal, LiteralType, Operator, Word
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_types import EXAMPLES, comparison_problem, describe, value_type
from conductor_dsl.language.bound import Formula, phrase_to_json
from conductor_dsl.language.diagnostics import warning
from conductor_dsl.language.expressions import (
    TEXTUAL,
    All,
    AnyOf,
    Call,
    Compare,
    Constant,
    Expression,
    Field,
    Not,
    ValueType,
    number,
)
from conductor_dsl.language.signatures import PredicateSignature
from conductor_dsl.shared.nearest import did_you_mean

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
AGES = ("before", "within")


@dataclass(frozen=True, slots=True)
class _Bound:
    """An expression and whether brackets stand around it."""

    formula: Formula
    bracketed: bool = False

    @property
    def expression(self) -> Expression:
        return self.formula.expression


def bind_condition(cursor: Cursor, scope: Scope) -> Formula | None:
    """A condition, as far as it goes."""
    bound = _disjunction(cursor, scope)
    return bound.formula if bound else None


def bind_value(cursor: Cursor, scope: Scope) -> Formula | None:
    """A value: a literal, a field, or a measure of the vocabulary."""
    bound = _operand(cursor, scope)
    return bound.formula if bound else None


def _disjunction(cursor: Cursor, scope: Scope) -> _Bound | None:
    items = _joined(cursor, scope, "or")
    if not items or len(items) == 1:
        return items[0] if items else None
    span = items[0].formula.span.to(items[-1].formula.span)
    if any(isinstance(item.expression, All) and not item.bracketed for item in items):
        message = "`and` and `or` stand together without brackets"
        hint = "`and` binds first; put round brackets around what belongs together"
        scope.findings.append(warning("CDX115", span, message, hint))
    return _Bound(Formula(AnyOf(tuple(item.expression for item in items)), span))


def _conjunction(cursor: Cursor, scope: Scope) -> _Bound | None:
    items = _joined(cursor, scope, "and")
    if not items or len(items) == 1:
        return items[0] if items else None
    span = items[0].formula.span.to(items[-1].formula.span)
    return _Bound(Formula(All(tuple(item.expression for item in items)), span))


def _joined(cursor: Cursor, scope: Scope, word: str) -> list[_Bound] | None:
    """One or more items with a word between them; every item is looked at, even after a bad one."""
    part = _conjunction if word == "or" else _negation
    items = [part(cursor, scope)]
    while cursor.accept(word):
        items.append(part(cursor, scope))
    good = [item for item in items if item]
    return good if len(good) == len(items) else None


def _negation(cursor: Cursor, scope: Scope) -> _Bound | None:
    start = cursor.here
    if not cursor.accept("not"):
        return _comparison(cursor, scope)
    item = _negation(cursor, scope)
    return item and _Bound(Formula(Not(item.expression), start.to(item.formula.span)))


def _comparison(cursor: Cursor, scope: Scope) -> _Bound | None:
    left = _operand(cursor, scope)
    if left is None:
        _skip_right_side(cursor, scope)
        return None
    following = cursor.peek()
    if isinstance(following, Operator) and following.text in COMPARISONS:
        return _compared(left, cursor, scope)
    if isinstance(following, Word) and following.text in AGES:
        return _aged(left, cursor, scope)
    type_ = value_type(left.expression)
    if type_ is ValueType.BOOLEAN:
        return left
    written = scope.written(left.formula.span)
    hint = f"compare it: `{written} {EXAMPLES[type_]}`"
    scope.error("CDX112", left.formula.span, f"`{written}` is {describe(type_)}, not a condition", hint)
    return None


def _compared(left: _Bound, cursor: Cursor, scope: Scope) -> _Bound | None:
    operator = cursor.take()
    assert isinstance(operator, Operator)
    word = cursor.peek()
    if value_type(left.expression) in TEXTUAL and _is_unknown(word, scope):
        _report_unquoted(cursor, scope)
        return None
    right = _operand(cursor, scope)
    if right is None:
        return None
    span = left.formula.span.to(right.formula.span)
    problem = comparison_problem(operator.text, left.expression, right.expression)
    if problem:
        scope.error("CDX112", span, *problem)
        return None
    return _Bound(Formula(Compare(operator.text, left.expression, right.expression), span))


def _report_unquoted(cursor: Cursor, scope: Scope) -> None:
    """Say that the next word stands where a text should, its quotes forgotten."""
    word = cursor.take()
    assert isinstance(word, Word)
    scope.error("CDX112", word.span, f"`{word.text}` is not a field", f'write `"{word.text}"` if it is a text')


def _is_unknown(element: Element | None, scope: Scope) -> bool:
    """Whether a word has no meaning as a value."""
    if not isinstance(element, Word):
        return False
    known = element.text in scope.fields or element.text in scope.vocabulary.predicates
    return not known and element.text not in ("true", "false") and not element.text.startswith("event.")


def _aged(left: _Bound, cursor: Cursor, scope: Scope) -> _Bound | None:
    word = cursor.take()
    assert isinstance(word, Word)
    age = bind_literals.bind_duration(cursor, scope, f"`{word.text}`")
    type_ = value_type(left.expression)
    if type_ not in (ValueType.INSTANT, ValueType.DATE):
        written = scope.written(left.formula.span)
        message = f"`{written}` is {describe(type_)}, so `{word.text}` cannot follow it"
        scope.error("CDX112", word.span, message, "`before` and `within` ask how long ago a date was")
        return None
    if age is None:
        return None
    right = Constant(ValueType.TEXT, age.value)
    return _Bound(Formula(Compare(word.text, left.expression, right), left.formula.span.to(age.span)))


def _skip_right_side(cursor: Cursor, scope: Scope) -> None:
    """After a bad operand, step over `>= 500` so that what follows is read as it was meant, and over `= Gold` too."""
    following = cursor.peek()
    if isinstance(following, Operator) and following.text in COMPARISONS and cursor.peek(1):
        cursor.take()
        if _is_unknown(cursor.peek(), scope):
            _report_unquoted(cursor, scope)
        else:
            cursor.take()


def _operand(cursor: Cursor, scope: Scope) -> _Bound | None:
    element = cursor.peek()
    match element:
        case Group():
            cursor.take()
            return _in_brackets(element, scope)
        case Operator("-") if isinstance(cursor.peek(1), Literal):
            cursor.take()
            return _constant(cursor, scope, negative=element)
        case Literal():
            return _constant(cursor, scope)
        case Word():
            return _named(element, cursor, scope)
    found = f", found `{scope.written(element.span)}`" if element else ""
    scope.error("CDX008", cursor.here, f"a condition or a value is missing here{found}")
    return None


def _in_brackets(group: Group, scope: Scope) -> _Bound | None:
    inner = Cursor(group.elements, group.span)
    bound = _disjunction(inner, scope)
    rest = inner.peek()
    if bound and rest:
        scope.error("CDX008", rest.span, f"`{scope.written(rest.span)}` does not belong to the condition")
        return None
    return bound and _Bound(Formula(bound.expression, group.span), bracketed=True)


def _constant(cursor: Cursor, scope: Scope, negative: Operator | None = None) -> _Bound | None:
    literal = cursor.take()
    assert isinstance(literal, Literal)
    span = negative.span.to(literal.span) if negative else literal.span
    match literal.type:
        case LiteralType.NUMBER:
            value: int = literal.value  # type: ignore[assignment]  # int or Decimal, by the contract of Literal
            return _Bound(Formula(number(-value if negative else value), span))
        case LiteralType.TEXT if not negative:
            return _Bound(Formula(Constant(ValueType.TEXT, literal.text), span))
        case LiteralType.DATE if not negative:
            return _Bound(Formula(Constant(ValueType.DATE, literal.text), span))
    hint = "a length of time stands behind `before` or `within`" if literal.type is LiteralType.DURATION else None
    scope.error("CDX112", span, f"`{scope.written(span)}` is a {literal.type.value}, which has no place here", hint)
    return None


def _named(word: Word, cursor: Cursor, scope: Scope) -> _Bound | None:
    cursor.take()
    if word.text in ("true", "false"):
        return _Bound(Formula(Constant(ValueType.BOOLEAN, word.text == "true"), word.span))
    if word.text in scope.vocabulary.predicates:
        return _called(scope.vocabulary.predicates[word.text], word, cursor, scope)
    if word.text in scope.fields:
        return _Bound(Formula(Field(word.text, scope.fields[word.text]), word.span))
    if word.text.startswith("event."):
        return _event_field(word, scope)
    hint = did_you_mean(word.text, [*scope.vocabulary.predicates, *scope.fields])
    hint = hint or f"declare it at the top of the file, with its type: `field {word.text} text`"
    scope.error("CDX005", word.span, f"`{word.text}` is neither a condition nor a field", hint)
    bind_phrases.skip_operands(cursor)
    return None


def _event_field(word: Word, scope: Scope) -> _Bound | None:
    name = word.text.removeprefix("event.")
    type_ = scope.entry.get(name)
    if type_:
        return _Bound(Formula(Field(word.text, type_), word.span))
    if name in scope.entry:
        scope.error("CDX112", word.span, f"`{word.text}` is a list, which conditions cannot read")
    elif scope.entry:
        hint = did_you_mean(word.text, [f"event.{known}" for known in scope.entry])
        hint = hint or f"the event that lets contacts in has {', '.join(f'`{known}`' for known in scope.entry)}"
        scope.error("CDX005", word.span, f"`{word.text}` is not a field of the event", hint)
    else:
        hint = "only a thread that starts with `on EVENT` has one"
        scope.error("CDX005", word.span, f"`{word.text}` has no event to read", hint)
    return None


def _called(signature: PredicateSignature, word: Word, cursor: Cursor, scope: Scope) -> _Bound | None:
    phrase = bind_phrases.bind_phrase(signature, word, cursor, scope)
    if phrase.broken:
        return None
    call = Call(signature.name, signature.type, phrase_to_json(phrase))
    return _Bound(Formula(call, word.span.to(cursor.before)))
