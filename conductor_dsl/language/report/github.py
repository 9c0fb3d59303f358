"""Findings as workflow commands of GitHub Actions, which show them beside the changed lines."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_dsl.language.diagnostics import Diagnostic, Report, Severity
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.source import Source

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(reports: Sequence[Report], _look: Look) -> str:
    """One `::error file=...::message` for each finding; the look does not matter."""
    return "".join(_command(report.source, finding) for report in reports for finding in report.findings)


def _command(source: Source, finding: Diagnostic) -> str:
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    properties = {"file": source.name, "line": str(start.line), "endLine": str(end.line)}
    if start.line == end.line:  # GitHub refuses columns for more than one line
        properties |= {"col": str(start.column), "endColumn": str(end.column)}
    properties["title"] = finding.code
    listed = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    message = finding.message + (f"\n{finding.hint}" if finding.hint else "")
    return f"::{_COMMANDS[finding.severity]} {listed}::{_escape(message)}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
