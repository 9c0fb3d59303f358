"""The tables of the grammar are kept where they are safe, and made anew where they do not fit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_dsl.language.kept_tables import NAME, tables_file

PARSE = "from conductor_dsl.language.text_to_tree import text_to_tree; print(text_to_tree('when a -> end').data)"


def parse(folder: Path) -> str:
    """What another process makes of a script, with its tables in a folder."""
    environ = {**os.environ, "XDG_CACHE_HOME": str(folder)}
    return subprocess.run([sys.executable, "-c", PARSE], env=environ, check=True, capture_output=True, text=True).stdout


def test_what_is_kept_is_used_and_what_is_spoiled_is_made_anew(tmp_path: Path) -> None:
    assert parse(tmp_path) == "start\n"
    [kept] = (tmp_path / NAME).iterdir()
    made = kept.read_bytes()
    assert parse(tmp_path) == "start\n"
    assert kept.read_bytes() == made
    kept.write_bytes(made[: len(made) // 2])
    assert parse(tmp_path) == "start\n"
    assert len(kept.read_bytes()) > len(made) * 0.9


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tables_file({"HOME": str(tmp_path)})
    assert file and file.parent == tmp_path / ".cache" / NAME
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.parent.chmod(0o777)
    assert tables_file({"HOME": str(tmp_path)}) is None


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tables_file({"HOME": str(tmp_path)})
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert tables_file({"HOME": str(tmp_path)}) is None


def test_without_a_place_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert [tables_file(each) for each in ({}, {"HOME": ""}, {"HOME": "here"}, {"HOME": f"{tmp_path}/file"})] == [
        None
    ] * 4
