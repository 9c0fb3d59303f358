"""A shop whose database is lost again and again while it sends, and put back from backups that are too old."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import Instant, to_datetime
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.recoveries import last_act
from conductor_dsl.store.tables import intent
from tests.backups import back_up, put_back
from tests.cli.serving import STOPS_WITHIN, Command, conductor, make_project, serve
from tests.sim.simulating import Simulated, simulated
from tests.sim.text_shop import HELLO, text_settings

SETTLED = ("accepted", "delivered", "ambiguous")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: how often the database was lost, and how many texts it had forgotten that had left.

    `doubled` are the numbers whose phone got more than one text, `missing` those that got none, but for those in doubt,
    of which there are `ambiguous`; `broken` are the promises that do not hold.
    """

    contacts: int
    losses: int
    forgotten: int
    taken: int
    ambiguous: int
    doubled: tuple[str, ...]
    missing: int
    broken: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nobody got a text twice, and nobody none."""
        return not (self.doubled or self.missing or self.broken)


def tell(folder: Path, url: str, contacts: int, losses: int, seed: int, *, recovers: bool = True) -> Told:
    """Let a node send until its database is lost, put it back and recover, so many times; then let it end.

    Without `recovers` it just goes on, to show what would become of people then.
    """
    dice, forgotten = random.Random(seed), 0
    environ = {"CONDUCTOR_DATABASE_URL": url, "SHOP_TOKEN": "simulated"}
    with simulated(folder, "--seed", str(seed), "--receipt", "never=1", "--fault", "lost=0.02") as provider:
        settings = text_settings(provider.url, batch=20)
        shop = make_project(folder / "shop", {"hello.cdx": HELLO}, settings)
        _bring(shop, contacts, environ)
        for _ in range(losses):
            made, copy = _send_and_lose(shop, url, environ, dice)
            put_back(url, copy)
            forgotten += _taken(provider).total() - sum(_states(url).values()) + _states(url).get("ready", 0)
            if recovers:
                _recover(shop, made, environ)
        _send_the_rest(shop, url, environ, contacts)
        taken = _taken(provider)
    engine = connect(url)
    verdicts = verify(engine, build_host()).verdicts
    engine.dispose()
    ambiguous = _states(url).get("ambiguous", 0)
    return Told(
        contacts=contacts,
        losses=losses,
        forgotten=forgotten,
        taken=taken.total(),
        ambiguous=ambiguous,
        doubled=tuple(number for number, count in taken.items() if count > 1),
        missing=max(contacts - len(taken) - ambiguous, 0),
        broken=tuple(verdict.promise for verdict in verdicts if verdict.broken),
    )


def _send_and_lose(shop: Path, url: str, environ: Mapping[str, str], dice: random.Random) -> tuple[Instant, Path]:
    """Send a few batches, make a backup while it goes on, send some more, and die; returns when, and the backup."""
    with serve(shop, environ) as serving:
        for _ in range(dice.randint(1, 3)):
            serving.wait_for("message")
        copy = back_up(url, shop)
        engine = connect(url)
        with reading(engine) as connection:
            made = last_act(connection) or 0
        engine.dispose()
        for _ in range(dice.randint(2, 5)):
            serving.wait_for("message")
        serving.signal(signal.SIGKILL)
        serving.end()
    return made, copy


def _recover(shop: Path, made: Instant, environ: Mapping[str, str]) -> None:
    with Command("recover", str(shop), "--since", to_datetime(made).isoformat(), environ=environ) as recovering:
        assert recovering.end() in (0, 1), recovering.output


def _send_the_rest(shop: Path, url: str, environ: Mapping[str, str], contacts: int) -> None:
    with serve(shop, environ) as serving:
        while sum(count for state, count in _states(url).items() if state in SETTLED) < contacts:
            serving.wait_for("message")
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN) == 0


def _bring(shop: Path, contacts: int, environ: Mapping[str, str]) -> None:
    people = ["key,first_name,mobile", *(f"k{n},Ada {n},+1717{n + 2_000_000}" for n in range(contacts))]
    agreed = ["contact,list,action,at", *(f"k{n},Texts,subscribed,2026-01-01T00:00:00Z" for n in range(contacts))]
    for kind, lines in (("contacts", people), ("consent", agreed)):
        (shop / f"{kind}.csv").write_text("\n".join(lines))
        done = conductor("import", kind, str(shop / f"{kind}.csv"), "--project", str(shop), environ=environ)
        assert done.exit_code == 0, done.output


def _states(url: str) -> dict[str, int]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        counted = sa.select(intent.c.state, sa.func.count()).group_by(intent.c.state)
        return {row[0]: row[1] for row in connection.execute(counted)}


def _taken(provider: Simulated) -> Counter[str]:
    """How many texts the provider has taken, by number."""
    return Counter(str(entry["to"]) for entry in provider.entries() if entry["kind"] == "accepted")
