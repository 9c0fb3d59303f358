"""The log is only added to, and survives a crash in the middle of a line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.sim.log import Log, read_log


def test_what_was_added_is_read_in_its_order(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda n: log.add({"kind": "x", "n": n}), range(200)))
        list(threads.map(log.wait, numbers))
    log.close()
    entries = list(read_log(tmp_path / "log"))
    assert [entry["n"] for entry in entries] == [n for _, n in sorted(zip(numbers, range(200), strict=True))]


@pytest.mark.parametrize("length", [1, 5_000])
def test_a_line_that_a_crash_has_cut_is_passed_over_and_written_over(tmp_path: Path, length: int) -> None:
    path = tmp_path / "log"
    path.write_text('{"kind":"a"}\n' + '{"kind":"' + "x" * length)
    assert [entry["kind"] for entry in read_log(path)] == ["a"]
    log = Log(path)
    log.wait(log.add({"kind": "b"}))
    log.close()
    assert [entry["kind"] for entry in read_log(path)] == ["a", "b"]


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("dear diary\n")
    with pytest.raises(ConfigError, match="log:1: not an entry"):
        list(read_log(tmp_path / "log"))
    with pytest.raises(ConfigError, match="cannot write"):
        Log(tmp_path)


def test_half_a_character_can_be_written_down(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.wait(log.add({"kind": "x", "text": "\ud83d"}))
    log.close()
    assert [entry["text"] for entry in read_log(tmp_path / "log")] == ["?"]
