"""Ways through a bound conversation that several checks take."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import (
    Assignments,
    BoundConversation,
    BoundFile,
    BoundPhrase,
    BoundStep,
    BoundThread,
    BoundTrigger,
    Formula,
    Many,
    Payload,
    Reference,
    Scalar,
    Value,
    chain_steps,
)
from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Expression, Field, Known, Not, ValueType, walk
from conductor_dsl.language.signatures import Kind, Param


def phrases(conversation: BoundConversation) -> Iterator[BoundPhrase]:
    """Every phrase: of settings, of triggers, of steps."""
    for setting in conversation.written:
        yield setting.phrase
    for thread in conversation.threads:
        if thread.trigger:
            yield thread.trigger.phrase
    for step in conversation.steps():
        yield step.phrase


def file_phrases(file: BoundFile) -> Iterator[BoundPhrase]:
    """Every phrase of a file: of its conversations, and of the lines of its tests."""
    for conversation in file.conversations:
        yield from phrases(conversation)
    for test in file.tests:
        yield from (statement.phrase for statement in test.statements)


def threaded_steps(conversation: BoundConversation) -> Iterator[tuple[BoundThread, BoundStep]]:
    """Every step with its thread."""
    for thread in conversation.threads:
        for step in chain_steps(thread.chain):
            yield thread, step


def named_values(phrase: BoundPhrase) -> Iterator[tuple[str, Value]]:
    """Every value of a phrase with the name of its parameter, lists taken apart."""
    for name, value in phrase.values():
        if isinstance(value, Many):
            yield from ((name, item) for item in value.items)
        else:
            yield name, value


def references(phrase: BoundPhrase, kind: str) -> Iterator[Reference]:
    """Every reference of a kind, those inside conditions too, which have the span of their condition."""
    for _, value in named_values(phrase):
        if isinstance(value, Reference) and value.kind == kind:
            yield value
        for formula in formulas(value):
            for call in calls(formula.expression):
                for argument in call.arguments.values():
                    match argument:
                        case {"ref": [str(named), str(name)]} if named == kind:
                            yield Reference(kind, name, formula.span)


def formulas(value: Value) -> Iterator[Formula]:
    """The conditions and computed values in a value."""
    match value:
        case Formula():
            yield value
        case Assignments(items) | Payload(items):
            yield from (formula for _, formula in items)


def calls(expression: Expression) -> Iterator[Call]:
    """Every call of the vocabulary inside an expression."""
    return (part for part in walk(expression) if isinstance(part, Call))


def is_bare(conversation: BoundConversation) -> bool:
    """Whether a chain stands outside of any `conversation`: it has no head in which anything could be set."""
    return any(thread.name_span == conversation.name_span for thread in conversation.threads)


def condition_of(phrase: BoundPhrase) -> Formula | None:
    """The condition that a step or a trigger asks, if it asks one."""
    return next((value for _, value in phrase.values() if isinstance(value, Formula) and is_condition(value)), None)


def is_condition(formula: Formula) -> bool:
    """Whether a formula is true or false, and not a value that is computed."""
    match formula.expression:
        case Compare() | Not() | All() | AnyOf() | Known():
            return True
        case Call(type=type_) | Field(type=type_):
            return type_ is ValueType.BOOLEAN
    return False


def watches(trigger: BoundTrigger) -> bool:
    """Whether contacts come in because a condition becomes true for them, and not by something that happens."""
    return any(
        isinstance(part, Param) and Kind.PREDICATE in part.kinds for form in trigger.signature.forms for part in form
    )


def entry_events(trigger: BoundTrigger) -> tuple[str, ...]:
    """The events that a trigger lets contacts in by."""
    named = [
        str(value.value)
        for _, value in named_values(trigger.phrase)
        if isinstance(value, Scalar) and value.kind is Kind.EVENT
    ]
    return (*trigger.signature.events, *named)
