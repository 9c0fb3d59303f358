"""Whatever stands at a path, reading it gives a script or one clear answer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor_dsl.project.read_script import LARGEST_SCRIPT, NotAScriptError, ScriptError, read_script


def write(folder: Path, data: bytes) -> Path:
    path = folder / "a.cdx"
    path.write_bytes(data)
    return path


def finding(folder: Path, data: bytes) -> str:
    with pytest.raises(NotAScriptError) as caught:
        read_script(write(folder, data))
    (found,) = caught.value.report.findings
    place = caught.value.report.source.position(found.span.start)
    return f"{place.line}:{place.column} {found.code} {found.message}"


def test_a_byte_order_mark_and_foreign_line_ends_do_not_count(tmp_path: Path) -> None:
    assert read_script(write(tmp_path, b"\xef\xbb\xbfwait 3d\r\n-> end\r")).text == "wait 3d\n-> end\n"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"there is no file `.*gone\.cdx`"):
        read_script(tmp_path / "gone.cdx")


def test_a_folder_is_not_a_script(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="is a folder, not a script"):
        read_script(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cdx")
    with pytest.raises(ScriptError, match="is not an ordinary file"):
        read_script(tmp_path / "pipe.cdx")


def test_a_device_is_refused() -> None:
    with pytest.raises(ScriptError, match="is not an ordinary file"):
        read_script(Path("/dev/zero"))


def test_a_name_that_is_no_path_is_refused() -> None:
    with pytest.raises(ScriptError, match="cannot read"):
        read_script(Path("a\0b"))


def test_a_file_without_permission_is_named(ordinary_folder: Path) -> None:
    path = write(ordinary_folder, b"end")
    path.chmod(0)
    with pytest.raises(ScriptError, match="you may not read"):
        read_script(path)


def test_a_binary_file_is_told_apart(tmp_path: Path) -> None:
    assert finding(tmp_path, b"\x7fELF\0\0") == "1:1 CDX004 the script is a binary file"


def test_utf_16_is_named(tmp_path: Path) -> None:
    assert finding(tmp_path, "end".encode("utf-16")) == "1:1 CDX004 the script is UTF-16 text"


def test_the_first_byte_that_is_not_utf_8_is_pointed_at(tmp_path: Path) -> None:
    data = "# für\r\nsms ".encode() + b"\xe9"
    assert finding(tmp_path, data) == "2:5 CDX004 the byte `0xE9` is not UTF-8 text"


def test_one_mebibyte_is_allowed_and_one_byte_more_is_not(tmp_path: Path) -> None:
    assert len(read_script(write(tmp_path, b"#" * LARGEST_SCRIPT)).text) == LARGEST_SCRIPT
    assert finding(tmp_path, b"#" * (LARGEST_SCRIPT + 1)).startswith("1:1 CDX002")
