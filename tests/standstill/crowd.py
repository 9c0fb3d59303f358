"""Fairness: a conversation with a crowd of due runs beside one with ten."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.advance import Advanced
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import publish
from conductor_dsl.shared.clock import SECOND, SystemClock
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from tests.bench.by_engine import CATALOGUE
from tests.bench.data import make_database
from tests.bench.shop import NOW
from tests.standstill.world import Witness, scripts

FEW = 10
SCRIPT = """
conversation "{name}" {{
  thread "T" on order.placed {{
    email subject "{name}" body "<p>Come back! {{{{ unsubscribe_url }}}}</p>" list list:"Customers" -> end
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Fairness:
    """How long the few had to wait, who have been due for less time than the crowd: in turns, and in seconds."""

    crowd: int
    turns: int
    seconds: float
    taken: int
    """How many of the crowd had moved by then."""


def measure_fairness(path: Path, crowd: int, seed: int) -> Fairness:
    """Let a node work until the ten have their messages."""
    make_database(f"sqlite:///{path}", crowd, seed)
    engine, host, witness = connect(f"sqlite:///{path}"), build_host(), Witness(SystemClock())
    names = ("Crowd", "Few")
    with engine.begin() as connection:
        texts = [SCRIPT.format(name=name) for name in names]
        publish(connection, scripts(texts, CATALOGUE, host), CATALOGUE, host, NOW)
    let_in(engine, "Crowd", crowd, ago=30 * SECOND)
    let_in(engine, "Few", FEW, ago=20 * SECOND)
    node = Node(engine, Shelf(host), {"email": witness}, witness.clock)
    told, began = list[Done](), time.monotonic()

    def announce(done: Done) -> None:
        told.append(done)
        if sum(each.text == "Few" for each in witness.taken) == FEW:
            node.stopping.set()

    replace(node, announce=announce).run_due()
    engine.dispose()
    turns = sum(isinstance(done, Advanced) for done in told)
    return Fairness(crowd, turns, time.monotonic() - began, len(witness.taken) - FEW)


def let_in(engine: sa.Engine, name: str, count: int, *, ago: int) -> None:
    """Due runs of the first contacts at the first step of a conversation."""
    now = SystemClock().now() - ago
    [(conversation_id, version_id)] = _versions(engine, name)
    columns = {
        "contact_id": t.contact.c.id,
        "conversation_id": sa.literal(conversation_id),
        "entry_no": sa.literal(1),
        "version_id": sa.literal(version_id),
        "step": sa.literal(0),
        "state": sa.literal("active"),
        "due_at": sa.literal(now),
        "entered_at": sa.literal(now),
    }
    chosen = sa.select(*columns.values()).where(t.contact.c.id <= count)
    with engine.begin() as connection:
        connection.execute(sa.insert(t.run).from_select(list(columns), chosen))


def _versions(engine: sa.Engine, name: str) -> list[tuple[int, int]]:
    found = sa.select(t.conversation.c.id, t.conversation.c.live_version_id).where(t.conversation.c.name == name)
    with engine.connect() as connection:
        return [(row[0], row[1]) for row in connection.execute(found)]
