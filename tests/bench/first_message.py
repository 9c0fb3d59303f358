"""How long after an event does its first message leave, at 500 events a second, through a running `conductor serve`?

One process imports what has come every 20 ms, each event dated when it came; `serve` hears the doorbell, writes the
messages and hands them to a provider. The time is from the event to when the acceptance is written down. By hand one
process does it all in a loop: it stores the events with their messages, sends, and marks them.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.ingest.ingest import ingest_stream
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.shared.clock import SystemClock
from conductor_dsl.shared.collecting_later import keep_for_good
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.tables import event, intent
from tests.bench.data import put_rows
from tests.bench.figures import Answer, Figure, Goal
from tests.bench.rounds import Bench
from tests.bench.stages import ROOT
from tests.cli.serving import conductor, make_project, serve

RATE, TICK = 500, 0.02
LIMIT_MS = 250
PATIENCE = 120
SETTINGS = """
brand.name = "Shop"
[email]
provider = "development"
from = "Shop <hello@shop.example>"
"""
SCRIPT = """
event shop.signup { source text }
conversation "Welcome" {
  class transactional
  thread "Hi" on shop.signup {
    email subject "Hello" body "Hello {{ first_name | default: 'you' }}" as "Hello" -> wait 3d -> end
  }
}
"""
_BY_HAND = "CREATE TABLE hand_signup (contact TEXT PRIMARY KEY, at BIGINT, body TEXT, taken_at BIGINT)"


def ask(bench: Bench) -> Iterator[Answer]:
    """An answer for each database."""
    seconds = bench.scaled(20, 60)
    for stage in bench.stages.values():
        ours: list[Sequence[float]] = []
        by_hand: list[Sequence[float]] = []
        for _ in range(bench.rounds):
            url = stage.copy(stage.make("tests.bench.data", {"contacts": 10, "seed": bench.seed}))
            by_hand.append(_by_hand(url, seconds))
            ours.append(_served(url, seconds))
            bench.say(f"{stage.name}: p50 {_at(ours[-1], 50):,.0f} ms, p99 {_at(ours[-1], 99):,.0f} ms")
        yield Answer(f"From an event to its message, {RATE} a second, on {stage.name}", _figures(ours, by_hand), [])


def _figures(ours: list[Sequence[float]], by_hand: list[Sequence[float]]) -> list[Figure]:
    figures = [
        Figure(f"p{share} of {len(ours[0]):,}", [_at(each, share) for each in ours], "ms", goal)
        for share, goal in ((50, None), (99, Goal(LIMIT_MS, at_least=False)))
    ]
    times = [_at(one, 99) / _at(other, 99) for one, other in zip(ours, by_hand, strict=True)]
    return [*figures, Figure("p99: engine / by hand", times, "times as long")]


def _at(values: Sequence[float], share: int) -> float:
    return sorted(values)[min(len(values) * share // 100, len(values) - 1)]


def _served(url: str, seconds: int) -> list[float]:
    """The milliseconds that each message took."""
    with TemporaryDirectory(prefix="cdx-bench-serve-") as folder:
        shop = make_project(Path(folder) / "shop", {"welcome.cdx": SCRIPT}, SETTINGS)
        environ = {"CONDUCTOR_DATABASE_URL": url}
        _bring(shop, RATE * seconds, environ)
        with serve(shop, environ) as serving:
            serving.wait_for("serving")
            options = json.dumps({"url": url, "seconds": seconds, "folder": folder})
            subprocess.run([sys.executable, "-m", "tests.bench.first_message", options], cwd=ROOT, check=True)
            return _wait(url, RATE * seconds)


def _bring(shop: Path, contacts: int, environ: Mapping[str, str]) -> None:
    lines = ["key,email", *(f"s{number},s{number}@example.com" for number in range(contacts))]
    (shop / "contacts.csv").write_text("\n".join(lines), encoding="utf-8")
    done = conductor("import", "contacts", str(shop / "contacts.csv"), "--project", str(shop), environ=environ)
    assert done.exit_code == 0, done.output


def feed(url: str, seconds: int, folder: str) -> None:
    """Import the events, at each tick those that have come since; after a tick that took longer they are more."""
    engine, clock = connect(url), SystemClock()
    with engine.begin() as connection:
        programs = load_programs(connection, build_host())
    keep_for_good()
    for come in _arriving(seconds):
        rows = (f"s{number},shop.signup,{_iso(due)},web" for number, due in come)
        stream = io.BytesIO("\n".join(["contact,name,at,source", *rows]).encode())
        done = ingest_stream(engine, programs, "events", stream, clock=clock, rejects_path=Path(folder) / "rejects.csv")
        assert done.stored == len(come), done
    engine.dispose()


def _arriving(seconds: int) -> Iterator[list[tuple[int, float]]]:
    """Events as they come, by number, each with the time at which it did; what came meanwhile comes together."""
    begun, given, count = time.time(), 0, RATE * seconds
    while given < count:
        time.sleep(max(begun + given / RATE + TICK - time.time(), 0))
        until = min(int((time.time() - begun) * RATE), count)
        yield [(number, begun + number / RATE) for number in range(given, until)]
        given = until


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _wait(url: str, count: int) -> list[float]:
    """The milliseconds from each event to its message, once all have left."""
    engine = connect(url)
    took = sa.select(intent.c.settled_at - event.c.at).join_from(
        intent, event, event.c.contact_id == intent.c.contact_id
    )
    took = took.where(intent.c.state == "accepted", event.c.name == "shop.signup")
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with reading(engine) as connection:
            found = [float(value) for value in connection.scalars(took)]
        if len(found) == count:
            engine.dispose()
            return found
        time.sleep(0.5)
    raise TimeoutError(f"{len(found)} of {count} messages have left after {PATIENCE} s")


def _by_hand(url: str, seconds: int) -> list[float]:
    engine = connect(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(_BY_HAND)
    took: list[float] = []
    for come in _arriving(seconds):
        keys = [f"s{number}" for number, _ in come]
        with engine.begin() as connection:
            rows = ((f"s{number}", int(due * 1000), f"Hello s{number}", None) for number, due in come)
            put_rows(connection, "hand_signup", ("contact", "at", "body", "taken_at"), rows)
        with engine.begin() as connection:
            names = ", ".join(f"'{key}'" for key in keys)
            now = int(time.time() * 1000)
            connection.exec_driver_sql(f"UPDATE hand_signup SET taken_at = {now} WHERE contact IN ({names})")
        took += [(time.time() - due) * 1000 for _, due in come]
    engine.dispose()
    return took


if __name__ == "__main__":
    feed(**json.loads(sys.argv[1]))
