"""One line for each finding: `winback.cdx:1:29: error[CDX101] unknown step ...`, which editors can follow."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Diagnostic, Report
from conductor_dsl.language.report.look import Look, printable
from conductor_dsl.language.source import Source


def to_concise(reports: Sequence[Report], look: Look) -> str:
    """Every finding on a line of its own; empty where there is none."""
    return "".join(_line(report.source, finding, look) for report in reports for finding in report.findings)


def _line(source: Source, finding: Diagnostic, look: Look) -> str:
    place = source.position(finding.span.start)
    title = look.severity(finding.severity, f"{finding.severity}[{finding.code}]")
    hint = f" ({printable(finding.hint)})" if finding.hint else ""
    where = look.bold(f"{printable(source.name)}:{place.line}:{place.column}:")
    return f"{where} {title} {printable(finding.message)}{hint}\n"
