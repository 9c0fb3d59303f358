"""The full report shows where a finding is, whatever the line looks like."""

from __future__ import annotations

import pytest

from conductor_dsl.language.diagnostics import Report, error, warning
from conductor_dsl.language.report import RENDERERS
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.source import Source, Span


def render(text: str, marked: str, *, width: int = 120, colour: bool = False) -> str:
    start = text.index(marked)
    finding = error("CDX101", Span(start, start + len(marked)), "something is wrong", "put it right")
    return RENDERERS["full"]([Report(Source("a.cdx", text), (finding,))], Look(colour, width))


def excerpt(text: str, marked: str, width: int = 120) -> list[str]:
    lines = render(text, marked, width=width).splitlines()
    return lines[3 : next(i for i, line in enumerate(lines) if "= hint" in line) - 1]


def test_a_finding_shows_place_line_remedy_and_page() -> None:
    assert render("when a\n-> smz 3d", "smz") == (
        "error[CDX101]: something is wrong\n"
        " --> a.cdx:2:4\n"
        "  |\n"
        "2 | -> smz 3d\n"
        "  |    ^^^\n"
        "  |\n"
        "  = hint: put it right\n"
        "  = more: conductor explain CDX101\n"
        "\n"
        "1 error in a.cdx\n"
    )


def test_tabs_take_as_many_columns_as_they_show() -> None:
    assert excerpt("\tsms\twait", "wait") == ["1 |     sms wait", "  |         ^^^^"]


def test_wide_characters_and_emoji_take_two_columns() -> None:
    assert excerpt('sms "日本 🎉" oops', "oops") == ['1 | sms "日本 🎉" oops', "  |               ^^^^"]
    assert excerpt("sms 🎉🎉", "🎉🎉") == ["1 | sms 🎉🎉", "  |     ^^^^"]


def test_a_combining_accent_takes_no_column() -> None:
    assert excerpt("e\u0301 oops", "oops") == ["1 | e\u0301 oops", "  |   ^^^^"]


def test_a_span_that_begins_a_line_is_bracketed_to_its_last_line() -> None:
    text = "  thread {\n    sms\n    wait\n  }\nend"
    assert excerpt(text, text[2:-4]) == [
        "1 | /   thread {",
        "  | | ...",
        "4 | |   }",
        "  | |___^",
    ]


def test_a_span_that_begins_inside_a_line_is_led_to_the_left() -> None:
    assert excerpt('sms "a\nb\nc" x', '"a\nb\nc"') == [
        '1 |   sms "a',
        "  |  _____^",
        "2 | | b",
        '3 | | c" x',
        "  | |__^",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("end", ["1 | end", "  |    ^"]), ("end\n", ["2 |", "  | ^"]), ("", ["1 |", "  | ^"])],
)
def test_a_span_at_the_end_of_the_file_has_one_mark(text: str, shown: list[str]) -> None:
    finding = error("CDX001", Span(len(text), len(text)), "the script ends too early")
    lines = RENDERERS["full"]([Report(Source("a.cdx", text), (finding,))], Look()).splitlines()
    assert lines[3:5] == shown


def test_a_very_long_line_is_cut_around_the_mark() -> None:
    first, mark = excerpt("x" * 100_000 + " oops " + "y" * 100_000, "oops", width=60)
    assert len(first) <= 60
    assert first.startswith("1 | ...x")
    assert first.endswith("y...")
    assert first[mark.index("^") :].startswith("oops ")
    assert mark.count("^") == 4


@pytest.mark.parametrize("width", [24, 40, 61, 80])
@pytest.mark.parametrize("before", [0, 10, 30, 75, 300])
def test_the_mark_stands_below_its_text_at_every_width(before: int, width: int) -> None:
    first, mark = excerpt("日" * before + "oops" + "語" * 60, "oops", width=width)
    column = mark.index("^") - 4
    cells = "".join(char if char.isascii() else char * 2 for char in first[4:])
    assert cells[column:].startswith("oops")
    assert len(cells) <= width - 4


def test_a_mark_longer_than_the_screen_is_cut() -> None:
    first, mark = excerpt("a" * 300, "a" * 300, width=50)
    assert len(first) <= 50
    assert len(mark) <= 50


def test_a_script_cannot_send_control_sequences_to_the_screen() -> None:
    text = render("sms \x1b[31m\u202e\x9b oops", "oops")
    assert not set(text) & {"\x1b", "\u202e", "\x9b"}
    assert "␛" in text


def test_colours_appear_only_when_wanted() -> None:
    assert "\x1b[" in render("smz", "smz", colour=True)
    assert "\x1b[" not in render("smz", "smz")


def test_the_counts_name_the_file_or_the_number_of_files() -> None:
    bad = Report(Source("a.cdx", "x"), (error("CDX101", Span(0, 1), "m"), warning("CDX102", Span(0, 1), "m")))
    good = Report(Source("b.cdx", "x"))
    assert RENDERERS["full"]([bad, bad, good], Look()).endswith("\n2 errors, 2 warnings in 2 of 3 files\n")
    assert RENDERERS["full"]([good], Look()) == "b.cdx: ok\n"
    assert RENDERERS["full"]([good, good], Look()) == "2 files: ok\n"
