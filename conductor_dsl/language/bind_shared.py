"""What the other scripts of a project declare, beside what this one does: the same name means the same everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration, File, SegmentDeclaration
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.scan import scan, without_comments
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import SharedItem

Declaration = FieldDeclaration | EventDeclaration | SegmentDeclaration
_WORDS = {FieldDeclaration: "field", EventDeclaration: "event", SegmentDeclaration: "segment"}


def report_conflicts(file: File, source: Source, shared: Iterable[SharedItem], findings: list[Diagnostic]) -> None:
    """Note every declaration of the file that another script makes differently."""
    others = {(type(each.item), each.item.name.text): each for each in shared}
    for item in file.items if others else ():
        if not isinstance(item, Declaration):
            continue
        other = others.get((type(item), item.name.text))
        if other is None or _meaning(item, source) == _meaning(other.item, other.source):
            continue
        place = f"{other.source.name}:{other.source.position(other.item.span.start).line}"
        message = f"the {_WORDS[type(item)]} `{item.name.text}` is declared differently in `{place}`"
        hint = "let both say the same, or leave one out: what a script declares holds for its whole project"
        findings.append(error("CDX007", item.name.span, message, hint))


def _meaning(item: Declaration, source: Source) -> object:
    """What a declaration says, however it is written."""
    match item:
        case FieldDeclaration(_, type_):
            return type_.text
        case EventDeclaration(_, fields):
            return {(field.name.text, field.type.text) for field in fields}
    return [token.text for token in without_comments(scan(source.excerpt(item.span)))]
