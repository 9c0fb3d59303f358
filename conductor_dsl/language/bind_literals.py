"""What may stand in the place of a parameter, seen from its first element, and what to say when something else does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from conductor_dsl.language.ast import Block, Element, Group, Literal, LiteralType, Operator, Ref, Word
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_types import describe
from conductor_dsl.language.bound import Scalar
from conductor_dsl.language.expressions import TEXTUAL, ValueType
from conductor_dsl.language.signatures import Kind, Param
from conductor_dsl.language.source import Span
from conductor_dsl.shared.draw import WHOLE
from conductor_dsl.shared.nearest import did_you_mean

LITERALS: Mapping[Kind, LiteralType] = MappingProxyType(
    {
        Kind.TEXT: LiteralType.TEXT,
        Kind.TEMPLATE: LiteralType.TEXT,
        Kind.NUMBER: LiteralType.NUMBER,
        Kind.DURATION: LiteralType.DURATION,
        Kind.CLOCK: LiteralType.CLOCK,
        Kind.DATE: LiteralType.DATE,
        Kind.PERCENT: LiteralType.PERCENT,
    }
)
"""The kinds of parameters that take a literal, with its type."""

_WANTED = {
    Kind.TEXT: 'a text such as `"..."`',
    Kind.TEMPLATE: 'a text such as `"..."`',
    Kind.NUMBER: "a number",
    Kind.DURATION: "a duration such as `3d`",
    Kind.CLOCK: "a clock time such as `10:00`",
    Kind.DATE: "a date such as `2026-11-27`",
    Kind.PERCENT: "a percentage such as `10%`",
    Kind.FIELD: "a field",
    Kind.EVENT: "an event such as `order.placed`",
    Kind.PREDICATE: "a condition",
    Kind.VALUE: "a value",
    Kind.ASSIGNMENTS: 'a field with its value, such as `tier = "Gold"`',
    Kind.BRANCH: "`pass`, a step or a block `{ ... }`",
    Kind.ARMS: "a block of shares `{ 50% { ... } 50% { ... } }`",
    Kind.PAYLOAD: 'names with values `{ name "..." }`',
}
MOST_WORDS = 4
"""How many words are worth listing."""
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "month", "months"), "mo"),
    **dict.fromkeys(("y", "year", "years"), "y"),
}


def may_start(param: Param, element: Element | None) -> bool:
    """Whether an element can be the first of what a parameter takes."""
    if param.optional and Kind.BRANCH in param.kinds:
        return isinstance(element, Block)
    return any(_may_be(kind, param, element) for kind in param.kinds)


def _may_be(kind: Kind, param: Param, element: Element | None) -> bool:
    if kind in LITERALS:
        return isinstance(element, Literal) and element.type is LITERALS[kind]
    match kind:
        case Kind.REF:
            return isinstance(element, Ref) and element.kind in param.refs
        case Kind.WORD:
            return isinstance(element, Word) and (not param.words or element.text in param.words)
        case Kind.VALUE if param.types:
            return isinstance(element, Word | Group) or _is_of(param, element)
        case Kind.PREDICATE | Kind.VALUE:
            return isinstance(element, Word | Literal | Group | Operator)
        case Kind.BRANCH:
            return isinstance(element, Block | Word)
        case Kind.ARMS | Kind.PAYLOAD:
            return isinstance(element, Block)
    return isinstance(element, Word)


def _is_of(param: Param, element: Element | None) -> bool:
    """Whether an element is a text or a number, and that is wanted; dates are a kind of their own."""
    if not isinstance(element, Literal):
        return False
    if element.type is LiteralType.NUMBER:
        return ValueType.NUMBER in param.types
    return element.type is LiteralType.TEXT and not TEXTUAL.isdisjoint(param.types)


def wanted(part: str | Param) -> str:
    """What belongs in a place of a phrase, in words."""
    if isinstance(part, str):
        return f"`{part}`"
    return " or ".join(dict.fromkeys(_wanted(kind, part) for kind in part.kinds))


def _wanted(kind: Kind, param: Param) -> str:
    if kind is Kind.REF:
        return " or ".join(f'`{ref}:"..."`' for ref in param.refs)
    if kind is Kind.WORD:
        if len(param.words) > MOST_WORDS:
            return f"a word such as `{param.words[0]}`"
        return " or ".join(f"`{word}`" for word in param.words) or "a word"
    if kind is Kind.VALUE and param.types:
        return " or ".join(describe(type_) for type_ in param.types)
    return _WANTED[kind]


def report_unfit(
    parts: Sequence[str | Param], cursor: Cursor, scope: Scope, head: str, *, otherwise: str | None = None
) -> None:
    """Say that none of the wanted parts stands here; `head` names who wants them, in backticks.

    `otherwise` is the hint where what was found suggests none.
    Takes `3 days` from the cursor where a duration is wanted, and nothing else.
    """
    wants = list(dict.fromkeys(wanted(part) for part in parts))
    element = cursor.peek()
    if element is None:
        scope.error("CDX008", cursor.here, f"{head} needs {_listed(wants)}", otherwise)
        return
    if _report_spaced_duration(parts, cursor, scope):
        return
    code = "CDX005" if isinstance(element, Word) else "CDX112"
    message = f"{head} needs {_listed(wants)}, found `{scope.written(element.span)}`"
    if len(wants) > MOST_WORDS:
        message = f"`{scope.written(element.span)}` does not fit behind `{scope.written(cursor.before)}`"
        otherwise = otherwise or f"there stands {_listed(wants)}"
    scope.error(code, element.span, message, _remedy(parts, element, cursor, scope) or otherwise)


def _listed(wants: Sequence[str]) -> str:
    """Several things in words: `a`, `b` or `c`."""
    return " or ".join(filter(None, (", ".join(wants[:-1]), wants[-1])))


def _report_spaced_duration(parts: Sequence[str | Param], cursor: Cursor, scope: Scope) -> bool:
    number, unit = cursor.peek(), cursor.peek(1)
    wants_one = any(isinstance(part, Param) and Kind.DURATION in part.kinds for part in parts)
    is_number = isinstance(number, Literal) and number.type is LiteralType.NUMBER
    if not (wants_one and is_number and isinstance(unit, Word) and unit.text.lower() in _UNITS):
        return False
    assert isinstance(number, Literal)
    span = number.span.to(unit.span)
    hint = f"write `{number.text}{_UNITS[unit.text.lower()]}`"
    scope.error("CDX112", span, f"`{scope.written(span)}` is not a duration", hint)
    cursor.take()
    cursor.take()
    return True


def _remedy(parts: Sequence[str | Param], element: Element, cursor: Cursor, scope: Scope) -> str | None:
    params = [part for part in parts if isinstance(part, Param)]
    kinds = {kind for param in params for kind in param.kinds}
    refs = [ref for param in params for ref in param.refs]
    match element:
        case Word(text):
            fixed = [part for part in parts if isinstance(part, str)]
            hint = did_you_mean(text, fixed + [word for param in params for word in param.words])
            if Kind.DURATION in kinds and text.lower() in _UNITS:
                hint = f"write `1{_UNITS[text.lower()]}`"
            quoted = _quotes_remedy(_unbroken(cursor, scope), kinds, refs)
            return hint or (None if isinstance(cursor.peek(1), Literal) else quoted)
        case Literal(LiteralType.TEXT) if refs:
            return f'write `{refs[0]}:"{element.text}"`'
        case Literal(LiteralType.TEXT) if kinds & set(LITERALS) and element.text[:1].isdigit():
            return f"write `{element.text}` without quotes"
        case Literal(LiteralType.NUMBER) if refs:
            return f'write `{refs[0]}:"{element.text}"`'
        case Literal(LiteralType.NUMBER) if Kind.DURATION in kinds:
            return f"write `{element.text}d` for days, `{element.text}h` for hours"
        case Literal(LiteralType.NUMBER) if Kind.CLOCK in kinds:
            return _clock_remedy(element, cursor)
        case Ref(kind) if refs:
            return f'a `{kind}:` does not fit here; write `{refs[0]}:"..."`'
    return None


def _quotes_remedy(written: str, kinds: set[Kind], refs: list[str]) -> str | None:
    """What a word was meant to be whose quotes were forgotten."""
    if kinds & {Kind.TEXT, Kind.TEMPLATE}:
        return f'put quotes around a text: `"{written}"`'
    return f'write `{refs[0]}:"{written}"`' if refs else None


def _unbroken(cursor: Cursor, scope: Scope) -> str:
    """What was written from the next element to the first blank, such as `America/New_York`."""
    span = cursor.here
    ahead = 1
    while (element := cursor.peek(ahead)) and element.span.start == span.end:
        span = span.to(element.span)
        ahead += 1
    return scope.written(span)


def _clock_remedy(element: Literal, cursor: Cursor) -> str | None:
    """What `9` or `9-20` was meant to be."""
    span = [element]
    if cursor.sees("-", 1) and isinstance(closes := cursor.peek(2), Literal):
        span.append(closes)
    hours = [literal.text for literal in span]
    if not all(hour.isdigit() and int(hour) < 24 for hour in hours):
        return None
    return f"write `{'-'.join(f'{int(hour):02}:00' for hour in hours)}`"


def bind_duration(cursor: Cursor, scope: Scope, head: str) -> Scalar | None:
    """The duration that must stand here, as written."""
    param = Param("duration", (Kind.DURATION,))
    element = cursor.peek()
    if isinstance(element, Literal) and may_start(param, element):
        cursor.take()
        return Scalar(Kind.DURATION, element.text, element.span)
    report_unfit((param,), cursor, scope, head)
    return None


def is_share(percent: str) -> bool:
    """Whether a percentage is a part of everybody that the engine can count: in hundredths of a percent."""
    hundredths = Decimal(percent.rstrip("%")) * 100
    return 0 < hundredths <= WHOLE and hundredths == int(hundredths)


def report_share(span: Span, scope: Scope) -> None:
    """Say that a percentage is no share."""
    hint = "a share lies between 0.01% and 100%, with at most two digits behind the point"
    scope.error("CDX022", span, f"`{scope.written(span)}` is not a share", hint)
