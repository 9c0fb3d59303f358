"""Checks of plugins: run, explained and waived like those that come with Conductor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from conductor_dsl.api import BoundFile, Context, Finding, ScriptCheck, Severity, Span, TemplateFilter
from conductor_dsl.language.check import Checked, check
from conductor_dsl.language.source import Source
from conductor_dsl.messages.template_to_reading import read_template
from tests.language.contexts import project

TEXT = 'on sms.received where event.keyword = "JOIN" -> sms "{{ brand }}: GAP Reply STOP to opt out." -> end\n'
SCRIPT = 'on sms.received where event.keyword = "JOIN" -> sms "{{ brand }}: buy now! Reply STOP to opt out." -> end\n'


def find_wait(file: BoundFile, _context: Context) -> Iterator[Finding]:
    for conversation in file.conversations:
        for step in conversation.steps():
            if step.name == "sms":
                yield Finding(step.name_span, "our texts go out on Tuesdays", "put `wait until tuesday` before it")


def broken(_file: BoundFile, _context: Context) -> Iterator[Finding]:
    raise RuntimeError("no idea")


def gives_text(_file: BoundFile, _context: Context) -> list[Finding]:
    return ["nonsense"]  # type: ignore[list-item]  # a plugin may give anything


TUESDAY = ScriptCheck("SHOP001", "a text on another day than Tuesday", find_wait, Severity.ERROR)


def checked(text: str, *checks: ScriptCheck) -> Checked:
    known = project()
    return check(Source("shop.cdx", text), replace(known, vocabulary=replace(known.vocabulary, checks=checks)))


def test_what_a_check_finds_stands_among_the_findings() -> None:
    (finding,) = checked(SCRIPT, TUESDAY).report.findings
    assert (finding.code, finding.severity, finding.message) == (
        "SHOP001",
        Severity.ERROR,
        "our texts go out on Tuesdays",
    )
    assert SCRIPT[finding.span.start : finding.span.end] == "sms"


def test_it_can_be_waived_with_a_reason() -> None:
    report = checked('# cdx: ignore SHOP001 reason="a campaign"\n' + SCRIPT, TUESDAY).report
    assert report.findings == ()
    assert [(each.finding.code, each.reason) for each in report.waived] == [("SHOP001", "a campaign")]


def test_a_waiver_of_a_check_that_finds_nothing_is_told() -> None:
    (finding,) = checked('# cdx: ignore SHOP001 reason="a campaign"\n' + SCRIPT).report.findings
    assert (finding.code, finding.message) == ("CDX011", "there is no `SHOP001` to waive here")


def test_a_check_that_fails_is_no_error_of_the_script() -> None:
    for check_, why in ((broken, "RuntimeError: no idea"), (gives_text, "ValueError: too many")):
        (finding,) = checked(SCRIPT, ScriptCheck("SHOP002", "x", check_, Severity.ERROR)).report.findings
        assert (finding.code, finding.severity) == ("SHOP002", Severity.WARNING)
        assert why in finding.message


def test_a_place_outside_the_script_is_its_end() -> None:
    far = ScriptCheck("SHOP003", "x", lambda _file, _context: [Finding(Span(9_000, 9_999), "somewhere")])
    (finding,) = checked(SCRIPT, far).report.findings
    assert finding.span.end <= len(SCRIPT)


def test_the_checks_know_the_filters_of_plugins() -> None:
    text = f"field points number {TEXT.replace('GAP', '{{ points | in_dollars }}')}"
    short = TemplateFilter("in_dollars", str, "points as money", longest=10, fills=True)
    assert codes(text, short) == []
    assert codes(text) == ["CDX017"]


def test_a_bounded_filter_bounds_the_length_of_a_text() -> None:
    text = f"field city text {TEXT.replace('GAP', 'x' * 115 + '{{ city | short }}')}"
    assert codes(text, TemplateFilter("short", str, "short", longest=5, fills=True)) == []
    assert codes(text, TemplateFilter("short", str, "of any length", fills=True)) == ["CDX210"]


def codes(text: str, *filters: TemplateFilter) -> list[str]:
    known = project()
    vocabulary = replace(known.vocabulary, filters=filters)
    context = Context(vocabulary, known.catalogue, partial(read_template, filters=filters))
    return [finding.code for finding in check(Source("shop.cdx", text), context).report.findings]
