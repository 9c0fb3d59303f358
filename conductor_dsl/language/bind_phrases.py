"""From elements to a bound phrase: which words belong together is what the signature says.

A form is chosen by looking ahead: the first whose fixed words and kinds fit. Then come options, in any order. What
belongs to neither is left on the cursor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Protocol

from conductor_dsl.language.ast import Literal, Ref, Word
from conductor_dsl.language.bind_literals import may_start, report_unfit, wanted
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bound import BoundOption, BoundPhrase, Many, Scalar, Value
from conductor_dsl.language.signatures import Kind, Option, Param, Phrase

OPEN_ENDED = frozenset({Kind.PREDICATE, Kind.VALUE, Kind.BRANCH, Kind.ASSIGNMENTS})
"""Kinds whose length only binding can tell."""


class Signature(Protocol):
    """Whatever declares forms and options."""

    @property
    def forms(self) -> tuple[Phrase, ...]:
        """The phrases to choose from."""

    @property
    def options(self) -> tuple[Option, ...]:
        """The phrases that may follow."""

    @property
    def example(self) -> str:
        """One written out, or nothing."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """How far a form fits: the number of its parts, and whether that is all of them, as far as can be seen."""

    form: Phrase
    depth: int
    complete: bool


def bind_phrase(signature: Signature, head: Word, cursor: Cursor, scope: Scope) -> BoundPhrase:
    """Bind one form and the options behind it; `head` is the word that calls for them."""
    scope = scope if scope.told is None else replace(scope, told=None)
    arguments, broken = _bind_form(signature, head, cursor, scope)
    if broken:
        return BoundPhrase(arguments, (), broken=True)
    return bind_options(signature, BoundPhrase(arguments, ()), cursor, scope)


def bind_options(signature: Signature, phrase: BoundPhrase, cursor: Cursor, scope: Scope) -> BoundPhrase:
    """A phrase with the options that stand on the cursor added to it."""
    options, broken = list(phrase.options), phrase.broken
    scope = _telling(phrase.arguments.values(), scope)
    while option := _option_at(signature, cursor):
        bound, spoiled = _bind_option(option, cursor, scope)
        scope = _telling(bound.arguments.values(), scope)
        broken = broken or spoiled
        if option.once and any(other.keyword == option.keyword for other in options):
            scope.error("CDX007", bound.span, f"`{option.keyword}` stands twice", "leave one of them out")
        if not _belongs(option, phrase) and not broken:
            hint = f"it stands only behind {_places(option, signature)}"
            scope.error("CDX008", bound.span, f"`{option.keyword}` has no place here", hint)
        options.append(bound)
    _report_needless(signature, options, scope)
    return BoundPhrase(phrase.arguments, tuple(options), broken)


def _report_needless(signature: Signature, options: Iterable[BoundOption], scope: Scope) -> None:
    """Say which options another one leaves nothing to do."""
    written = {option.keyword: option for option in options}
    for option in signature.options:
        if option.keyword in written and option.never_with in written:
            message = f"`{option.keyword}` is for nobody: everybody has `{option.never_with}`"
            hint = f"leave out `{option.keyword}` or `{option.never_with}`"
            scope.error("CDX008", written[option.keyword].span, message, hint)


def fit(signature: Signature, cursor: Cursor) -> tuple[bool, int]:
    """How well the form that fits best does: whether in full, as far as can be seen, and how many parts of it."""
    return max((each.complete, each.depth) for each in (_fit(form, cursor) for form in signature.forms))


def report_needed(signature: Signature, phrase: BoundPhrase, head: Word, scope: Scope) -> None:
    """Say which options are missing that the form needs."""
    for option in signature.options:
        if option.needed and _belongs(option, phrase) and not phrase.option(option.keyword):
            words = " ".join(takewhile(lambda part: isinstance(part, str), option.phrase))  # type: ignore[arg-type]
            param = next(part for part in option.phrase if isinstance(part, Param))
            scope.error("CDX008", head.span, f"`{head.text}` needs `{words}` here", f"{option.doc}: {wanted(param)}")


def _belongs(option: Option, phrase: BoundPhrase) -> bool:
    return not option.beside or any(name in phrase.arguments for name in option.beside)


def _places(option: Option, signature: Signature) -> str:
    """What an option may stand behind, in words."""
    params = (part for form in signature.forms for part in form if isinstance(part, Param))
    return " or ".join(dict.fromkeys(wanted(param) for param in params if param.name in option.beside))


def skip_operands(cursor: Cursor) -> None:
    """Step over the literals and references behind a word that has no meaning."""
    while isinstance(cursor.peek(), Literal | Ref):
        cursor.take()


def _option_at(signature: Signature, cursor: Cursor) -> Option | None:
    return next((option for option in signature.options if cursor.sees(option.keyword)), None)


def _bind_option(option: Option, cursor: Cursor, scope: Scope) -> tuple[BoundOption, bool]:
    start = cursor.here
    fits = _fit(option.phrase, cursor)
    arguments, broken = _bind_parts(fits.form, fits.depth, cursor, scope)
    if not fits.complete and not broken:
        report_unfit((fits.form[fits.depth],), cursor, scope, f"`{option.keyword}`")
        broken = True
    return BoundOption(option.keyword, arguments, option.once, start.to(cursor.before)), broken


def _bind_form(signature: Signature, head: Word, cursor: Cursor, scope: Scope) -> tuple[dict[str, Value], bool]:
    keywords = frozenset(option.keyword for option in signature.options)
    fits = [_fit(form, cursor, keywords) for form in signature.forms]
    chosen = next((fit for fit in fits if fit.complete), None)
    if chosen:
        return _bind_parts(chosen.form, len(chosen.form), cursor, scope)
    deepest = max(fits, key=lambda fit: fit.depth)
    arguments, broken = _bind_parts(deepest.form, deepest.depth, cursor, scope)
    if not broken:
        parts = [fit.form[fit.depth] for fit in fits if fit.depth == deepest.depth]
        hint = _forgotten_word(fits, head, cursor, scope)
        if signature.example and (len(signature.forms) == 1 or not deepest.depth):
            hint = hint or f"write it as in `{signature.example}`"
        report_unfit(parts, cursor, scope, f"`{head.text}`", otherwise=hint)
    return arguments, True


def _forgotten_word(fits: list[_Fit], head: Word, cursor: Cursor, scope: Scope) -> str | None:
    """The remedy for `reentry 90d` and `exit order.placed`, where only the first word of the phrase is missing."""
    element = cursor.peek()
    for form in (fit.form for fit in fits if fit.depth == 0 and len(fit.form) > 1):
        word, part = form[:2]
        if element and isinstance(word, str) and isinstance(part, Param) and may_start(part, element):
            return f"write `{head.text} {word} {scope.written(element.span)}`"
    return None


def _fit(form: Phrase, cursor: Cursor, keywords: frozenset[str] = frozenset()) -> _Fit:
    """How far a form fits; `keywords` begin the options behind it, and are no fields in it."""
    for ahead, part in enumerate(form):
        element = cursor.peek(ahead)
        fits = cursor.sees(part, ahead) if isinstance(part, str) else may_start(part, element)
        if isinstance(part, Param) and Kind.FIELD in part.kinds:
            fits = fits and not (isinstance(element, Word) and element.text in keywords)
        if not fits and isinstance(part, Param) and part.optional:
            break
        if not fits:
            return _Fit(form, ahead, complete=False)
        if isinstance(part, Param) and (part.many or OPEN_ENDED.intersection(part.kinds)):
            break
    return _Fit(form, len(form), complete=True)


def _bind_parts(form: Phrase, depth: int, cursor: Cursor, scope: Scope) -> tuple[dict[str, Value], bool]:
    """Bind the first parts of a form; the flag says that one of them could not be bound."""
    arguments: dict[str, Value] = {}
    broken = False
    for part in form[:depth]:
        if isinstance(part, str):
            if not cursor.accept(part):
                report_unfit((part,), cursor, scope, f"`{scope.written(cursor.before)}`")
                return arguments, True
            continue
        if part.optional and not may_start(part, cursor.peek()):
            continue
        if not may_start(part, cursor.peek()):
            report_unfit((part,), cursor, scope, f"`{scope.written(cursor.before)}`")
            return arguments, True
        value = scope.bind_param(part, cursor, scope)
        broken = broken or value is None
        if value is not None:
            arguments[part.name] = value
            scope = _telling((value,), scope)
    return arguments, broken


def _telling(values: Iterable[Value], scope: Scope) -> Scope:
    """The scope for what follows in a phrase, where these values have named events."""
    for value in values:
        items = value.items if isinstance(value, Many) else (value,)
        for item in items:
            if isinstance(item, Scalar) and item.kind is Kind.EVENT:
                scope = replace(scope, told={**scope.events.get(str(item.value), {}), **(scope.told or {})})
    return scope
