"""From a word or a reference to where it is declared."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.editor.nouns import OpenScript, Place
from conductor_dsl.editor.token_at import named_at, token_at
from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration, SegmentDeclaration
from conductor_dsl.language.bound import BoundConversation, BoundThread, Reference
from conductor_dsl.language.scan import TokenKind
from conductor_dsl.language.source import Source, Span
from conductor_dsl.language.step_names import Targets

Declaration = EventDeclaration | FieldDeclaration | SegmentDeclaration


def find_declaration(script: OpenScript, offset: int) -> Place | None:
    """Where what stands at an offset is declared: a step, a thread, a saved message, a field, an event, a segment."""
    named = named_at(script.source.text, offset)
    if named:
        return _referred(script, Reference(*named, Span(offset, offset)), offset)
    token = token_at(script.source.text, offset)
    return declaration_of(script, token.text) if token and token.kind is TokenKind.WORD else None


def declaration_of(script: OpenScript, name: str) -> Place | None:
    """Where a field, an event or a segment is declared, in this script or in another of its project."""
    for item, source in _declarations(script):
        if item.name.text == name:
            return Place(source.name, source, item.span)
    return None


def _declarations(script: OpenScript) -> Iterator[tuple[Declaration, Source]]:
    for item in script.file.items if script.file else ():
        if isinstance(item, Declaration):
            yield item, script.source
    for shared in script.context.shared:
        yield shared.item, shared.source


def _referred(script: OpenScript, reference: Reference, offset: int) -> Place | None:
    if reference.kind == "saved":
        message = script.context.catalogue.saved.get(reference.name)
        return Place(message.path) if message and message.path else None
    for conversation, thread in _around(script, offset):
        if reference.kind == "thread":
            named = [each for each in conversation.threads if each.name == reference.name]
            return Place(script.source.name, script.source, named[0].name_span) if named else None
        target = Targets(conversation).find(reference, thread)
        if target:
            label = target.label
            return Place(script.source.name, script.source, label.span if label else target.name_span)
    return None


def _around(script: OpenScript, offset: int) -> Iterator[tuple[BoundConversation, BoundThread]]:
    """The conversation and thread in which an offset stands."""
    for conversation in script.checked.conversations:
        for thread in conversation.threads:
            if thread.span.start <= offset <= thread.span.end:
                yield conversation, thread
