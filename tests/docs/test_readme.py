"""The first page is true: its commands do what it shows, its tables are those of the program, its settings load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conductor_dsl.cli import main
from conductor_dsl.cli.commands import COMMANDS
from conductor_dsl.program.states import IntentState
from conductor_dsl.project.settings import FILE_NAME, load_settings
from conductor_dsl.runtime.ingest.kinds import KINDS
from conductor_dsl.runtime.words import WORDS
from tests.docs.console import Shown, matches, page_to_commands, play
from tests.language.contexts import findings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'
STANDS_FOR = {"make demo": "conductor demo", ". .venv/bin/activate": "true"}
"""What is played instead of a command, for the tests are installed already."""


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a section, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_command_of_the_page_does_what_it_shows(tmp_path: Path) -> None:
    for shown in page_to_commands(README):
        if shown.command not in STANDS_FOR and shown.command.startswith("make "):
            continue
        played = play(Shown(STANDS_FOR.get(shown.command, shown.command), shown.lines), tmp_path)
        assert not shown.lines or matches(shown.lines, played.output), f"{shown.command}\n{played.output}"
        fails = any(line.startswith("error") for line in shown.lines)
        assert played.code == int(fails), f"{shown.command}\n{played.output}"


def test_every_target_of_make_that_is_named_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(re.findall(r"`[^`\n]*`|^\$ .*$", README, re.MULTILINE))))
    assert named >= {"demo", "test", "crash", "bench"}
    assert named <= set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))


def test_the_sentence_stands_on_the_page_and_checks_clean() -> None:
    assert fenced("cdx") == [f"{SENTENCE}\n"]
    assert findings(SENTENCE) == []


def test_the_table_of_commands_is_that_of_the_program() -> None:
    table = {cells[0].strip("`").split()[1]: cells for cells in rows("Commands")}
    assert list(table) == list(COMMANDS)
    for name, (_, summary) in COMMANDS.items():
        assert table[name][1].startswith(summary)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_shows_a_command_as_its_help_does(name: str) -> None:
    usage = CliRunner().invoke(main, [name, "--help"], prog_name="conductor").output.partition("\n")[0]
    wanted = usage.removeprefix("Usage: ").replace(" [OPTIONS]", "")
    assert wanted in [cells[0].strip("`").replace("\\|", "|") for cells in rows("Commands")]


def test_the_columns_of_the_files_are_those_that_are_read() -> None:
    table = {cells[0]: cells[1:] for cells in rows("The files you import")}
    assert list(table) == list(KINDS)
    for name, kind in KINDS.items():
        required, others = (re.findall(r"`(\w+)`", cell.partition(";")[0]) for cell in table[name])
        assert tuple(required) == kind.required
        assert (*required, *others) == kind.known
        assert ("any other" in table[name][1]) == kind.keeps_all


def test_doubtful_messages_are_called_what_the_page_calls_them() -> None:
    assert f"`{WORDS[IntentState.AMBIGUOUS]}`" in section("What it promises about sending").replace("\n  ", " ")


def test_the_settings_of_the_page_load(tmp_path: Path) -> None:
    [toml] = fenced("toml")
    (tmp_path / FILE_NAME).write_text(toml, encoding="utf-8")
    settings = load_settings(tmp_path, {})
    assert settings.brand and settings.lists and settings.codes and settings.pools and settings.email.sender
    assert len(toml.splitlines()) <= 12
