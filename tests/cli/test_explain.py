"""`conductor explain` shows the page of a code, and finds the code that was meant."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.cli.explain import markdown_to_screen
from conductor_dsl.language.report.look import Look
from conductor_dsl.language.report.pages import FAMILIES, all_codes, page, title


def explain(*args: str) -> Result:
    return CliRunner().invoke(main, ["explain", *args], prog_name="conductor")


@pytest.mark.parametrize("written", ["CDX101", "cdx101", "101", " CDX101 "])
def test_a_code_is_found_however_it_is_written(written: str) -> None:
    result = explain(written)
    assert result.exit_code == 0
    assert "CDX101" in result.stdout
    assert "```" not in result.stdout


def test_leading_zeros_may_be_left_out() -> None:
    assert explain("1").stdout.startswith("CDX001 ")


def test_a_page_that_shows_hidden_characters_does_not_print_them() -> None:
    assert "\u202e" in (page("CDX004") or "")
    assert "\u202e" not in explain("CDX004").stdout


def test_without_a_code_all_are_listed_with_their_titles() -> None:
    lines = [line for line in explain().stdout.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in lines] == list(all_codes())
    assert all(re.fullmatch(r"  CDX\d{3}  \S.*", line) for line in lines)


def test_every_family_of_codes_has_a_heading() -> None:
    headings = [line for line in explain().stdout.splitlines() if line and not line.startswith(" ")]
    assert headings == list(FAMILIES.values())
    assert {code[3] for code in all_codes()} == set(FAMILIES)


def test_an_unknown_code_is_misuse_with_the_nearest_one() -> None:
    result = explain("CDX5066")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: there is no code `CDX5066`\nhint: did you mean `CDX506`?\n"


@pytest.mark.parametrize("written", ["../page", "CDX101.md", "", "CDX١٢٣"])
def test_a_code_is_never_taken_for_a_path(written: str) -> None:
    assert page(written) is None
    assert explain(written).exit_code == 2


def test_every_page_has_a_title() -> None:
    assert all_codes()
    assert [code for code in all_codes() if title(code) == code] == []


def test_headings_are_bold_and_code_is_indented() -> None:
    markdown = "# Title\n\nSay `so`.\n\n```cdx\nwait 3d\n# note\n```\n"
    assert markdown_to_screen(markdown, Look(colour=True)) == (
        "\x1b[1mTitle\x1b[0m\n\nSay `so`.\n\n    wait 3d\n    # note\n"
    )
