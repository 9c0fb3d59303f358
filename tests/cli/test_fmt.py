"""`conductor fmt` changes layout, and nothing when it must not."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from conductor_dsl.cli.write_file import write_file
from conductor_dsl.shared.errors import ConductorError

UGLY = b'when   no_order_within 60d->wait   3d\n->   email saved:"Winback1"->end   # bye\n'
BROKEN = b'when no_order_within 60d -> sms "never closed -> end\n'


def fmt(*args: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["fmt", *map(str, args)], input=stdin, prog_name="conductor")


def write(folder: Path, data: bytes, name: str = "a.cdx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_script_is_laid_out_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, UGLY)
    first = fmt(path)
    assert (first.exit_code, first.stdout) == (0, f"reformatted {path}\n")
    formatted = path.read_bytes()
    assert formatted != UGLY
    second = fmt(path)
    assert (second.exit_code, second.stdout, second.stderr) == (0, "", "1 file already in order\n")
    assert path.read_bytes() == formatted


def test_check_lists_files_and_changes_none(tmp_path: Path) -> None:
    path = write(tmp_path, UGLY)
    result = fmt("--check", tmp_path)
    assert (result.exit_code, result.stdout) == (1, f"would reformat {path}\n")
    assert path.read_bytes() == UGLY
    fmt(path)
    assert fmt("--check", tmp_path).exit_code == 0


def test_a_script_with_syntax_errors_is_shown_and_left_alone(tmp_path: Path) -> None:
    broken, fine = write(tmp_path, BROKEN), write(tmp_path, UGLY, "b.cdx")
    result = fmt(tmp_path)
    assert result.exit_code == 1
    assert f"--> {broken}:1:" in result.stderr
    assert broken.read_bytes() == BROKEN
    assert fine.read_bytes() != UGLY


def test_a_binary_file_is_shown_and_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, b"\0\1\2")
    result = fmt(path)
    assert result.exit_code == 1
    assert "the script is a binary file" in result.stderr
    assert path.read_bytes() == b"\0\1\2"


def test_foreign_line_ends_and_byte_order_marks_are_put_right(tmp_path: Path) -> None:
    path = write(tmp_path, UGLY)
    fmt(path)
    formatted = path.read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + formatted.replace(b"\n", b"\r\n"))
    assert fmt("--check", path).exit_code == 1
    fmt(path)
    assert path.read_bytes() == formatted


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    path = write(tmp_path, UGLY)
    fmt(path)
    result = fmt("-", stdin=UGLY)
    assert (result.exit_code, result.stdout_bytes) == (0, path.read_bytes())
    assert fmt("-", "--check", stdin=UGLY).exit_code == 1
    assert fmt("-", "--check", stdin=path.read_bytes()).exit_code == 0
    assert fmt("-", stdin=BROKEN).exit_code == 1
    assert fmt("-", path, stdin=UGLY).exit_code == 2


def test_the_mode_of_the_file_and_a_link_to_it_stay(tmp_path: Path) -> None:
    path = write(tmp_path, UGLY)
    path.chmod(0o640)
    link = tmp_path / "link.cdx"
    link.symlink_to(path)
    fmt(link)
    assert link.is_symlink()
    assert path.read_bytes() != UGLY
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, UGLY)

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ConductorError, match="no space left on device"):
        write_file(path, b"new")
    assert path.read_bytes() == UGLY
    assert [each.name for each in tmp_path.iterdir()] == ["a.cdx"]
