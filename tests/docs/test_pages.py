"""Every code has a page, and the page's examples do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import conductor_dsl
from conductor_dsl.language.report.pages import all_codes, page
from tests.language.contexts import check_text, findings, is_broken

PACKAGE = Path(conductor_dsl.__file__).parent
EXAMPLE = r"## {}\n+```cdx\n(.*?)```"


def codes_in_use() -> set[str]:
    """Every code that stands as a text in the package."""
    quoted = re.compile(r'"(CDX\d{3})"')
    return {code for path in PACKAGE.rglob("*.py") for code in quoted.findall(path.read_text(encoding="utf-8"))}


def example(code: str, heading: str) -> str:
    match = re.search(EXAMPLE.format(heading), page(code) or "", re.DOTALL)
    assert match, f"{code} has no example under {heading}"
    return match[1]


def test_every_code_in_use_has_a_page_and_every_page_a_code() -> None:
    assert set(all_codes()) == codes_in_use()


@pytest.mark.parametrize("code", all_codes())
def test_the_wrong_example_has_the_finding_and_the_right_one_has_none(code: str) -> None:
    assert code in [found for found, _ in findings(example(code, "Wrong"))]
    right = check_text(example(code, "Right")).report.findings
    assert [finding for finding in right if finding.code == code or is_broken(finding)] == []


@pytest.mark.parametrize("code", all_codes())
def test_a_page_begins_with_its_code_and_says_why(code: str) -> None:
    heading, _, rest = (page(code) or "").partition("\n")
    assert heading.startswith(f"# {code} ")
    assert len(rest.partition("## Wrong")[0].strip()) > 60
