"""The pages of the examples are true: their commands do what they show, their scripts check, their tests exist."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from conductor_dsl.cli.play import example_names
from tests.cli.serving import conductor
from tests.docs.console import matches, page_to_commands, play

EXAMPLES = Path(__file__).parents[2] / "examples"

each_example = pytest.mark.parametrize("name", example_names())


def page(name: str) -> str:
    return (EXAMPLES / name / "README.md").read_text(encoding="utf-8")


def scripts(name: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((EXAMPLES / name).glob("*.cdx")))


@each_example
def test_every_command_of_the_page_does_what_it_shows(name: str, tmp_path: Path) -> None:
    commands = page_to_commands(page(name))
    assert any(f"--from {name}" in shown.command or name == "winback" for shown in commands)
    for shown in commands:
        played = play(shown, tmp_path)
        assert not shown.lines or matches(shown.lines, played.output), f"{shown.command}\n{played.output}"
        assert played.code == 0, f"{shown.command}\n{played.output}"


@each_example
def test_every_script_of_the_page_checks_clean_in_the_project(name: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```cdx\n(.*?)^```", page(name), re.MULTILINE | re.DOTALL)
    for number, block in enumerate(blocks):
        folder = tmp_path / str(number)
        shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("*.cdx", "data", "expected"))
        (folder / "block.cdx").write_text(block, encoding="utf-8")
        result = conductor("check", str(folder))
        assert (result.exit_code, "warning" in result.output) == (0, False), result.output


@each_example
def test_every_test_that_the_page_names_is_in_the_script(name: str) -> None:
    named = re.findall(r'^\|.*\| "([^"]+)" \|$', page(name), re.MULTILINE)
    assert set(named) <= set(re.findall(r'^test "([^"]+)"', scripts(name), re.MULTILINE))


@each_example
def test_every_message_that_is_saved_is_sent_by_a_script(name: str) -> None:
    saved = {path.stem for path in (EXAMPLES / name / "messages").iterdir()}
    assert saved == set(
        re.findall(r'(?:email|sms) saved:"([^"]+)"', re.sub(r"#.*", "", scripts(name).partition("\ntest ")[0]))
    )
