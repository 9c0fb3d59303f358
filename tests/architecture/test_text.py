"""Habits of the text that no linter looks for."""

from __future__ import annotations

import re

from tests.architecture.tree import CODE, files, shown

DRAWERS = {"utils", "util", "helpers", "helper", "misc", "common", "tools"}
LEFT_FOR_LATER = re.compile(r"\b(TOD[O]|FIXM[E])\b")
OUTSIDE = re.compile(r"(\.\./|/work/)share[d]\b")
GROUP_REPEATED_POSSESSIVELY = re.compile(r"[^(]\)[*+?]\+")
BINARY = {".png", ".jpg", ".gif", ".ico", ".woff2", ".db", ".bin", ".pyc"}


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    assert [shown(path) for path in files(*CODE, "tests", suffix=".py") if path.stem in DRAWERS] == []


def test_nothing_is_left_for_later() -> None:
    assert lines_that_match(LEFT_FOR_LATER) == []


def test_nothing_points_outside_the_repository() -> None:
    assert lines_that_match(OUTSIDE) == []


def test_no_group_of_a_pattern_is_repeated_possessively() -> None:
    """Python before 3.11.5 matches such groups wrongly; single characters are fine."""
    code = (*files("grammar", suffix=".lark"), *files(*CODE, suffix=".py"))
    found = [shown(path) for path in code if GROUP_REPEATED_POSSESSIVELY.search(path.read_text(encoding="utf-8"))]
    assert found == []


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    """Every line of the repository's text in which the pattern occurs, as `file:line`."""
    return [
        f"{shown(path)}:{number}"
        for path in files()
        if path.suffix not in BINARY
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
