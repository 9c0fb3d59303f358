"""Nodes on machines with wrong clocks, each a process of its own over one PostgreSQL."""

from __future__ import annotations

import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY, MINUTE
from conductor_dsl.store.clocks import database_now
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import intent, run
from tests.cli.serving import LETTER, PATIENCE, STOPS_WITHIN, Command, conductor, make_project, sent_by_all

MANY = 200


def test_nodes_ten_minutes_ahead_and_behind_go_by_the_clock_of_the_database(postgres_url: str, tmp_path: Path) -> None:
    environ = {"CONDUCTOR_DATABASE_URL": postgres_url}
    folder = make_project(tmp_path / "shop", {"letter.cdx": LETTER})
    people = folder / "contacts.csv"
    people.write_text("\n".join(["key,email", *(f"k{number},k{number}@example.com" for number in range(MANY))]))
    assert conductor("import", "contacts", str(people), "--project", str(folder), environ=environ).exit_code == 0
    engine = connect(postgres_url)
    ear: SimpleQueue[str] = SimpleQueue()
    with ExitStack() as nodes:
        nodes.callback(engine.dispose)
        serving = [
            nodes.enter_context(
                Command(off, "serve", str(folder), environ=environ, ear=ear, module="tests.cluster.skewed")
            )
            for off in ("600", "-600")
        ]
        for node, words in zip(serving, ("600 s ahead of", "600 s behind"), strict=True):
            assert f"the clock of this machine is {words} the database's" in node.wait_for("warning")
            node.wait_for("serving")
        with engine.connect() as connection:
            while (connection.scalar(sa.select(sa.func.count()).where(intent.c.state == "accepted")) or 0) < MANY:
                connection.rollback()
                ear.get(timeout=PATIENCE)
            now = database_now(connection) or 0
            dues = connection.scalars(sa.select(run.c.due_at)).all()
        assert len(dues) == MANY
        assert all(abs(due - now - 3 * DAY) < 2 * MINUTE for due in dues)
        said = conductor("status", str(folder), environ=environ).output
        assert "ahead of the database's" in said and "behind the database's" in said
        for node in serving:
            node.signal(signal.SIGTERM)
            assert node.end(within=STOPS_WITHIN) == 0
    assert sent_by_all(serving) == Counter({f"k{number}@example.com": 1 for number in range(MANY)})
