"""From chains and steps as written to bound ones."""

from __future__ import annotations

from conductor_dsl.language.ast import Block, Chain, Element, Ref, Step, Word
from conductor_dsl.language.bind_phrases import Signature, bind_options, bind_phrase, report_needed
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bound import BoundChain, BoundPhrase, BoundStep
from conductor_dsl.language.other_words import other_join, other_step
from conductor_dsl.language.signatures import Param
from conductor_dsl.language.source import Span
from conductor_dsl.shared.nearest import did_you_mean


def bind_chain(chain: Chain, scope: Scope) -> BoundChain:
    """Every step of a chain, the unknown and the broken ones too."""
    return BoundChain(tuple(bind_step(step, scope) for step in chain.steps), chain.span)


def bind_step(step: Step, scope: Scope) -> BoundStep:
    """A step with all its elements; those that mean nothing are findings."""
    signature = scope.vocabulary.steps.get(step.name.text)
    if signature is None:
        _report_unknown(step, scope)
        return BoundStep(step.name.text, step.name.span, None, BoundPhrase({}, (), broken=True), step.span)
    cursor = Cursor(step.elements, _end(step.span))
    phrase = bind_all(signature, step.name, cursor, scope)
    return BoundStep(signature.name, step.name.span, signature, phrase, step.span)


def bind_nested_step(cursor: Cursor, scope: Scope) -> BoundChain:
    """The step whose name comes next on the cursor, with what belongs to it, as a chain of its own."""
    word = cursor.take()
    assert isinstance(word, Word)
    signature = scope.vocabulary.steps[word.text]
    phrase = bind_phrase(signature, word, cursor, scope)
    if not phrase.broken:
        report_needed(signature, phrase, word, scope)
    span = word.span.to(cursor.before)
    return BoundChain((BoundStep(signature.name, word.span, signature, phrase, span),), span)


def bind_all(signature: Signature, head: Word, cursor: Cursor, scope: Scope) -> BoundPhrase:
    """A phrase that must use up the cursor; what is left over is reported, and options behind it are still bound."""
    phrase = bind_phrase(signature, head, cursor, scope)
    if phrase.broken:
        _skip_to_option(signature, cursor)
        phrase = bind_options(signature, phrase, cursor, scope)
    if not phrase.broken and not cursor.peek():
        report_needed(signature, phrase, head, scope)
    while left := cursor.peek():
        if not phrase.broken:
            _report_left_over(left, signature, head, scope)
        cursor.take()
        _skip_to_option(signature, cursor)
        phrase = bind_options(signature, phrase, cursor, scope)
    return phrase


def _skip_to_option(signature: Signature, cursor: Cursor) -> None:
    while cursor.peek() and not any(cursor.sees(option.keyword) for option in signature.options):
        cursor.take()


def _report_left_over(element: Element, signature: Signature, head: Word, scope: Scope) -> None:
    written = scope.written(element.span)
    keywords = [option.keyword for option in signature.options]
    match element:
        case Word(text, span) if text in scope.vocabulary.steps and not did_you_mean(text, keywords):
            scope.error("CDX008", span, f"`{text}` stands behind `{head.text}` without an arrow", f"write `-> {text}`")
        case Word(text, span):
            hint = other_join(text) or did_you_mean(text, keywords) or _options_hint(head, keywords)
            scope.error("CDX005", span, f"`{text}` is not an option of `{head.text}`", hint)
        case Ref(kind, _, span):
            hint = _keyword_for(kind, signature, written) or _options_hint(head, keywords)
            scope.error("CDX008", span, f"`{written}` has no place here in `{head.text}`", hint)
        case Block(_, span):
            scope.error("CDX008", span, f"a block has no place here in `{head.text}`")
        case _:
            message = f"`{written}` has no place here in `{head.text}`"
            scope.error("CDX008", element.span, message, _options_hint(head, keywords))


def _options_hint(head: Word, keywords: list[str]) -> str | None:
    listed = ", ".join(f"`{keyword}`" for keyword in keywords)
    return f"options of `{head.text}`: {listed}" if listed else f"`{head.text}` takes nothing more"


def _keyword_for(kind: str, signature: Signature, written: str) -> str | None:
    for option in signature.options:
        if any(isinstance(part, Param) and kind in part.refs for part in option.phrase):
            return f"write `{option.keyword} {written}`"
    return None


def _report_unknown(step: Step, scope: Scope) -> None:
    name = step.name.text
    hint = other_step(name) or did_you_mean(name, scope.vocabulary.steps)
    hint = hint or "steps: " + ", ".join(f"`{known}`" for known in sorted(scope.vocabulary.steps))
    scope.error("CDX005", step.name.span, f"there is no step `{name}`", hint)
    for element in step.elements:
        if isinstance(element, Block):
            for block in (element, *(arm.block for arm in element.arms)):
                if block.chain:
                    bind_chain(block.chain, scope)


def _end(span: Span) -> Span:
    """The last character of a span: where something is missing."""
    return Span(max(span.start, span.end - 1), span.end)
