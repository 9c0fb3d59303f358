"""A process of its own for the functions of steps: whatever they do to it, the next call finds a good one."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_dsl.plugin.host import build_host
from conductor_dsl.plugin.workshop import InProcess, Limits, Workshop
from tests.plugin.installing import install
from tests.plugin.poison import CODE

ROW = {"id": 1, "first_name": "Ada", "fields": {"tier": "Gold"}}
PATIENCE = 60


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    install(tmp_path, "poison", CODE)
    monkeypatch.syspath_prepend(str(tmp_path))
    workshop = Workshop(Limits(seconds=20, megabytes=700))
    yield workshop
    workshop.close()


def call(workshop: Workshop | InProcess, name: str, seconds: float = 20) -> str:
    """What comes of a call over one contact with this name."""
    rows = [ROW, ROW | {"first_name": name}]
    return workshop.call(build_host(), "score", rows, {"by": "tier"}, seconds).result(PATIENCE)


def has_ended(pid: int) -> bool:
    """Whether this process ends: whoever has killed it is answered before it is dead."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        # Not `select`, which knows the numbers below 1,024 only.
        watch = select.poll()
        watch.register(process, select.POLLIN)
        return bool(watch.poll(PATIENCE * 1_000))
    finally:
        os.close(process)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("raise", "ValueError: no score for raise"),
        ("exit", "SystemExit: 4"),
        ("leave", "it ended its process with code 3"),
        ("crash", "it was ended by SIGSEGV"),
        ("eat", "it needed more memory than it may have"),
    ],
)
def test_what_fails_is_told_and_leaves_nothing_behind(workshop: Workshop, name: str, why: str) -> None:
    assert call(workshop, "Bob") == ""
    assert call(workshop, name) == why
    assert call(workshop, "Bob") == ""


@pytest.mark.parametrize("name", ["loop", "spin"])
def test_what_never_ends_is_ended(workshop: Workshop, name: str) -> None:
    """In Python, and inside a call that lets no other thread have its turn."""
    assert call(workshop, "Bob") == ""
    assert call(workshop, name, seconds=0.5) == "it took longer than 0.5 s"
    assert call(workshop, "Bob") == ""


def test_what_the_function_began_ends_with_it(workshop: Workshop, tmp_path: Path) -> None:
    os.environ["POISON_PID"] = str(tmp_path / "pid")
    try:
        assert call(workshop, "child", seconds=3) == "it took longer than 3 s"
    finally:
        del os.environ["POISON_PID"]
    assert has_ended(int((tmp_path / "pid").read_text()))


@pytest.mark.usefixtures("workshop")
def test_in_a_rehearsal_it_is_called_here() -> None:
    here = InProcess()
    assert call(here, "Bob") == ""
    assert call(here, "raise") == "ValueError: no score for raise"
    here.close()


def test_a_workshop_that_was_never_used_can_be_closed() -> None:
    Workshop(Limits()).close()
