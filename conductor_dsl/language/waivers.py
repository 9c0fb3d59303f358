"""Waivers: `# cdx: ignore CDX113 reason="..."` takes a finding away, on its own line or on the next.

A finding without which the engine could not run the script cannot be waived: errors about syntax and names (0xx), the
flow (1xx) and time (5xx). What the check of a plugin finds always can.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from conductor_dsl.language.ast import Comment
from conductor_dsl.language.diagnostics import Diagnostic, Waived, error, warning
from conductor_dsl.language.source import Source, Span

MARK = re.compile(r"#\s*cdx:")
WAIVER = re.compile(r'#\s*cdx:\s*ignore\s+(?P<code>[A-Z]{2,12}\d{3})(?:\s+reason="(?P<reason>[^"]*)")?\s*')
FIRM_FAMILIES = ("CDX0", "CDX1", "CDX5")


@dataclass(frozen=True, slots=True)
class Waiver:
    """Permission for one code on one line."""

    code: str
    line: int
    span: Span
    reason: str


def apply_waivers(
    findings: Iterable[Diagnostic], comments: Iterable[Comment], source: Source
) -> tuple[list[Diagnostic], list[Waived]]:
    """The findings that remain, with those about the waivers themselves; and those that are waived."""
    remaining = list(findings)
    waived: list[Waived] = []
    for comment in comments:
        if not MARK.match(comment.text):
            continue
        waiver = _read(comment, source)
        if isinstance(waiver, Diagnostic):
            remaining.append(waiver)
        else:
            remaining = _waive(remaining, waiver, source, waived)
    return remaining, waived


def _read(comment: Comment, source: Source) -> Waiver | Diagnostic:
    match = WAIVER.fullmatch(comment.text)
    if match is None:
        hint = 'write `# cdx: ignore CDX113 reason="why"`'
        return error("CDX010", comment.span, "this waiver cannot be read", hint)
    if not (match["reason"] or "").strip():
        message = f"the waiver of `{match['code']}` gives no reason"
        return error("CDX010", comment.span, message, 'add `reason="why"`')
    start = source.position(comment.span.start)
    stands_alone = not source.line(start.line)[: start.column - 1].strip()
    line = start.line + 1 if stands_alone else start.line
    return Waiver(match["code"], line, comment.span, match["reason"].strip())


def _waive(findings: list[Diagnostic], waiver: Waiver, source: Source, waived: list[Waived]) -> list[Diagnostic]:
    """The findings that a waiver leaves; those that it takes away are added to the others."""
    here = [finding for finding in findings if _concerns(waiver, finding, source)]
    firm = [finding for finding in here if finding.is_error and finding.code.startswith(FIRM_FAMILIES)]
    if firm:
        message = f"`{waiver.code}` cannot be waived, the script could not run"
        return [*findings, error("CDX010", waiver.span, message, "put the script right")]
    if not here:
        message = f"there is no `{waiver.code}` to waive here"
        return [*findings, warning("CDX011", waiver.span, message, "take the comment out")]
    waived += (Waived(finding, waiver.reason) for finding in here)
    return [finding for finding in findings if finding not in here]


def _concerns(waiver: Waiver, finding: Diagnostic, source: Source) -> bool:
    return finding.code == waiver.code and source.position(finding.span.start).line == waiver.line
