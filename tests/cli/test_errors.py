"""Every error ends in one message and an exit code, and never in a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from conductor_dsl.cli import main
from conductor_dsl.cli.commands import COMMANDS
from conductor_dsl.cli.errors import exit_code
from conductor_dsl.shared.errors import ConductorError


def conductor(*args: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conductor_dsl", *args], capture_output=True, text=True, cwd=cwd, check=False
    )


def failing(error: BaseException) -> Callable[[], object]:
    def work() -> object:
        raise error

    return work


def test_an_error_of_ours_is_told_with_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(ConductorError("the list is gone", hint="make it again"))) == 2
    assert capsys.readouterr().err == "error: the list is gone\nhint: make it again\n"


def test_an_error_cannot_send_control_sequences_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    exit_code(failing(ConductorError("no file `\x1b[2J`")))
    assert capsys.readouterr().err == "error: no file `␛[2J`\n"


def test_an_interrupt_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(KeyboardInterrupt())) == exit_code(failing(click.Abort())) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_fault_of_ours_names_the_file_with_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(KeyError("lost"))) == 70
    said = capsys.readouterr().err
    assert said.startswith("error: conductor itself failed: KeyError: 'lost'\nhint: ")
    assert len(said.splitlines()) == 2
    path = re.search(r"the file (\S+)", said)
    assert path
    file = Path(path[1])
    assert "Traceback" in file.read_text(encoding="utf-8")
    file.unlink()


def test_a_full_disk_is_no_fault_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(failing(OSError(28, "No space left on device"))) == 2
    assert capsys.readouterr().err == "error: no space left on device\nhint: make room, or write somewhere else\n"


def test_work_that_returns_no_number_is_fine() -> None:
    assert exit_code(lambda: None) == exit_code(lambda: "done") == 0
    assert exit_code(lambda: 1) == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["chek"], "error: there is no command `chek`\nhint: did you mean `check`?\n"),
        (["zzz"], "error: there is no command `zzz`\nhint: `conductor --help` lists the commands\n"),
        (["--bogus"], "error: no such option `--bogus`\nhint: `conductor --help` shows how to use it\n"),
        (["check", "--format", "xml"], "hint: `conductor check --help` shows how to use it\n"),
        (["init"], "error: missing argument `DIR`\nhint: `conductor init --help` shows how to use it\n"),
    ],
)
def test_misuse_is_told_in_the_same_form(args: list[str], message: str) -> None:
    result = CliRunner().invoke(main, args, prog_name="conductor")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_every_command_can_be_loaded_and_explains_itself() -> None:
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name, "--help"], prog_name="conductor")
        assert result.exit_code == 0, result.output
        assert f"conductor {name}" in result.stdout


def test_help_lists_every_command_without_loading_any() -> None:
    code = (
        "import sys\nfrom conductor_dsl.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit(any(name.startswith('conductor_dsl.project') for name in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert all(name in result.stdout for name in COMMANDS)


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = f"{sys.executable} -m conductor_dsl --help | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


def test_the_version_is_printed() -> None:
    assert conductor("--version").stdout.startswith("conductor, version ")
