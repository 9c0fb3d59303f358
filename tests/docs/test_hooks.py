"""The manual of hooks has one heading for each hook, equal to its signature, with what the hook says of itself."""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

from conductor_dsl.plugin import hookspecs
from conductor_dsl.plugin.host import build_host
from conductor_dsl.shared.nearest import nearest

MANUAL = (Path(__file__).parents[2] / "plugins" / "README.md").read_text(encoding="utf-8")


def hooks() -> dict[str, str]:
    """The headings that the hooks want, with their descriptions."""
    wanted = {}
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction):
        if name.startswith("conductor_"):
            returned = str(inspect.signature(function)).partition(" -> ")[2].strip("'")
            wanted[f"`{name}() -> {returned}`"] = inspect.getdoc(function) or ""
    return wanted


def test_the_manual_has_one_heading_for_each_hook_equal_to_its_signature() -> None:
    headings = re.findall(r"^### (`conductor_.*)$", MANUAL, re.MULTILINE)
    assert sorted(headings) == sorted(hooks())


def test_the_manual_says_of_a_hook_what_the_hook_says_of_itself() -> None:
    for heading, description in hooks().items():
        assert MANUAL.partition(f"### {heading}\n\n")[2].startswith(description)


def test_the_plugin_of_the_manual_works() -> None:
    code = re.search(r"```python\n(.*?)```", MANUAL, re.DOTALL)
    assert code
    plugin = ModuleType("loyalty")
    exec(code[1], plugin.__dict__)  # the manual's own example
    host = build_host([("loyalty", plugin)])
    assert host.problems == ()
    assert nearest("in_loyalty_teir", host.vocabulary.predicates) == "in_loyalty_tier"
    assert "loyalty" not in sys.modules


def test_every_first_party_plugin_stands_in_the_manual() -> None:
    folder = Path(__file__).parents[2] / "plugins"
    for package in folder.glob("*/__init__.py"):
        assert f"`{package.parent.name}`" in MANUAL
