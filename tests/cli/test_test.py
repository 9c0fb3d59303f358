"""`conductor test`: what it says, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main

SCRIPT = """when no_order_within 60d -> email subject "Hello" body "Come back" as "Mail" -> end "done"
test "a lapsed shopper gets the e-mail" {
  given contact { email "ada@example.com" } ordered 70d ago
  at 2026-03-02 10:00
  expect email contains "Come back" after 0m
}
test "a buyer gets none" {
  given contact { email "ada@example.com" } ordered 10d ago
  at 2026-03-02 10:00
  expect not entered
}
"""
WRONG = """test "wrong <&>" {
  given contact "Ada" { email "ada@example.com" } ordered 70d ago
  at 2026-03-02 10:00
  expect no email
  expect end "over"
}
"""
GOT = 'email "Hello" of `Mail` after 0m (2026-03-02 10:00)'


def play(*args: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["test", *map(str, args)], input=stdin.encode(), prog_name="conductor")


def write(folder: Path, text: str, name: str = "a.cdx") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_tests_that_pass_are_named_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, SCRIPT)
    result = play(path)
    lines = [f"ok    {path}:2  a lapsed shopper gets the e-mail", f"ok    {path}:7  a buyer gets none", ""]
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:3] == lines
    assert result.stdout.splitlines()[3].startswith("2 tests passed in ")


def test_a_test_that_fails_shows_what_was_expected_what_came_and_the_path(tmp_path: Path) -> None:
    path = write(tmp_path, SCRIPT + WRONG)
    result = play(path)
    assert result.exit_code == 1
    assert f"FAIL  {path}:12  wrong <&>\n" in result.stdout
    indent = " " * len(f"{path}:15")
    assert f"  {path}:15: expected no email\n  {indent}       got {GOT}\n" in result.stdout
    assert f'  {path}:16: expected end "over"\n' in result.stdout
    assert (
        "  what `Ada` went through, by the clock of UTC:\n"
        "    2026-03-02 10:00  +0m      entered `a`, thread `main`\n"
        '    2026-03-02 10:00  +0m      `Mail`: email to ada@example.com sent: "Hello"\n'
        "    2026-03-02 10:00  +0m      came to the end: done\n"
    ) in result.stdout
    assert result.stdout.splitlines()[-1].startswith("1 of 3 tests failed in ")


def test_concise_is_a_line_for_each_failure(tmp_path: Path) -> None:
    path = write(tmp_path, SCRIPT + WRONG)
    result = play(path, "--format", "concise")
    first, second, _ = result.stdout.splitlines()
    assert first == f"{path}:15: wrong <&>: expected no email, got {GOT}"
    assert second.startswith(f'{path}:16: wrong <&>: expected end "over", got came to the end: done')


def test_json_holds_every_test_with_its_failures_and_its_path(tmp_path: Path) -> None:
    path = write(tmp_path, SCRIPT + WRONG)
    result = play(path, "--format", "json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["version"], data["passed"], data["failed"]) == (1, 1, 2, 1)
    good, _, wrong = data["tests"]
    assert good == {
        "file": str(path),
        "line": 2,
        "name": "a lapsed shopper gets the e-mail",
        "passed": True,
        "failures": [],
        "path": [],
    }
    assert wrong["failures"][0] == {"line": 15, "expected": "no email", "got": GOT}
    assert wrong["path"][0] == "what `Ada` went through, by the clock of UTC:"


def test_junit_has_a_suite_for_each_script_and_a_case_for_each_test(tmp_path: Path) -> None:
    one, two = write(tmp_path, SCRIPT), write(tmp_path, SCRIPT.replace("2026-03", "2026-05") + WRONG, "b.cdx")
    report = tmp_path / "out.xml"
    assert play(tmp_path, "--junit", report).exit_code == 1
    root = Xml.parse(report).getroot()
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "5",
        "failures": "1",
        "errors": "0",
    }
    assert [(suite.tag, suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("testsuite", str(one), "2", "0"),
        ("testsuite", str(two), "3", "1"),
    ]
    cases = [case for suite in root for case in suite]
    assert {case.tag for case in cases} == {"testcase"}
    assert all(case.get("classname") and float(case.get("time") or "x") >= 0 for case in cases)
    [failure] = [failure for case in cases for failure in case]
    assert (failure.tag, failure.get("message")) == ("failure", f"{two}:15: expected no email, got {GOT}")
    assert f'{two}:16: expected end "over"' in (failure.text or "")
    assert cases[-1].get("name") == "wrong <&>"


def test_characters_that_xml_cannot_hold_are_replaced(tmp_path: Path) -> None:
    write(tmp_path, SCRIPT.replace("a buyer gets none", "a buyer \\uffff gets none").replace("\\uffff", "\uffff"))
    report = tmp_path / "out.xml"
    assert play(tmp_path, "--junit", report).exit_code == 0
    names = [case.get("name") for case in Xml.parse(report).getroot()[0]]
    assert names[1] == "a buyer \N{REPLACEMENT CHARACTER} gets none"


def test_a_filter_plays_the_tests_with_a_text_in_their_name(tmp_path: Path) -> None:
    write(tmp_path, SCRIPT)
    result = play(tmp_path, "--filter", "LAPSED")
    assert result.stdout.splitlines()[-1].startswith("1 test passed in ")


def test_a_list_plays_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, SCRIPT + WRONG)
    result = play(path, "--list")
    names = ["2: a lapsed shopper gets the e-mail", "7: a buyer gets none", "12: wrong <&>"]
    assert (result.exit_code, result.stdout.splitlines()) == (0, [f"{path}:{name}" for name in names])


def test_standard_input_is_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = play("-", stdin=SCRIPT)
    assert result.exit_code == 0, result.output
    assert "ok    <stdin>:2  a lapsed shopper gets the e-mail" in result.stdout


def test_a_conversation_of_another_script_that_is_started_is_played_too(tmp_path: Path) -> None:
    write(tmp_path, '[brand]\nname = "Shop"\n', "conductor.toml")
    path = write(
        tmp_path,
        """conversation "A" { thread "T" on order.placed { start conversation:"B" -> end } }
        test "it" {
          given contact { email "ada@example.com" }
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect email subject "From B" in conversation:"B"
          expect no email in conversation:"C"
        }""",
    )
    mail = 'email subject "From NAME" body "x" -> end'
    for name, door in (("B", "changed"), ("C", "order.placed")):
        thread = f'thread "T" on {door} {{ {mail.replace("NAME", name)} }}'
        text = f'conversation "{name}" {{ class transactional {thread} }}'
        write(tmp_path, text, f"{name}.cdx")
    result = play(path)
    assert result.exit_code == 0, result.output


def test_nothing_is_played_where_a_script_has_errors(tmp_path: Path) -> None:
    write(tmp_path, SCRIPT)
    write(tmp_path, SCRIPT.replace("expect email", "expect emial"), "b.cdx")
    result = play(tmp_path)
    assert result.exit_code == 1
    assert "`emial` is nothing that can be expected" in result.stdout
    assert "ok  " not in result.stdout
    assert result.stderr == "nothing was tested: correct the errors first\n"


@pytest.mark.parametrize(
    ("text", "args", "message"),
    [
        (SCRIPT.partition("test")[0], (), "there are no tests in 1 script"),
        (SCRIPT, ("--filter", "nobody"), "none of 2 tests has `nobody` in its name"),
        (SCRIPT, ("--junit", "no/such/folder.xml"), "cannot write `no/such/folder.xml`: no such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, text: str, args: tuple[str, ...], message: str) -> None:
    path = write(tmp_path, text)
    result = play(path, *args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "hint:" in result.stderr
