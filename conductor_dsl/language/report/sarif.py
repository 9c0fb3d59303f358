"""Findings as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import conductor_dsl
from conductor_dsl.language.diagnostics import Diagnostic, Report, Severity
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.report.pages import title
from conductor_dsl.language.source import Source

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def to_sarif(reports: Sequence[Report], _look: Look) -> str:
    """One SARIF log with one run; columns count Unicode characters, and waived findings are suppressed."""
    waived = [(report.source, each) for report in reports for each in report.waived]
    found = [(report.source, finding) for report in reports for finding in report.findings]
    codes = sorted({finding.code for _, finding in found} | {each.finding.code for _, each in waived})
    results = [_result(source, finding, codes) for source, finding in found]
    results += [
        _result(source, each.finding, codes) | {"suppressions": [{"kind": "inSource", "justification": each.reason}]}
        for source, each in waived
    ]
    run = {"tool": {"driver": _driver(codes)}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver(codes: Sequence[str]) -> dict[str, Any]:
    rules = [
        {"id": code, "shortDescription": {"text": title(code)}, "help": {"text": f"conductor explain {code}"}}
        for code in codes
    ]
    return {"name": "conductor", "version": conductor_dsl.__version__, "rules": rules}


def _result(source: Source, finding: Diagnostic, codes: Sequence[str]) -> dict[str, Any]:
    location = {"artifactLocation": {"uri": _uri(source.name)}, "region": _region(source, finding)}
    text = finding.message + (f" ({finding.hint})" if finding.hint else "")
    return {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }


def _region(source: Source, finding: Diagnostic) -> dict[str, int]:
    start, end = source.position(finding.span.start), source.position(finding.span.end)
    return {"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column}


def _uri(name: str) -> str:
    path = PurePath(name)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
