"""How many findings there are, as numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Report, Severity


def count(reports: Sequence[Report], severity: Severity) -> int:
    """The number of findings of one severity."""
    return sum(finding.severity is severity for report in reports for finding in report.findings)


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counts_in_words(reports: Sequence[Report]) -> str:
    """`2 errors, 1 warning in winback.cdx`, `1 error in 2 of 5 files`, or `winback.cdx: ok`."""
    found = [(count(reports, severity), str(severity)) for severity in (Severity.ERROR, Severity.WARNING)]
    words = ", ".join(counted(number, noun) for number, noun in found if number)
    if not words:
        return f"{reports[0].source.name}: ok" if len(reports) == 1 else f"{counted(len(reports), 'file')}: ok"
    return f"{words} in {_files(reports)}"


def _files(reports: Sequence[Report]) -> str:
    touched = [report.source.name for report in reports if report.findings]
    return touched[0] if len(touched) == 1 else f"{len(touched)} of {counted(len(reports), 'file')}"
