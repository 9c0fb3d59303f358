"""From a script to what it holds, for an outline."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.editor.nouns import OpenScript, Symbol, WordKind
from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration, SegmentDeclaration, TestDeclaration
from conductor_dsl.language.bound import BoundConversation, BoundThread
from conductor_dsl.language.step_names import named_steps


def symbols(script: OpenScript) -> list[Symbol]:
    """Declarations, conversations with their threads and steps, and tests, in the order of the text."""
    found = [*_declared(script), *map(_conversation, script.checked.conversations)]
    return sorted(found, key=lambda symbol: symbol.span)


def _declared(script: OpenScript) -> Iterator[Symbol]:
    for item in script.file.items if script.file else ():
        match item:
            case FieldDeclaration(name):
                yield Symbol(name.text, WordKind.FIELD, item.span, name.span)
            case EventDeclaration(name):
                yield Symbol(name.text, WordKind.EVENT, item.span, name.span)
            case SegmentDeclaration(name):
                yield Symbol(name.text, WordKind.SEGMENT, item.span, name.span)
            case TestDeclaration(title):
                yield Symbol(title.text, WordKind.NAME, item.span, title.span)


def _conversation(conversation: BoundConversation) -> Symbol:
    threads = tuple(map(_thread, conversation.threads))
    return Symbol(conversation.name, WordKind.ITEM, conversation.span, conversation.name_span, threads)


def _thread(thread: BoundThread) -> Symbol:
    steps = tuple(Symbol(name, WordKind.STEP, step.span, step.name_span) for name, step in named_steps(thread).items())
    return Symbol(thread.name, WordKind.ITEM, thread.span, thread.name_span, steps)
