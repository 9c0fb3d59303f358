"""A shop that serves while its database fails in every way that we know how to bring about, again and again."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import intent
from tests.cli.serving import LETTER, STOPS_WITHIN, Command, conductor, make_project, sent_by_all, serve
from tests.faults.faults import FAULTS, Scene

BATCH = 10
"""So many contacts move at once; a fault needs a few batches to be met by one, and to be over in another."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: how often each fault was met, and how often people were told of any; what must not be.

    `twice` are addresses that were written to more than once, `missing` those that never were.
    """

    contacts: int
    met: dict[str, int]
    errors: int
    tracebacks: int
    code: int
    twice: tuple[str, ...]
    missing: int
    broken: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the node went on after every fault, ended as it should, and nothing was lost or doubled."""
        return not (self.tracebacks or self.code or self.twice or self.missing or self.broken)


def tell(folder: Path, url: str, names: Sequence[str], contacts: int) -> Told:
    """Let a node serve, and let these faults happen one after the other; each is over once the node has told of it."""
    patient = f"{url}?timeout=1" if url.startswith("sqlite") else url
    environ = {"CONDUCTOR_DATABASE_URL": patient}
    shop = make_project(folder / "shop", {"letter.cdx": LETTER})
    _bring(shop, contacts, environ)
    met = dict.fromkeys(names, 0)
    with serve(shop, environ) as serving:
        serving.wait_for("accepted")
        for name in names:
            _, fault, words = FAULTS[name]
            with contextmanager(fault)(Scene(serving.pid, url)):
                serving.wait_for(words)
                serving.wait_for("hint: ")
            serving.wait_for("accepted")
            met[name] += 1
        code = _finish(serving, url, contacts)
    sent = sent_by_all([serving])
    engine = connect(url)
    verdicts = verify(engine, build_host()).verdicts
    engine.dispose()
    return Told(
        contacts=contacts,
        met=met,
        errors=sum(line.startswith("error: ") for line in serving.lines),
        tracebacks=sum("Traceback" in line for line in serving.lines),
        code=code,
        twice=tuple(address for address, count in sent.items() if count > 1),
        missing=contacts - len(sent),
        broken=tuple(verdict.promise for verdict in verdicts if verdict.broken),
    )


def _bring(shop: Path, contacts: int, environ: dict[str, str]) -> None:
    people = ["key,email", *(f"k{number},k{number}@example.com" for number in range(contacts))]
    (shop / "contacts.csv").write_text("\n".join(people))
    done = conductor("import", "contacts", str(shop / "contacts.csv"), "--project", str(shop), environ=environ)
    assert done.exit_code == 0, done.output


def _finish(serving: Command, url: str, contacts: int) -> int:
    """Wait until everybody has a letter, and stop; the exit code."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    taken = sa.select(sa.func.count()).where(intent.c.state == "accepted")
    while True:
        with engine.connect() as connection:
            if connection.scalar(taken) == contacts:
                break
        serving.wait_for("accepted")
    engine.dispose()
    serving.signal(signal.SIGTERM)
    return serving.end(within=STOPS_WITHIN)
