"""Looks that are put off change nothing but the time that a test takes."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.agenda import Agenda
from conductor_dsl.runtime.audience import Looked
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.runtime.rehearse import play as playing
from conductor_dsl.shared.clock import Instant
from tests.runtime.rehearse.stage_hand import play

SCRIPT = """
    field seen boolean
    conversation "A" {
      thread "Quiet" when no_order_within 60d check every 3h { set seen = true -> wait 2d -> end }
    }
    conversation "B" { thread "Seen" when seen = true and last_order before 61d check every 5h { end "both" } }
    conversation "C" { thread "Daily" when ordered_within 58d check every 1d at 00:30 { end } }
    test "it" {
      given contact "57d" { } ordered 57d ago
      given contact "59d" { } ordered 59d ago
      given contact "70d" { } ordered 70d ago
      given contact "never" { }
      at 2026-03-26 10:00 until 9d
      when order.placed { total 20 } after 50h for "59d"
      expect not entered for "70d"
    }
"""


def at_once(_connection: sa.Connection, _programs: Programs, agenda: Agenda, latest: Instant) -> Instant:
    """The next instant as the engine itself tells it."""
    return latest if agenda.earliest is None else min(latest, agenda.earliest)


def never(_connection: sa.Connection, _programs: Programs, agenda: Agenda, latest: Instant) -> Instant:
    """The next instant, looks left out: a mistake."""
    return min([latest, *(at for at, _, _ in agenda.runs)])


def test_every_look_at_which_somebody_enters_comes_when_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Looked | None] = []
    look = Node._look

    def counted(node: Node, programs: Programs) -> Looked | None:
        looks.append(look(node, programs))
        return looks[-1]

    monkeypatch.setattr(Node, "_look", counted)
    [put_off] = play(SCRIPT)
    few = len(looks)
    monkeypatch.setattr(playing, "next_due", at_once)
    [all_of_them] = play(SCRIPT)
    assert put_off.paths == all_of_them.paths
    assert sum("entered" in line for line in put_off.paths) > 6
    assert few * 3 < len(looks) - few


def test_that_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    [right] = play(SCRIPT)
    monkeypatch.setattr(playing, "next_due", never)
    assert play(SCRIPT)[0].paths != right.paths
