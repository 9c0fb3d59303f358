"""Whoever comes from Listrak finds every construct, and what the page tells them to write has no mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conductor_dsl.cli.commands import COMMANDS
from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.project.settings import load_settings
from tests.language.contexts import check_text, is_broken

PAGE = (Path(__file__).parents[2] / "grammar" / "listrak.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
OF_WHOLE_PATHS = ("CDX101", "CDX102", "CDX103")
"""Findings about where paths lead; a piece has no path."""
ITEMS = ("conversation", "field", "event", "segment")
DECLARED = """
field tier text
field birthday date
field visit_on date
field visits number
field offer text
event checkout.signup { source text, total number }
segment lapsed = last_order before 60d and order_count >= 1
"""


def rows() -> list[tuple[int, str]]:
    return [(int(match[1]), match[3].replace("\\|", "|")) for match in ROW.finditer(PAGE)]


def pieces() -> list[tuple[int, str]]:
    """Every piece of code of the last column that is more than a word, with the number of its row."""
    found = [(number, code) for number, written in rows() for code in CODE.findall(written)]
    return [(number, code) for number, code in found if " " in code and not code.startswith("# ")]


def test_all_seventy_are_there() -> None:
    assert [number for number, _ in rows()] == list(range(1, 71))


@pytest.mark.parametrize(("number", "code"), [each for each in pieces() if not each[1].startswith("conductor ")])
def test_what_one_is_told_to_write_has_no_mistakes(number: int, code: str, tmp_path: Path) -> None:
    if " = {" in code or code.startswith("lists."):
        (tmp_path / "conductor.toml").write_text(code)
        assert load_settings(tmp_path, {}).has_settings
        return
    report = check_text(as_script(code)).report
    wrong = [each.message for each in report.findings if is_broken(each) and each.code not in OF_WHOLE_PATHS]
    assert wrong == [], as_script(code)


@pytest.mark.parametrize("code", [code for _, code in pieces() if code.startswith("conductor ")])
def test_the_commands_that_are_named_exist(code: str) -> None:
    assert code.split()[1] in COMMANDS


def as_script(code: str) -> str:
    """A whole script around a piece: an item stands alone, a setting in a head, a step in a chain."""
    first = code.split(maxsplit=1)[0]
    if first in ITEMS:
        mine = code.split()[:2]
        return "\n".join(line for line in DECLARED.splitlines() if line.split()[:2] != mine) + f"\n{code}\n" + CHAIN
    if " -> " in code:
        return f"{DECLARED}\n{code}"
    if first in SETTINGS and not code.startswith("class "):
        return DECLARED + f'conversation "Other" {{ {code} thread "T" on order.placed {{ end }} }}'
    if first == "thread":
        other = 'thread "Main" on order.placed { email saved:"Winback1" as "Letter" -> end }'
        return DECLARED + f'conversation "Other" {{ {other} {code} }}'
    if first == "class":
        return DECLARED + f'conversation "Other" {{ {code} thread "T" on order.placed {{ end }} }}'
    return (
        DECLARED
        + f"""conversation "Other" {{
      thread "Main" on order.placed {{ email saved:"Winback1" as "Letter" -> wait 1d -> {code} }}
      thread "Last call" {{ end }}
    }}
    conversation "Cart" {{ thread "T" on order.placed {{ end }} }}"""
    )


CHAIN = "when order_count >= 1 -> end"
