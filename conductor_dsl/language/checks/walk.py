"""Ways through a bound conversation that several checks take."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import (
    BoundConversation,
    BoundFile,
    BoundPhrase,
    BoundStep,
    BoundThread,
    Formula,
    Many,
    Reference,
    Value,
    chain_steps,
)
from conductor_dsl.language.expressions import All, AnyOf, Call, Compare, Expression, Not


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
        elif isinstance(value, Formula):
            for call in calls(value.expression):
                for argument in call.arguments.values():
                    match argument:
                        case {"ref": [str(named), str(name)]} if named == kind:
                            yield Reference(kind, name, value.span)


def calls(expression: Expression) -> Iterator[Call]:
    """Every call of the vocabulary inside an expression."""
    match expression:
        case Call():
            yield expression
        case Compare(left=left, right=right):
            yield from calls(left)
            yield from calls(right)
        case Not(item=item):
            yield from calls(item)
        case All(items=items) | AnyOf(items=items):
            for item in items:
                yield from calls(item)
