"""The formats that programs read."""

from __future__ import annotations

import json
from typing import Any

from conductor_dsl.language.diagnostics import Diagnostic, Report, Severity, Waived, error, info, warning
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.report.waivers import waivers_in_words
from conductor_dsl.language.source import Source, Span

TEXT = 'when x\n-> sms "日本"\n-> end'


def report(*findings: Diagnostic, name: str = "my shop/a.cdx") -> list[Report]:
    return [Report(Source(name, TEXT), findings)]


def render(form: str, reports: list[Report]) -> str:
    return RENDERERS[form](reports, Look(colour=False))


def marked(words: str) -> Span:
    return Span(TEXT.index(words), TEXT.index(words) + len(words))


def test_concise_is_one_line_for_each_finding() -> None:
    found = report(error("CDX101", marked("sms"), "no `x`", "try `y`"), warning("CDX102", marked("end"), "odd"))
    assert render("concise", found) == (
        "my shop/a.cdx:2:4: error[CDX101] no `x` (try `y`)\nmy shop/a.cdx:3:4: warning[CDX102] odd\n"
    )


def test_machine_formats_of_a_clean_script_say_nothing_or_an_empty_list() -> None:
    assert render("concise", report()) == render("github", report()) == ""
    assert json.loads(render("json", report()))["findings"] == []
    assert json.loads(render("sarif", report()))["runs"][0]["results"] == []


def test_json_counts_lines_and_columns_from_one_with_the_end_exclusive() -> None:
    data = json.loads(render("json", report(error("CDX101", marked('"日本"'), "m", "h"))))
    assert data == {
        "version": 1,
        "files": ["my shop/a.cdx"],
        "errors": 1,
        "warnings": 0,
        "findings": [
            {
                "file": "my shop/a.cdx",
                "code": "CDX101",
                "severity": "error",
                "message": "m",
                "hint": "h",
                "line": 2,
                "column": 8,
                "end_line": 2,
                "end_column": 12,
                "text": '"日本"',
            }
        ],
        "waived": [],
    }


def sarif_run(reports: list[Report]) -> dict[str, Any]:
    log = json.loads(render("sarif", reports))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_results_point_at_their_rule_and_region() -> None:
    run = sarif_run(report(warning("CDX102", marked("end"), "odd"), error("CDX101", marked("sms"), "m", "h")))
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["CDX101", "CDX102"]
    first, second = run["results"]
    assert (first["level"], first["ruleIndex"]) == ("warning", 1)
    assert second["message"]["text"] == "m (h)"
    place = second["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 7}


def test_sarif_addresses_are_uris() -> None:
    def uri(name: str) -> str:
        run = sarif_run(report(error("CDX101", Span(0, 1), "m"), name=name))
        found = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert isinstance(found, str)
        return found

    assert uri("my shop/ä.cdx") == "my%20shop/%C3%A4.cdx"
    assert uri("/shop/a b.cdx") == "file:///shop/a%20b.cdx"


def test_github_commands_escape_what_would_end_them() -> None:
    found = report(error("CDX101", marked("sms"), "50% off\r\nnow", "a: b, c"), name="a,b:c%.cdx")
    assert render("github", found) == (
        "::error file=a%2Cb%3Ac%25.cdx,line=2,endLine=2,col=4,endColumn=7,title=CDX101::50%25 off%0D%0Anow%0Aa: b, c\n"
    )


def test_github_leaves_out_columns_over_several_lines_and_calls_information_a_notice() -> None:
    found = report(Diagnostic("CDX103", Severity.INFO, Span(0, len(TEXT)), "m"))
    assert render("github", found) == "::notice file=my shop/a.cdx,line=1,endLine=3,title=CDX103::m\n"


def test_waived_findings_are_counted_and_kept_with_their_reasons() -> None:
    waived = Waived(warning("CDX113", marked("sms"), "may be missing"), "the import asks for it")
    reports = [Report(Source("a.cdx", TEXT), (), (waived,))]
    assert render("full", reports) == "a.cdx: ok; 1 finding waived\n"
    assert json.loads(render("json", reports))["waived"][0]["reason"] == "the import asks for it"
    result = json.loads(render("sarif", reports))["runs"][0]["results"][0]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "the import asks for it"}]
    assert render("github", reports) == ""


def test_waivers_are_listed_with_place_finding_and_reason() -> None:
    waived = Waived(warning("CDX113", marked("sms"), "may be missing"), "the import asks for it")
    assert waivers_in_words([Report(Source("a.cdx", TEXT), (), (waived,))]) == (
        "\n1 finding waived:\n  a.cdx:2: CDX113 may be missing\n    because the import asks for it\n"
    )
    assert waivers_in_words(report()) == "\n0 findings waived\n"


def test_notes_are_counted_beside_errors_and_warnings() -> None:
    found = report(info("CDX111", marked("when"), "always"), name="a.cdx")
    assert render("full", found).endswith("1 note in a.cdx\n")
