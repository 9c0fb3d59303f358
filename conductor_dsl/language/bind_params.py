"""From what stands in the place of a parameter to a value."""

from __future__ import annotations

from conductor_dsl.language.ast import Block, Element, Literal, Ref, Word
from conductor_dsl.language.bind_assignments import bind_assignments, bind_field_name
from conductor_dsl.language.bind_blocks import bind_arms, bind_payload, report_arms
from conductor_dsl.language.bind_conditions import bind_condition, is_small
from conductor_dsl.language.bind_literals import LITERALS, is_share, may_start, report_share, report_unfit
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_steps import bind_chain, bind_nested_step
from conductor_dsl.language.bind_types import describe, value_type
from conductor_dsl.language.bind_values import bind_operand
from conductor_dsl.language.bound import Branch, FieldName, Formula, Many, Reference, Scalar, Value
from conductor_dsl.language.expressions import ValueType, number
from conductor_dsl.language.other_words import other_branch
from conductor_dsl.language.signatures import Kind, Param
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.nearest import did_you_mean


def bind_param(param: Param, cursor: Cursor, scope: Scope) -> Value | None:
    """The value of a parameter, whose first element must fit; None when a finding has been noted."""
    first = _bind_one(param, cursor, scope)
    if not param.many:
        return first
    items = [first]
    while cursor.accept(","):
        if not may_start(param, cursor.peek()):
            report_unfit((param,), cursor, scope, "`,`")
            return None
        items.append(_bind_one(param, cursor, scope))
    good = tuple(item for item in items if item is not None)
    return Many(good, good[0].span.to(good[-1].span)) if len(good) == len(items) else None


def _bind_one(param: Param, cursor: Cursor, scope: Scope) -> Value | None:
    if Kind.PREDICATE in param.kinds:
        inner = scope.entered_by(scope.told or {}) if param.own_event else scope
        condition = bind_condition(cursor, inner)
        return condition if condition and is_small(condition, scope) else None
    if Kind.VALUE in param.kinds:
        return _bind_value(param, cursor, scope)
    if Kind.ASSIGNMENTS in param.kinds:
        return bind_assignments(cursor, scope)
    if Kind.BRANCH in param.kinds:
        return _bind_branch(cursor, scope)
    if isinstance(block := cursor.peek(), Block):
        cursor.take()
        return bind_arms(block, scope) if Kind.ARMS in param.kinds else bind_payload(block, scope, param.record)
    element = cursor.take()
    return _bind_simple(param, element, cursor.peek(), scope)


def _bind_value(param: Param, cursor: Cursor, scope: Scope) -> Formula | None:
    value = bind_operand(cursor, scope)
    if value is None or not param.types or (type_ := value_type(value.expression)) in param.types:
        return value
    wanted = " or ".join(describe(known) for known in param.types)
    scope.error("CDX112", value.span, f"`{scope.written(value.span)}` is {describe(type_)}, and {wanted} is needed")
    return None


def _bind_simple(param: Param, element: Element, following: Element | None, scope: Scope) -> Value | None:
    match element:
        case Literal():
            if param.whole_days and isinstance(element.value, Duration) and element.value.is_elapsed:
                message, hint = f"`{element.text}` is no number of days", "write `1d`, `1w`, `1mo` or `1y`"
                scope.error("CDX501", element.span, message, hint)
                return None
            kind = next(kind for kind in param.kinds if LITERALS.get(kind) is element.type)
            if kind is Kind.PERCENT and not is_share(element.text):
                report_share(element.span, scope)
                return None
            return _scalar(kind, element)
        case Ref(kind, name, span):
            return Reference(kind, name, span)
        case Word() if Kind.FIELD in param.kinds:
            return _field(param, element, scope)
        case Word() if Kind.EVENT in param.kinds:
            return _event(element, following, scope)
        case Word(text, span):
            return Scalar(Kind.WORD, text, span)
    raise TypeError(f"{element!r} does not fit {param.name}")


def _scalar(kind: Kind, literal: Literal) -> Scalar:
    if kind is Kind.NUMBER:
        constant = number(literal.value)  # type: ignore[arg-type]  # int or Decimal, by the contract of Literal
        return Scalar(kind, constant.value, literal.span)
    return Scalar(kind, literal.text, literal.span, literal.origins)


def _field(param: Param, word: Word, scope: Scope) -> FieldName | None:
    field = bind_field_name(word, scope, _first_type(param))
    if field and param.types and (type_ := field.type) not in param.types:
        fitting = [f"`{name}`" for name, known in scope.fields.items() if known in param.types]
        hint = f"fields that fit: {', '.join(fitting)}" if fitting else None
        wanted = " or ".join(describe(known) for known in param.types)
        message = f"the field `{word.text}` is {describe(type_)}, and {wanted} is needed"
        scope.error("CDX112", word.span, message, hint)
        return None
    return field


def _first_type(param: Param) -> str:
    return param.types[0].value if param.types else "text"


def _event(word: Word, following: Element | None, scope: Scope) -> Scalar | None:
    if word.text in scope.events:
        return Scalar(Kind.EVENT, word.text, word.span)
    hint = _other_event(word.text, following, scope) or did_you_mean(word.text, scope.events)
    hint = hint or f"declare it at the top of the file: `event {word.text} {{ ... }}`"
    scope.error("CDX005", word.span, f"there is no event `{word.text}`", hint)
    return None


def _other_event(name: str, following: Element | None, scope: Scope) -> str | None:
    """What was meant by a word that is no event but something else: `order placed`, a condition, a date, a trigger."""
    if isinstance(following, Word) and f"{name}.{following.text}" in scope.events:
        return f"write `{name}.{following.text}`"
    if name in scope.vocabulary.predicates:
        return f"`{name}` is a condition: write `when {scope.vocabulary.predicates[name].example or name}`"
    if scope.fields.get(name) is ValueType.DATE:
        return f"each year on that day is `on anniversary of {name}`"
    signatures = scope.vocabulary.triggers.values()
    meant = [each for each in signatures for form in each.forms if form[1:2] == (name,) and each.example]
    return f"write it as in `{meant[0].example}`" if meant else None


def _bind_branch(cursor: Cursor, scope: Scope) -> Branch | None:
    element = cursor.peek()
    match element:
        case Block(chain, span, arms):
            cursor.take()
            if arms:
                report_arms(element, scope)
                return None
            return Branch(bind_chain(chain, scope) if chain else None, span)
        case Word("pass", span):
            cursor.take()
            return Branch(None, span)
        case Word(text, span) if text in scope.vocabulary.steps:
            nested = bind_nested_step(cursor, scope)
            return Branch(nested, nested.span)
    assert isinstance(element, Word)
    cursor.take()
    hint = other_branch(element.text) or did_you_mean(element.text, ["pass", *scope.vocabulary.steps])
    hint = hint or "write `pass` to go on, one step, or a block `{ ... }`"
    scope.error("CDX005", element.span, f"`{element.text}` is neither `pass` nor a step", hint)
    return None
