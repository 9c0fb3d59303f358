"""From elements to assignments: `tier = "Gold", visits = visits + 1`."""

from __future__ import annotations

from conductor_dsl.language.ast import Word
from conductor_dsl.language.bind_literals import report_unfit
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_values import bind_operand
from conductor_dsl.language.bound import Assignments, FieldName, Formula
from conductor_dsl.language.signatures import Kind, Param
from conductor_dsl.shared.nearest import did_you_mean

_FIELD = Param("field", (Kind.FIELD,))


def bind_assignments(cursor: Cursor, scope: Scope) -> Assignments | None:
    """One assignment or more, with commas between them; None when a finding has been noted."""
    items = [_one(cursor, scope)]
    while cursor.accept(","):
        if not isinstance(cursor.peek(), Word):
            report_unfit((_FIELD,), cursor, scope, "`,`")
            return None
        items.append(_one(cursor, scope))
    good = tuple(item for item in items if item)
    seen: set[str] = set()
    for field, _ in good:
        if field.name in seen:
            scope.error("CDX007", field.span, f"`{field.name}` is set twice", "leave one of them out")
        seen.add(field.name)
    return Assignments(good, good[0][0].span.to(good[-1][1].span)) if len(good) == len(items) else None


def _one(cursor: Cursor, scope: Scope) -> tuple[FieldName, Formula] | None:
    word = cursor.take()
    assert isinstance(word, Word)
    if not cursor.accept("="):
        hint = f"write `{word.text} = ...`"
        report_unfit(("=",), cursor, scope, f"`{word.text}`", otherwise=hint)
        return None
    value = bind_operand(cursor, scope)
    field = bind_field_name(word, scope)
    return (field, value) if field and value else None


def bind_field_name(word: Word, scope: Scope, type_: str = "text") -> FieldName | None:
    """The field that a word names; None where there is none, which has been noted."""
    known = scope.fields.get(word.text)
    if known is not None:
        return FieldName(word.text, known, word.span)
    hint = did_you_mean(word.text, scope.fields)
    hint = hint or f"declare it at the top of the file: `field {word.text} {type_}`"
    scope.error("CDX005", word.span, f"there is no field `{word.text}`", hint)
    return None
