"""Invented conditions, of every kind of expression and with every predicate that is installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

from conductor_dsl.language.expressions import (
    All,
    AnyOf,
    Calc,
    Call,
    Compare,
    Constant,
    Day,
    Expression,
    Field,
    Gap,
    Known,
    Not,
    Now,
    Shift,
    ValueType,
    to_json,
)
from conductor_dsl.language.signatures import Kind, Param, Phrase, PredicateSignature
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.testing.invented import COLUMNS, DURATIONS, EVENT, EVENTS, FIELDS, REFS, SKUS, TEXTS, WORDS, a_value


@cache
def host() -> Host:
    """The first-party plugins."""
    return build_host()


def an_argument(chance: Random, param: Param, depth: int) -> Any:
    """Something that may stand in the place of a parameter, as JSON."""
    if param.many:
        one = replace(param, many=False)
        return [an_argument(chance, one, depth) for _ in range(chance.randint(1, 2))]
    kind = chance.choice(param.kinds)
    chosen = {Kind.DURATION: DURATIONS, Kind.EVENT: EVENTS, Kind.NUMBER: (1, 2, 5), Kind.WORD: param.words}.get(kind)
    if chosen:
        return chance.choice(chosen)
    match kind:
        case Kind.REF:
            ref = chance.choice(param.refs)
            return {"ref": [ref, chance.choice(REFS[ref])]}
        case Kind.PREDICATE:
            return to_json(a_condition(chance, depth - 1))
        case Kind.VALUE:
            sku = Constant(ValueType.TEXT, chance.choice(SKUS))
            return to_json(chance.choice((sku, sku, Field("event.sku", ValueType.TEXT))))
    return chance.choice(TEXTS[param.name])


def a_call(chance: Random, signature: PredicateSignature, depth: int) -> Call:
    """A predicate in one of its forms, with some of its options."""
    phrases = [chance.choice(signature.forms)]
    phrases += [option.phrase for option in signature.options if chance.random() < 0.5]
    arguments: dict[str, Any] = {}
    for phrase in phrases:
        places = _params(phrase)
        arguments |= {param.name: an_argument(chance, param, depth) for param in places}
        if not places and phrase:
            arguments[str(phrase[0])] = True
    return Call(signature.name, signature.type, arguments)


def _params(phrase: Phrase) -> list[Param]:
    return [part for part in phrase if isinstance(part, Param)]


def a_reading(chance: Random, type_: ValueType, depth: int) -> Expression:
    """A field, or a measure of the vocabulary."""
    fields: list[Expression] = [Field(name, of) for name, of in (FIELDS | COLUMNS | EVENT).items() if of is type_]
    measures = [each for each in host().vocabulary.predicates.values() if each.type is type_]
    if measures and (not fields or chance.random() < 0.5):
        return a_call(chance, chance.choice(measures), depth)
    return chance.choice(fields)


def an_operand(chance: Random, type_: ValueType, depth: int) -> Expression:
    """Any value of a type."""
    kind = chance.random()
    if type_ is ValueType.NUMBER and kind < 0.2 and depth:
        sides = (an_operand(chance, type_, depth - 1) for _ in range(2))
        return Calc(chance.choice("+-*/"), *sides)
    if type_ is ValueType.NUMBER and kind < 0.4:
        unit = chance.choice(("days", "weeks", "months", "years"))
        return Gap(unit, an_operand(chance, ValueType.DATE, depth), an_operand(chance, ValueType.DATE, depth))
    if type_ in (ValueType.DATE, ValueType.INSTANT):
        if kind < 0.2:
            return Now(type_)
        if kind < 0.4 and depth:
            length = chance.choice(("", "-")) + chance.choice(DURATIONS)
            return Shift(an_operand(chance, type_, depth - 1), length, type_)
        if kind < 0.55 and type_ is ValueType.DATE:
            return Day(an_operand(chance, ValueType.INSTANT, depth))
    if kind < 0.75 or type_ is ValueType.INSTANT:
        return a_reading(chance, type_, depth)
    return Constant(type_, a_value(chance, type_))


EQUAL = ("=", "!=")
ORDERED = (*EQUAL, "<", "<=", ">", ">=")
COMPARED = {
    ValueType.TEXT: EQUAL,
    ValueType.PHONE: EQUAL,
    ValueType.ZONE: EQUAL,
    ValueType.BOOLEAN: EQUAL,
    ValueType.NUMBER: ORDERED,
    ValueType.DATE: ORDERED,
    ValueType.INSTANT: ORDERED,
}


def a_comparison(chance: Random, depth: int) -> Expression:
    """Two values of a type side by side."""
    type_ = chance.choice(list(COMPARED))
    left = a_reading(chance, type_, depth) if chance.random() < 0.5 else an_operand(chance, type_, depth)
    return Compare(chance.choice(COMPARED[type_]), left, an_operand(chance, type_, depth))


def an_age(chance: Random, depth: int) -> Expression:
    """How long ago something was."""
    type_ = chance.choice((ValueType.DATE, ValueType.INSTANT))
    length = Constant(ValueType.TEXT, chance.choice(DURATIONS))
    return Compare(chance.choice(("before", "within")), an_operand(chance, type_, depth), length)


def a_search(chance: Random, depth: int) -> Expression:
    """Part of a text."""
    type_ = chance.choice((ValueType.TEXT, ValueType.EMAIL, ValueType.PHONE))
    word = chance.choice(WORDS)
    start = chance.randrange(len(word) + 1)
    part = Constant(ValueType.TEXT, word[start : start + chance.randint(0, 4)])
    return Compare(chance.choice(("contains", "starts", "ends")), a_reading(chance, type_, depth), part)


def a_choice(chance: Random, depth: int) -> Expression:
    """One of several values."""
    type_ = chance.choice((ValueType.TEXT, ValueType.NUMBER, ValueType.DATE))
    left = an_operand(chance, type_, depth)
    values = [Constant(type_, a_value(chance, type_)) for _ in range(chance.randint(1, 3))]
    return AnyOf(tuple(Compare("=", left, value) for value in values))


def a_presence(chance: Random, depth: int) -> Expression:
    """Whether there is a value."""
    return Known(a_reading(chance, chance.choice(list(COMPARED)), depth))


def a_predicate(chance: Random, depth: int) -> Expression:
    """A predicate that is a condition by itself."""
    known = [each for each in host().vocabulary.predicates.values() if each.type is ValueType.BOOLEAN]
    return a_call(chance, chance.choice(known), depth)


LEAVES: tuple[Callable[[Random, int], Expression], ...] = (
    a_comparison,
    a_comparison,
    an_age,
    a_search,
    a_choice,
    a_presence,
    a_predicate,
    a_predicate,
)


def a_condition(chance: Random, depth: int = 2) -> Expression:
    """Any condition over everything that plugins and a contact have; `and`, `or` and `not` nest, as segments do."""
    if depth <= 0 or chance.random() < 0.5:
        return chance.choice(LEAVES)(chance, max(depth, 0))
    items = tuple(a_condition(chance, depth - 1) for _ in range(chance.randint(1, 3)))
    return chance.choice((Not(items[0]), All(items), AnyOf(items)))


def conditions(chance: Random, count: int) -> list[Expression]:
    """So many of them."""
    return [a_condition(chance) for _ in range(count)]
