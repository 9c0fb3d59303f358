"""Findings for people: the line with the place underlined, the remedy, and where to read more."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Diagnostic, Report
from conductor_dsl.language.report.counts import counts_in_words
from conductor_dsl.language.report.excerpt import Row, span_to_rows
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.language.source import Source

_NARROWEST = 20
"""Columns left for the script on however small a screen."""


def to_full(reports: Sequence[Report], look: Look) -> str:
    """Every finding with its excerpt, and a line of counts at the end."""
    findings = [_finding(report.source, finding, look) for report in reports for finding in report.findings]
    return "\n".join([*findings, printable(counts_in_words(reports)) + "\n"])


def _finding(source: Source, finding: Diagnostic, look: Look) -> str:
    title = look.severity(finding.severity, f"{finding.severity}[{finding.code}]")
    place = source.position(finding.span.start)
    gutter = len(str(source.position(finding.span.end).line))
    margin = " " * gutter + " "
    rows = span_to_rows(source, finding.span, max(look.width - gutter - 3, _NARROWEST))
    lines = [
        f"{title}: {look.bold(printable(finding.message))}",
        f"{' ' * gutter}{look.dim('-->')} {printable(source.name)}:{place.line}:{place.column}",
        margin + look.dim("|"),
        *(_row(row, gutter, finding, look) for row in rows),
        margin + look.dim("|"),
    ]
    if finding.hint:
        lines.append(f"{margin}{look.dim('=')} {look.bold('hint')}: {printable(finding.hint)}")
    lines.append(f"{margin}{look.dim('=')} more: conductor explain {finding.code}")
    return "\n".join(lines) + "\n"


def _row(row: Row, gutter: int, finding: Diagnostic, look: Look) -> str:
    number = "" if row.number is None else str(row.number)
    text = look.severity(finding.severity, row.text) if row.is_mark else row.text
    return f"{look.dim(f'{number:>{gutter}} |')} {text}".rstrip()
