"""Findings as JSON for programs.

The shape is stable: `{"version": 1, "files": [...], "errors": 2, "warnings": 1, "findings": [...], "waived": [...]}`. A
finding has `file`, `code`, `severity` (`error`, `warning` or `info`), `message`, `hint` (text or null), `line`,
`column`, `end_line`, `end_column` (all from 1, in characters, the end exclusive) and `text`, the characters it is
about. One that is waived has a `reason`, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from conductor_dsl.language.diagnostics import Diagnostic, Report, Severity
from conductor_dsl.language.report.counts import count
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.source import Source

LONGEST_TEXT = 200


def to_json(reports: Sequence[Report], _look: Look) -> str:
    """One JSON object with every finding of every file; the look does not matter."""
    data = {
        "version": 1,
        "files": [report.source.name for report in reports],
        "errors": count(reports, Severity.ERROR),
        "warnings": count(reports, Severity.WARNING),
        "findings": [_finding(report.source, finding) for report in reports for finding in report.findings],
        "waived": [
            _finding(report.source, waived.finding) | {"reason": waived.reason}
            for report in reports
            for waived in report.waived
        ],
    }
    return json.dumps(data, indent=2) + "\n"


def _finding(source: Source, finding: Diagnostic) -> dict[str, Any]:
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    return {
        "file": source.name,
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": source.excerpt(finding.span)[:LONGEST_TEXT],
    }
