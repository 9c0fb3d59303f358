"""`conductor init` makes a project that checks, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.cli.init import scaffold
from conductor_dsl.cli.play import example_names
from conductor_dsl.project.settings import load_settings
from conductor_dsl.shared.errors import ConductorError


def init(folder: Path) -> Result:
    return CliRunner().invoke(main, ["init", str(folder)], prog_name="conductor")


def test_a_project_is_made_without_the_data_of_the_demonstration(tmp_path: Path) -> None:
    result = init(tmp_path / "deep" / "shop")
    assert result.exit_code == 0
    made = {str(path.relative_to(tmp_path / "deep" / "shop")) for path in (tmp_path / "deep").rglob("*.*")}
    assert {"winback.cdx", "conductor.toml", "messages/Winback1.html"} <= made
    assert not any(name.startswith(("data", "make_data", "__")) or name.endswith(".csv") for name in made)
    assert f"cd {tmp_path / 'deep' / 'shop'}\n" in result.stdout
    assert "conductor check" in result.stdout


def test_the_settings_of_a_new_project_can_be_loaded(tmp_path: Path) -> None:
    init(tmp_path)
    assert load_settings(tmp_path, {}).has_settings


@pytest.mark.parametrize("example", example_names())
def test_every_example_can_be_copied_and_checks(tmp_path: Path, example: str) -> None:
    made = CliRunner().invoke(main, ["init", str(tmp_path / "shop"), "--from", example], prog_name="conductor")
    assert made.exit_code == 0
    checked = CliRunner().invoke(main, ["check", str(tmp_path / "shop")], prog_name="conductor")
    assert (checked.exit_code, "warning" in checked.output) == (0, False), checked.output


def test_an_example_that_there_is_not_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["init", str(tmp_path / "shop"), "--from", "winbak"], prog_name="conductor")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert result.stderr == "error: there is no example `winbak`\nhint: did you mean `winback`?\n"


@pytest.mark.parametrize("command", ["init", "demo"])
def test_the_help_names_every_example(command: str) -> None:
    shown = " ".join(CliRunner().invoke(main, [command, "--help"], prog_name="conductor").output.split())
    named = shown.partition("The examples are ")[2].partition(".")[0]
    assert named.replace(",", "").replace(" and ", " ").split() == list(example_names())


def test_a_folder_in_use_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    result = init(tmp_path)
    assert result.exit_code == 2
    assert result.stderr == f"error: `{tmp_path}` is not empty\nhint: name a new folder; nothing was written\n"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine", encoding="utf-8")
    result = init(tmp_path / "shop")
    assert (result.exit_code, "is a file" in result.stderr) == (2, True)


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full_after_the_settings(path: Path, data: bytes) -> int:
        if path.suffix == ".html":
            raise OSError(28, "No space left on device", str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full_after_the_settings)
    with pytest.raises(ConductorError, match="no space left on device"):
        scaffold(tmp_path / "shop")
    assert list(tmp_path.iterdir()) == []
