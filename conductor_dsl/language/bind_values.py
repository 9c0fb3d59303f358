"""From elements to values: literals, fields, measures, segments, `today + 14d`, `visits + 1`, `days between ...`."""

from __future__ import annotations

from collections.abc import Callable

from conductor_dsl.language import bind_conditions, bind_phrases
from conductor_dsl.language.ast import Element, Group, Literal, LiteralType, Operator, Word
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_types import describe, value_type
from conductor_dsl.language.bound import Formula, phrase_to_json
from conductor_dsl.language.expressions import (
    Calc,
    Call,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Known,
    Now,
    Shift,
    ValueType,
    number,
)
from conductor_dsl.language.signatures import Param, PredicateSignature
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.nearest import did_you_mean

UNITS = ("days", "weeks", "months", "years")
_ASKING = frozenset(
    {"=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "in", "before", "within", "contains", "starts", "ends"}
)
_TEMPORAL = (ValueType.INSTANT, ValueType.DATE)
_CONSTANTS: dict[str, Expression] = {
    "true": Constant(ValueType.BOOLEAN, True),
    "false": Constant(ValueType.BOOLEAN, False),
    "today": Now(ValueType.DATE),
    "now": Now(ValueType.INSTANT),
}


def bind_operand(cursor: Cursor, scope: Scope) -> Formula | None:
    """A value, perhaps computed, or moved in time: `points * 2 + 10`, `birthday - 7d`."""
    value = _product(cursor, scope)
    while value and (cursor.sees("+") or cursor.sees("-")):
        number = value_type(value.expression) is ValueType.NUMBER and not _sees_duration(cursor)
        value = _computed(value, cursor, scope, _product) if number else _moved(value, cursor, scope)
    return value


def _product(cursor: Cursor, scope: Scope) -> Formula | None:
    value = _primary(cursor, scope)
    while value and (cursor.sees("*") or cursor.sees("/")):
        value = _computed(value, cursor, scope, _primary)
    return value


def _sees_duration(cursor: Cursor) -> bool:
    literal = cursor.peek(1)
    return isinstance(literal, Literal) and literal.type is LiteralType.DURATION


def _computed(
    left: Formula, cursor: Cursor, scope: Scope, bind: Callable[[Cursor, Scope], Formula | None]
) -> Formula | None:
    """Two numbers with a sign between them."""
    sign = cursor.take()
    assert isinstance(sign, Operator)
    right = bind(cursor, scope)
    if right is None or not (_is_number(left, sign, scope) and _is_number(right, sign, scope)):
        return None
    return Formula(Calc(sign.text, left.expression, right.expression), left.span.to(right.span))


def _is_number(value: Formula, sign: Operator, scope: Scope) -> bool:
    type_ = value_type(value.expression)
    if type_ is ValueType.NUMBER:
        return True
    message = f"`{sign.text}` computes with numbers, and `{scope.written(value.span)}` is {describe(type_)}"
    scope.error("CDX112", value.span, message)
    return False


def _moved(value: Formula, cursor: Cursor, scope: Scope) -> Formula | None:
    sign, literal = cursor.take(), cursor.peek()
    assert isinstance(sign, Operator)
    type_ = value_type(value.expression)
    if not isinstance(literal, Literal) or literal.type is not LiteralType.DURATION:
        hint = "a date is moved by a length of time: `today + 14d`"
        scope.error("CDX112", sign.span, f"`{sign.text}` needs a length of time behind it", hint)
        return None
    cursor.take()
    span = value.span.to(literal.span)
    written = scope.written(value.span)
    if type_ not in _TEMPORAL:
        message = f"`{written}` is {describe(type_)}, which no length of time can move"
        scope.error("CDX112", span, message, "only dates and points in time can be moved")
        return None
    if type_ is ValueType.DATE and isinstance(literal.value, Duration) and literal.value.is_elapsed:
        message = f"`{written}` is a date, and `{literal.text}` is less than a day"
        scope.error("CDX112", span, message, "move it by `d`, `w`, `mo` or `y`")
        return None
    duration = literal.text if sign.text == "+" else f"-{literal.text}"
    return Formula(Shift(value.expression, duration, type_), span)


def _primary(cursor: Cursor, scope: Scope) -> Formula | None:
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


def _in_brackets(group: Group, scope: Scope) -> Formula | None:
    """What stands in brackets: a condition, or one value."""
    inner = Cursor(group.elements, group.span)
    asks = any(_asks(element) for element in group.elements)
    bound = bind_conditions.bind_condition(inner, scope) if asks else bind_operand(inner, scope)
    rest = inner.peek()
    if bound and rest:
        what = "condition" if asks else "value"
        scope.error("CDX008", rest.span, f"`{scope.written(rest.span)}` does not belong to the {what}")
        return None
    return bound and Formula(bound.expression, group.span)


def _asks(element: Element) -> bool:
    """Whether an element makes a condition of what stands beside it."""
    return isinstance(element, Word | Operator) and element.text in _ASKING


def _constant(cursor: Cursor, scope: Scope, negative: Operator | None = None) -> Formula | None:
    literal = cursor.take()
    assert isinstance(literal, Literal)
    span = negative.span.to(literal.span) if negative else literal.span
    match literal.type:
        case LiteralType.NUMBER:
            value: int = literal.value  # type: ignore[assignment]  # int or Decimal, by the contract of Literal
            return Formula(number(-value if negative else value), span)
        case LiteralType.TEXT if not negative:
            return Formula(Constant(ValueType.TEXT, literal.text), span)
        case LiteralType.DATE if not negative:
            return Formula(Constant(ValueType.DATE, literal.text), span)
    hint = None
    if literal.type is LiteralType.DURATION:
        hint = "a length of time stands behind `before` or `within`, or moves a date: `today + 14d`"
    scope.error("CDX112", span, f"`{scope.written(span)}` is a {literal.type.value}, which has no place here", hint)
    return None


def _named(word: Word, cursor: Cursor, scope: Scope) -> Formula | None:
    name = word.text
    cursor.take()
    if name in _CONSTANTS:
        return Formula(_CONSTANTS[name], word.span)
    if name == "known":
        return _known(word, cursor, scope)
    if name in UNITS and cursor.sees("between"):
        return _between(word, cursor, scope)
    if name in scope.vocabulary.predicates:
        return _called(scope.vocabulary.predicates[name], word, cursor, scope)
    if name in scope.fields:
        return Formula(Field(name, scope.fields[name]), word.span)
    if name in scope.segments:
        segment = scope.segments[name]
        return segment and Formula(segment.expression, word.span)
    if name.startswith("event."):
        return _event_field(word, scope)
    hint = did_you_mean(name, [*scope.vocabulary.predicates, *scope.fields, *scope.segments])
    hint = hint or _small_letters(name, scope)
    hint = hint or f"declare it at the top of the file, with its type: `field {name} text`"
    scope.error("CDX005", word.span, f"`{name}` is neither a condition nor a field", hint)
    bind_phrases.skip_operands(cursor)
    return None


def _small_letters(name: str, scope: Scope) -> str | None:
    """The hint for a word of some step that was written with a capital: `Tuesday`."""
    phrases = [form for step in scope.vocabulary.steps.values() for form in step.forms]
    words = {word for phrase in phrases for part in phrase if isinstance(part, Param) for word in part.words}
    return f"write `{name.lower()}`" if name not in words and name.lower() in words else None


def _known(word: Word, cursor: Cursor, scope: Scope) -> Formula | None:
    """`known birthday`: whether there is a value at all."""
    value = bind_operand(cursor, scope)
    if value is None:
        return None
    span = word.span.to(value.span)
    expression = value.expression
    if isinstance(expression, Field) or (isinstance(expression, Call) and expression.type is not ValueType.BOOLEAN):
        return Formula(Known(expression), span)
    hint = "ask it of a field or a measure: `known birthday`"
    scope.error("CDX112", span, f"`{scope.written(value.span)}` is always known", hint)
    return None


def _between(unit: Word, cursor: Cursor, scope: Scope) -> Formula | None:
    """`years between birthday and today`."""
    cursor.take()
    start = bind_operand(cursor, scope)
    if start is None:
        return None
    if not cursor.accept("and"):
        hint = f"write `{unit.text} between {scope.written(start.span)} and today`"
        scope.error("CDX008", cursor.here, f"`{unit.text} between` needs `and` and a second date", hint)
        return None
    end = bind_operand(cursor, scope)
    if end is None or not (_is_temporal(start, scope) and _is_temporal(end, scope)):
        return None
    return Formula(Gap(unit.text, _day(start.expression), _day(end.expression)), unit.span.to(end.span))


def _is_temporal(value: Formula, scope: Scope) -> bool:
    type_ = value_type(value.expression)
    if type_ in _TEMPORAL:
        return True
    message = f"`{scope.written(value.span)}` is {describe(type_)}, and a date is needed"
    scope.error("CDX112", value.span, message)
    return False


def _day(expression: Expression) -> Expression:
    return expression if value_type(expression) is ValueType.DATE else Day(expression)


def _event_field(word: Word, scope: Scope) -> Formula | None:
    name = word.text.removeprefix("event.")
    type_ = scope.entry.get(name)
    if type_:
        return Formula(Field(word.text, type_), word.span)
    if name in scope.entry:
        scope.error("CDX112", word.span, f"`{word.text}` is a list, which conditions cannot read")
    elif scope.entry:
        hint = did_you_mean(word.text, [f"event.{known}" for known in scope.entry])
        hint = hint or f"the event has {', '.join(f'`{known}`' for known in scope.entry)}"
        scope.error("CDX005", word.span, f"`{word.text}` is not a field of the event", hint)
    else:
        hint = "only a thread that starts with `on EVENT` has one"
        scope.error("CDX005", word.span, f"`{word.text}` has no event to read", hint)
    return None


def _called(signature: PredicateSignature, word: Word, cursor: Cursor, scope: Scope) -> Formula | None:
    phrase = bind_phrases.bind_phrase(signature, word, cursor, scope)
    if phrase.broken:
        return None
    call = Call(signature.name, signature.type, phrase_to_json(phrase))
    return Formula(call, word.span.to(cursor.before))
