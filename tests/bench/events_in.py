"""How many events a second can be imported that end runs, wake runs and let contacts in?

A file of events, read by the importer in batches of 10,000: a third end the run of their contact, a third wake one that
waits for them, a third let somebody in. By hand it is the same file, read with `csv`, put into a temporary table by the
batch, and from there into tables of its own by four statements.
"""

from __future__ import annotations

import atexit
import csv
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.check import check
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.messages.template_to_reading import read_template
from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.shared.clock import MINUTE, SECOND, VirtualClock
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import run
from tests.bench.by_engine import CATALOGUE
from tests.bench.data import put_rows
from tests.bench.figures import Answer, Figure, Goal, ratios
from tests.bench.rounds import Bench, Player, play_rounds
from tests.bench.shop import BATCH, NOW
from tests.bench.worker import Done, Play

RATE = 20_000
SCRIPT = """
event visit.begun { page text }
event visit.ended { page text }
event basket.begun { page text }
event basket.paid { page text }
event club.joined { page text }
conversation "Visits" { class alert exit on visit.ended thread "T" on visit.begun { wait 30d -> end } }
conversation "Baskets" {
  class alert
  thread "T" on basket.begun { wait for basket.paid up to 30d -> end "over" }
}
conversation "Club" { class alert thread "T" on club.joined { wait 30d -> end } }
"""
BEFORE = ("visit.begun", "basket.begun")
TIMED = ("visit.ended", "basket.paid", "club.joined")
_BY_HAND = (
    "CREATE TABLE hand_event (contact_id BIGINT, key TEXT, name TEXT, at TEXT, page TEXT, "
    "PRIMARY KEY (contact_id, key));"
    "CREATE TABLE hand_run (contact_id BIGINT, name TEXT, state TEXT, PRIMARY KEY (contact_id, name));"
    "INSERT INTO hand_run SELECT id, 'Visits', 'active' FROM contact;"
    "INSERT INTO hand_run SELECT id, 'Baskets', 'waiting' FROM contact;"
    "CREATE TEMPORARY TABLE hand_came (contact TEXT, name TEXT, at TEXT, event_id TEXT, page TEXT)"
)
_WHO = "SELECT id FROM contact JOIN hand_came ON contact.key = hand_came.contact WHERE hand_came.name = "
_BATCH_BY_HAND = (
    "INSERT INTO hand_event SELECT id, event_id, name, at, page FROM hand_came JOIN contact ON contact.key = contact "
    "WHERE true ON CONFLICT DO NOTHING;"
    f"UPDATE hand_run SET state = 'exited' WHERE name = 'Visits' AND contact_id IN ({_WHO} 'visit.ended');"
    f"UPDATE hand_run SET state = 'active' WHERE name = 'Baskets' AND contact_id IN ({_WHO} 'basket.paid');"
    f"INSERT INTO hand_run SELECT id, 'Club', 'active' FROM ({_WHO} 'club.joined') AS came "
    "WHERE true ON CONFLICT DO NOTHING;"
    "DELETE FROM hand_came"
)


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database."""
    contacts = bench.scaled(50_000, 300_000)
    for stage in bench.stages.values():
        url = stage.make("tests.bench.data", {"contacts": contacts, "seed": bench.seed})
        options = {"contacts": contacts, "seed": bench.seed}
        players = [
            Player("by hand", "events_in:prepare_by_hand", url, contacts, options),
            Player("engine", "events_in", url, contacts, options),
        ]
        samples = list(play_rounds(bench, stage, players))
        rates = [sample.wall_rate for sample in samples if sample.who == "engine"]
        figures = [Figure("events in", rates, "rows/s", Goal(RATE)), *ratios(samples, "engine", "by hand")]
        question = f"Events in, with exits, wakes and entries, on {stage.name}"
        yield Answer(question, figures, samples, "rows")


def prepare(url: str, options: Mapping[str, Any]) -> Play:
    """Let everybody into two conversations; what is timed imports what comes after."""
    host, engine, clock = build_host(), connect(url), VirtualClock(NOW)
    publish_script(engine, host)
    node, folder = Node(engine, Shelf(host), {}, clock, batch=BATCH), _folder()
    with engine.connect() as connection:
        programs = node.shelf.programs(connection)

    def load(names: tuple[str, ...]) -> int:
        clock.move_to(clock.now() + MINUTE)
        path = _write(folder / "events.csv", names, options, _iso(clock.now() - SECOND))
        return ingest_file(engine, programs, "events", path, clock=clock).stored

    for name in BEFORE:
        load((name,))
    node.run_due()
    path = _write(folder / "timed.csv", TIMED, options, _iso(clock.now() + SECOND))
    clock.move_to(clock.now() + MINUTE)

    def play() -> Done:
        stored = ingest_file(engine, programs, "events", path, clock=clock).stored
        _check(engine, stored)
        return Done(stored)

    return play


def prepare_by_hand(url: str, options: Mapping[str, Any]) -> Play:
    """The same by hand, everybody inside already."""
    engine = connect(url)
    path = _write(_folder() / "timed.csv", TIMED, options, _iso(NOW))
    connection = engine.connect()
    for statement in _BY_HAND.split(";"):
        connection.exec_driver_sql(statement)
    connection.commit()

    def play() -> Done:
        units = 0
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            columns = next(rows)
            while batch := list(islice(rows, BATCH)):
                with connection.begin():
                    put_rows(connection, "hand_came", columns, batch)
                    for statement in _BATCH_BY_HAND.split(";"):
                        connection.exec_driver_sql(statement)
                units += len(batch)
        return Done(units)

    return play


def publish_script(engine: sa.Engine, host: Host) -> None:
    """Publish the three conversations."""
    checked = check(Source("events.cdx", SCRIPT), Context(host.vocabulary, CATALOGUE, read_template))
    wrong = [finding for finding in checked.report.findings if finding.is_error]
    assert not wrong, wrong
    scripts = [Script(bound_to_flow(conversation), SCRIPT) for conversation in checked.conversations]
    with engine.begin() as connection:
        publish(connection, scripts, CATALOGUE, host, NOW)


def _check(engine: sa.Engine, stored: int) -> None:
    """Every event had its effect; counted by the database, for it is timed."""
    of_each = [sa.func.count(), sa.func.count(run.c.awaits)]
    with engine.connect() as connection:
        found = connection.execute(sa.select(run.c.state, *of_each).group_by(run.c.state)).all()
    assert {state: count for state, count, _ in found} == {"exited": stored // 3, "active": stored - stored // 3}, found
    assert not any(waiting for _, _, waiting in found)


def _folder() -> Path:
    """A folder that goes away with this process."""
    made = tempfile.mkdtemp(prefix="cdx-bench-events-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def _write(path: Path, names: tuple[str, ...], options: Mapping[str, Any], at: str) -> Path:
    """A file with an event of each name for everybody, in some order."""
    rows = [(f"c{number:08}", name) for number in range(1, options["contacts"] + 1) for name in names]
    random.Random(options["seed"]).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("contact", "name", "at", "event_id", "page"))
        writer.writerows((contact, name, at, f"{name}-{contact}", "/coffee") for contact, name in rows)
    return path


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()
