"""Every example, played on the virtual clock, comes to the table that lies beside it, and keeps every promise."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_dsl.cli.play import example_names, load_play
from tests.cli.serving import conductor, rows

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_data_are_what_the_generator_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "make_data.py", tmp_path], check=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    assert made == {path: (EXAMPLES / path).read_bytes() for path in made}
    assert {path.parts[0] for path in made} == {*example_names()} - {"winback"}


@pytest.fixture(scope="module", params=example_names())
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, str]:
    """The name of an example, the folder in which it was played, and the tables that were shown."""
    name: str = request.param
    folder = tmp_path_factory.mktemp(name) / "shop"
    result = conductor("demo", str(folder), "--from", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "warning" not in result.stdout
    return name, folder, re.split(r"\n\n[45]\. .*\n", result.stdout)[1] + "\n"


def test_the_tables_are_the_expected_ones_and_status_shows_them_again(played: tuple[str, Path, str]) -> None:
    name, folder, shown = played
    expected = (EXAMPLES / name / "expected" / "demo.txt").read_text(encoding="utf-8")
    assert shown == expected
    assert conductor("status", str(folder)).stdout.startswith(expected.partition("\nCoupon codes\n")[0])


def test_no_file_has_rows_that_cannot_be_stored(played: tuple[str, Path, str]) -> None:
    _, folder, _ = played
    assert list((folder / "data").glob("*.rejects.csv")) == []


def test_every_file_of_the_data_is_used(played: tuple[str, Path, str]) -> None:
    _, folder, _ = played
    play = load_play(folder)
    used = {each.file for each in (*play.before, *play.later)}
    assert used == {path.name for path in (folder / "data").glob("*.csv")}


def test_nobody_gets_the_same_text_twice(played: tuple[str, Path, str]) -> None:
    _, folder, _ = played
    sent, different = (
        rows(
            folder, f"SELECT count(*) FROM (SELECT {what} contact, text FROM development_message WHERE channel = 'sms')"
        )
        for what in ("", "DISTINCT")
    )
    assert sent == different


def test_every_promise_is_kept(played: tuple[str, Path, str]) -> None:
    _, folder, _ = played
    result = conductor("verify", str(folder))
    assert result.exit_code == 0, result.output
