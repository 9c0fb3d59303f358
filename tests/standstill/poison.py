"""Poison: a step that ends its process, crashes it, never ends, eats memory or raises, at ten of very many."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.plugin.workshop import Limits, Workshop
from conductor_dsl.runtime.call_out import Failed
from conductor_dsl.runtime.done import Done
from conductor_dsl.runtime.errands import Errands
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import publish
from conductor_dsl.shared.clock import SystemClock
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.quarantine import quarantined
from tests.bench.by_engine import CATALOGUE
from tests.bench.data import make_database
from tests.bench.shop import NOW
from tests.plugin.installing import install
from tests.plugin.poison import CODE
from tests.standstill.crowd import let_in
from tests.standstill.world import Witness, scripts

KINDS = ("raise", "leave", "crash", "hoard", "loop")
EACH = 2
LIMITS = Limits(seconds=3, megabytes=700)
LETTER = 'email subject "{name}" body "<p>Hi! {{{{ unsubscribe_url }}}}</p>" list list:"Customers" -> end'
SCRIPT = 'conversation "{name}" {{ thread "T" on order.placed {{ {first} ' + LETTER + " }} }}"


@dataclass(frozen=True, slots=True)
class Poisoned:
    """What became of everybody: what was wrong about it, how often the function failed, and after how many seconds the
    last of the others was sent to, and the last of the other conversation.
    """

    contacts: int
    wrong: tuple[str, ...]
    calls_that_failed: int
    seconds: float
    neighbours: float


def poison_some(folder: Path, contacts: int, seed: int) -> Poisoned:
    """Let a node work until nothing is due; without contacts it is left out."""
    if not contacts:
        return Poisoned(0, (), 0, 0.0, 0.0)
    bad = {f"c{(place + 1) * contacts // (len(KINDS) * EACH + 1):08}": kind for place, kind in enumerate(KINDS * EACH)}
    site, path = folder / "site", folder / "poison.db"
    site.mkdir()
    install(site, "poison", CODE)
    sys.path.insert(0, str(site))
    make_database(f"sqlite:///{path}", contacts, seed)
    engine, host, witness, told = connect(f"sqlite:///{path}"), build_host(), Witness(SystemClock()), list[Done]()
    with engine.begin() as connection:
        for key, kind in bad.items():
            connection.execute(sa.update(t.contact).where(t.contact.c.key == key).values(first_name=kind))
        texts = [SCRIPT.format(name=name, first=first) for name, first in (("Scored", "score ->"), ("Beside", ""))]
        publish(connection, scripts(texts, CATALOGUE, host), CATALOGUE, host, NOW)
    for name in ("Scored", "Beside"):
        let_in(engine, name, contacts, ago=0)
    node = Node(engine, Shelf(host), {"email": witness}, witness.clock, errands=Errands(Workshop(LIMITS)))
    began = time.monotonic()
    replace(node, announce=told.append).run_due()
    node.close()
    sys.path.remove(str(site))
    return Poisoned(
        contacts,
        tuple(_wrong(engine, witness, bad, contacts)),
        sum(isinstance(done, Failed) for done in told),
        max(each.clock for each in witness.taken) - began,
        max(each.clock for each in witness.taken if each.text == "Beside") - began,
    )


def _wrong(engine: sa.Engine, witness: Witness, bad: dict[str, str], contacts: int) -> list[str]:
    with engine.connect() as connection:
        kept = {each.contact for each in quarantined(connection, contacts)}
    sent = {name: len({each.contact for each in witness.taken if each.text == name}) for name in ("Scored", "Beside")}
    wrong = [f"{key} is in quarantine" for key in kept - bad.keys()]
    wrong += [f"{key} ({bad[key]}) is not in quarantine" for key in bad.keys() - kept]
    if sent != {"Scored": contacts - len(bad), "Beside": contacts}:
        wrong.append(f"sent to {sent}")
    return wrong
