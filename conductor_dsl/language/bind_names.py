"""From the declarations of a file, and of the others of its project, to the names that have a meaning in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from conductor_dsl.language.ast import EventDeclaration, FieldDeclaration, File, SegmentDeclaration
from conductor_dsl.language.bind_declarations import bind_events, bind_fields
from conductor_dsl.language.bind_params import bind_param
from conductor_dsl.language.bind_scope import Scope
from conductor_dsl.language.bind_segments import Segment, bind_segments
from conductor_dsl.language.bind_shared import report_conflicts
from conductor_dsl.language.bound import Formula
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import CONTACT_FIELDS, EVENTS, Context, SharedItem
from conductor_dsl.language.words import RESERVED


def file_scope(file: File, source: Source, context: Context, findings: list[Diagnostic]) -> Scope:
    """Everything that a file may name; what is wrong with its own declarations is added to the findings."""
    report_conflicts(file, source, context.shared, findings)
    shared = [each.item for each in context.shared]
    predicates = context.vocabulary.predicates
    others = bind_fields(
        (item for item in shared if isinstance(item, FieldDeclaration)), CONTACT_FIELDS, predicates, []
    )
    fields = (item for item in file.items if isinstance(item, FieldDeclaration))
    elsewhere = bind_events((item for item in shared if isinstance(item, EventDeclaration)), EVENTS, [])
    events = (item for item in file.items if isinstance(item, EventDeclaration))
    scope = Scope(
        source=source,
        vocabulary=context.vocabulary,
        fields=bind_fields(fields, others, predicates, findings),
        events=bind_events(events, elsewhere, findings),
        bind_param=bind_param,
        findings=findings,
    )
    return scope.with_segments(_segments(file, context.shared, scope))


def _segments(file: File, shared: Iterable[SharedItem], scope: Scope) -> Mapping[str, Formula | None]:
    """The segments of the file, and those of others that it may name: their names stand somewhere in its text."""
    known: dict[str, Segment] = {}
    for each in shared:
        if isinstance(each.item, SegmentDeclaration):
            theirs = replace(scope, source=each.source, findings=[], reports=False)
            known.setdefault(each.item.name.text, Segment(each.item, theirs))
    own: dict[str, Segment] = {}
    for item in file.items:
        if isinstance(item, SegmentDeclaration) and _is_free(item, own, scope):
            own[item.name.text] = Segment(item, scope)
    known |= own
    return bind_segments(known, [name for name in known if name in own or name in scope.source.text])


def _is_free(segment: SegmentDeclaration, own: Mapping[str, Segment], scope: Scope) -> bool:
    """Whether a name means nothing else; what it means else is noted."""
    name, span = segment.name.text, segment.name.span
    if name in own:
        scope.error("CDX007", span, f"the segment `{name}` is declared twice", "leave one of them out")
    elif name in scope.fields:
        scope.error("CDX007", span, f"`{name}` is a field already", "choose another name for the segment")
    elif name in scope.vocabulary.predicates or name in RESERVED or "." in name:
        scope.error("CDX007", span, f"`{name}` cannot be the name of a segment", "choose another name")
    else:
        return True
    return False
