"""Every diagnostic has a broken script, and beside it what `conductor check` says of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_dsl.language.report.pages import all_codes
from tests.examples.broken_reports import FOLDER, readme, report, scripts

SCRIPTS = scripts()


def test_every_code_has_one_script() -> None:
    assert [script.stem for script in SCRIPTS] == list(all_codes())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_report_beside_a_script_is_what_check_says(script: Path) -> None:
    said = report(script)
    assert f"[{script.stem}]" in said
    assert script.with_suffix(".txt").read_text(encoding="utf-8") == said


def test_the_page_lists_every_script_with_what_is_wrong() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == readme()
