"""From the header of a thread, or the first step of a bare chain, to what lets contacts in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from conductor_dsl.language.ast import Element, Word
from conductor_dsl.language.bind_scope import Cursor, EventFields, Scope
from conductor_dsl.language.bind_steps import bind_all
from conductor_dsl.language.bound import BoundTrigger
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.signatures import Kind, Param, TriggerSignature
from conductor_dsl.shared.nearest import did_you_mean


def trigger_words(scope: Scope) -> tuple[str, ...]:
    """The words with which triggers start."""
    triggers = scope.vocabulary.triggers.values()
    return tuple(dict.fromkeys(str(form[0]) for trigger in triggers for form in trigger.forms))


def entry_fields(headers: Iterable[Sequence[Element]], scope: Scope) -> EventFields:
    """The fields of every event that lets contacts in by these headers."""
    fields: dict[str, ValueType | None] = {}
    for header in headers:
        for name in _events(header, scope):
            fields = {**scope.events.get(name, {}), **fields}
    return fields


def _events(header: Sequence[Element], scope: Scope) -> Iterator[str]:
    """The events of a header: those of its trigger, and those that its words name before the first option."""
    first = header[0] if header else None
    if not isinstance(first, Word) or first.text not in trigger_words(scope):
        return
    signature = _signature(header, first, scope)
    if any(isinstance(part, Param) and Kind.PREDICATE in part.kinds for form in signature.forms for part in form):
        return
    yield from signature.events
    keywords = {option.keyword for option in signature.options}
    for element in header[1:]:
        if isinstance(element, Word):
            if element.text in keywords:
                return
            if element.text in scope.events:
                yield element.text


def bind_trigger(header: Sequence[Element], scope: Scope) -> BoundTrigger | None:
    """What a header means; its own condition may read the event it names. No header, no trigger."""
    if not header:
        return None
    first, words = header[0], trigger_words(scope)
    if not isinstance(first, Word) or first.text not in words:
        written = scope.written(first.span)
        hint = did_you_mean(written, words) or "write `when CONDITION`, `on EVENT`, or nothing"
        scope.error("CDX005", first.span, f"`{written}` does not let anybody in", hint)
        return None
    signature = _signature(header, first, scope)
    inner = scope.entered_by(entry_fields([header], scope))
    cursor = Cursor(header[1:], header[-1].span)
    phrase = bind_all(_behind_head(signature, first), first, cursor, inner)
    span = first.span.to(header[-1].span)
    return None if phrase.broken else BoundTrigger(signature, phrase, span)


def _behind_head(signature: TriggerSignature, head: Word) -> TriggerSignature:
    """The signature without the word that has been read already."""
    return replace(signature, forms=tuple(form[1:] for form in signature.forms if form[0] == head.text))


def _signature(header: Sequence[Element], head: Word, scope: Scope) -> TriggerSignature:
    """The trigger whose fixed words fit best; the first of equals."""
    candidates = [
        (_fixed_words(form, header), signature)
        for signature in scope.vocabulary.triggers.values()
        for form in signature.forms
        if form[0] == head.text
    ]
    return max(candidates, key=lambda candidate: candidate[0])[1]


def _fixed_words(form: Sequence[object], header: Sequence[Element]) -> int:
    """How many words at the start of a form stand there; none where a fixed word is missing, or names one of a list."""
    count = 0
    for part, element in zip(form, header, strict=False):
        if not isinstance(part, str):
            break
        if count and Cursor(header[count + 1 :], element.span).sees(","):
            return 0
        if not isinstance(element, Word) or element.text != part:
            return 0
        count += 1
    return count
