"""Findings as values; how they are shown is a renderer's business."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from conductor_dsl.language.source import Source, Span


class Severity(StrEnum):
    """How bad a finding is; only errors keep a script from running."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: what is wrong, where, and what to do about it.

    `code` is such as `CDX104`; a code is never renamed and never reused. The message is one clause in lower case
    without a stop, with the user's words in backticks; the remedy stands in the hint.
    """

    code: str
    severity: Severity
    span: Span
    message: str
    hint: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether the finding keeps the script from running."""
        return self.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding that a comment of the script takes away, with its reason."""

    finding: Diagnostic
    reason: str


@dataclass(frozen=True)
class Report:
    """A source with its findings, and with those that are waived, in the order of the text."""

    source: Source
    findings: tuple[Diagnostic, ...] = field(default=())
    waived: tuple[Waived, ...] = field(default=())

    @property
    def has_errors(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.is_error for finding in self.findings)


def error(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that keeps the script from running."""
    return Diagnostic(code, Severity.ERROR, span, message, hint)


def warning(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that deserves a look."""
    return Diagnostic(code, Severity.WARNING, span, message, hint)


def info(code: str, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A finding that is worth knowing, and may be meant."""
    return Diagnostic(code, Severity.INFO, span, message, hint)
