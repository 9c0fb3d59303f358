"""What the values in a script stand for."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from string import digits

from conductor_dsl.language.ast import Literal, LiteralType
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.source import Span
from conductor_dsl.language.text_literals import read_text
from conductor_dsl.shared.duration import Duration

MOST_DIGITS = 15


def token_to_literal(kind: str, text: str, span: Span, findings: list[Diagnostic]) -> Literal:
    """The literal written as `text`, `kind` naming its terminal.

    A value that does not exist becomes a harmless one, and a finding is added.
    """
    match kind:
        case "DURATION":
            return Literal(LiteralType.DURATION, _duration(text, span, findings), span)
        case "CLOCK":
            return Literal(LiteralType.CLOCK, _clock(text, span, findings), span)
        case "DATE":
            return Literal(LiteralType.DATE, _date(text, span, findings), span)
        case "PERCENT":
            return Literal(LiteralType.PERCENT, Decimal(_digits(text[:-1], span, findings)), span)
        case "NUMBER":
            digits = _digits(text, span, findings)
            return Literal(LiteralType.NUMBER, Decimal(digits) if "." in digits else int(digits), span)
    return text_literal(text, span, findings)


def text_literal(raw: str, span: Span, findings: list[Diagnostic]) -> Literal:
    """The literal of a text in quotes."""
    text = read_text(raw, span.start)
    for escape in text.unknown_escapes:
        written = raw[escape.start - span.start : escape.end - span.start].strip()
        hint = r"write `\\` for a backslash; the others are `\"`, `\n` and `\t`"
        findings.append(error("CDX001", escape, f"`{written}` stands for no character", hint))
    return Literal(LiteralType.TEXT, text.value, span, text.origins)


def _duration(text: str, span: Span, findings: list[Diagnostic]) -> Duration:
    try:
        return Duration.parse(text)
    except ValueError:
        message = f"`{_short(text)}` is too long a time"
        findings.append(error("CDX001", span, message, "use at most 100000 of a unit"))
        return Duration.parse(f"1{text.lstrip(digits)}")


def _clock(text: str, span: Span, findings: list[Diagnostic]) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        hint = "clock times go from `00:00` to `23:59`"
        findings.append(error("CDX001", span, f"`{text}` is not a time of day", hint))
        return "00:00"


def _date(text: str, span: Span, findings: list[Diagnostic]) -> str:
    try:
        date.fromisoformat(text)
        return text
    except ValueError:
        hint = "dates are written year-month-day, such as `2026-11-27`"
        findings.append(error("CDX001", span, f"`{text}` is not a day of the calendar", hint))
        return "1970-01-01"


def _digits(text: str, span: Span, findings: list[Diagnostic]) -> str:
    if len(text.replace(".", "")) <= MOST_DIGITS:
        return text
    hint = f"use at most {MOST_DIGITS} digits; put identifiers in quotes"
    findings.append(error("CDX001", span, f"`{_short(text)}` has too many digits", hint))
    return "0"


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}..."
