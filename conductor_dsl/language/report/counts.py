"""How many findings there are, as numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Report, Severity

_NOUNS = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))


def count(reports: Sequence[Report], severity: Severity) -> int:
    """The number of findings of one severity."""
    return sum(finding.severity is severity for report in reports for finding in report.findings)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counts_in_words(reports: Sequence[Report]) -> str:
    """`2 errors, 1 warning in winback.cdx`, `1 error in 2 of 5 files`, or `winback.cdx: ok`; and how much is waived."""
    found = [(count(reports, severity), noun) for severity, noun in _NOUNS]
    words = ", ".join(counted(number, noun) for number, noun in found if number)
    waived = sum(len(report.waived) for report in reports)
    rest = f"; {counted(waived, 'finding')} waived" if waived else ""
    if not words:
        return f"{reports[0].source.name if len(reports) == 1 else counted(len(reports), 'file')}: ok{rest}"
    return f"{words} in {_files(reports)}{rest}"


def _files(reports: Sequence[Report]) -> str:
    touched = [report.source.name for report in reports if report.findings]
    return touched[0] if len(touched) == 1 else f"{len(touched)} of {counted(len(reports), 'file')}"
