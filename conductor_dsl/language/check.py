"""From a source to its findings and its bound conversations: what `conductor check` does with one file."""

from __future__ import annotations

from dataclasses import dataclass, replace

from conductor_dsl.language.ast import File
from conductor_dsl.language.bind import bind
from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.bound_tests import BoundTest
from conductor_dsl.language.checks import CHECKS
from conductor_dsl.language.diagnostics import Diagnostic, Report
from conductor_dsl.language.parse import parse, within
from conductor_dsl.language.script_check import run_check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.language.waivers import apply_waivers


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a file, its conversations and its tests; only without errors may they be published and run."""

    report: Report
    conversations: tuple[BoundConversation, ...]
    tests: tuple[BoundTest, ...] = ()


Parsed = tuple[File | None, tuple[Diagnostic, ...]]
"""What `parse` gives: a file as far as it could be read, and findings about its syntax."""

SYNTAX = "CDX001"
OF_WHOLE_PATHS = ("CDX101", "CDX102")
"""Findings about where paths lead; where a part could not be read, they would only be its echo."""


def check(source: Source, context: Context) -> Checked:
    """Parse, bind and check a source; every finding of every stage, in the order of the text."""
    return check_parsed(source, parse(source), context)


def check_parsed(source: Source, parsed: Parsed, context: Context) -> Checked:
    """The rest of `check`, for a source that has been parsed already."""
    file, findings = parsed
    if file is None:
        return Checked(_report(source, findings), ())
    found = list(findings)
    bound = _check_file(file, source, context, found)
    remaining, waived = apply_waivers(found, file.comments, source)
    report = replace(_report(source, remaining), waived=tuple(waived))
    return Checked(report, bound.conversations, bound.tests)


def _check_file(file: File, source: Source, context: Context, findings: list[Diagnostic]) -> BoundFile:
    """Bind a file and run every check on it; the findings are added to the list."""
    bound, more = bind(file, source, context)
    findings += more
    broken = any(finding.code == SYNTAX for finding in findings)
    for run in CHECKS:
        findings += (finding for finding in run(bound, context) if not (broken and finding.code in OF_WHOLE_PATHS))
    for each in context.vocabulary.checks:
        findings += run_check(each, bound, context)
    return bound


def _report(source: Source, findings: list[Diagnostic] | tuple[Diagnostic, ...]) -> Report:
    """Findings in the order of the text, each once."""
    unique = dict.fromkeys(within(source, finding) for finding in findings)
    return Report(source, tuple(sorted(unique, key=lambda finding: (finding.span, finding.code))))
