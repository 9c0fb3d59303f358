"""Three nodes, each a process of its own, over one PostgreSQL; one is killed while it sends."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import sqlalchemy as sa

from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.states import IntentState
from conductor_dsl.runtime.verify.nouns import Verification
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store.connect import connect, reading
from conductor_dsl.store.tables import intent
from tests.cli.serving import PATIENCE, Command, conductor, make_project, serve
from tests.sim.simulating import Simulated, simulated
from tests.sim.text_shop import text_settings

NODES = 3
SCRIPT = """
conversation "News" {
  class transactional
  reentry never
  thread "Everybody" when no_order_within 60d check every 1d {
    sms "Shop: the new roast is here. Reply STOP to opt out." from code:"34567" list list:"Texts" ttl 2d as "News"
    -> end
  }
}
"""


Held = tuple[int, str, int]
"""A contact's message in a node's hand: the contact, the node, and the end of its lease."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of everybody.

    `in_hand` messages were being sent when a node was killed; `taken_over` seconds later nobody had one of them in hand
    any more as it was then, and `took` seconds later everything was settled: what is sent once more may lose its answer
    once more.
    `twice` are the keys that the provider accepted more than once, by its own log.
    """

    contacts: int
    states: dict[str, int]
    in_hand: int
    taken_over: float
    took: float
    twice: list[str]
    verification: Verification


def tell(folder: Path, url: str, contacts: int, say: Callable[[str], None]) -> Told:
    """Bring in contacts, let three nodes send to them, and kill one in the middle."""
    environ = {"CONDUCTOR_DATABASE_URL": url, "SHOP_TOKEN": "simulated"}
    engine = connect(url)
    with simulated(folder, "--seed", "1", "--fault", "lost=0.01") as provider, ExitStack() as nodes:
        nodes.callback(engine.dispose)
        shop = make_project(folder / "shop", {"news.cdx": SCRIPT}, text_settings(provider.url, batch=100, settle="1s"))
        _bring(shop, contacts, environ)
        say(f"{contacts:,} contacts, a provider that loses 1 answer in 100, {NODES} nodes over one PostgreSQL")
        ear: SimpleQueue[str] = SimpleQueue()
        serving = [nodes.enter_context(serve(shop, environ, ear)) for _ in range(NODES)]
        held, started = _kill_one(engine, serving, ear), time.monotonic()
        in_hand = len(held)
        say(f"one node is killed: {in_hand:,} of its messages are on their way, and nobody knows how far they came")
        while held & _held(engine):
            ear.get(timeout=PATIENCE)
        taken_over = time.monotonic() - started
        while sum(count for state, count in _states(engine).items() if state in _SETTLED) < contacts:
            ear.get(timeout=PATIENCE)
        took = time.monotonic() - started
        say(f"the others have taken them over {taken_over:.1f} s later, and have settled everything after {took:.1f} s")
        twice = _twice(provider)
    told = Told(contacts, _states(engine), in_hand, taken_over, took, twice, verify(engine, build_host()))
    engine.dispose()
    return told


def _bring(shop: Path, contacts: int, environ: dict[str, str]) -> None:
    people = ["key,mobile", *(f"c{number},+1717555{number:04}" for number in range(contacts))]
    agreed = ["contact,list,action,at", *(f"c{n},Texts,subscribed,2026-01-01T00:00:00Z" for n in range(contacts))]
    for kind, lines in (("contacts", people), ("consent", agreed)):
        (shop / f"{kind}.csv").write_text("\n".join(lines))
        done = conductor("import", kind, str(shop / f"{kind}.csv"), "--project", str(shop), environ=environ)
        assert done.exit_code == 0, done.output


def _kill_one(engine: sa.Engine, serving: Sequence[Command], ear: SimpleQueue[str]) -> set[Held]:
    """Kill the first node that has sent a batch while messages are on their way; returns which."""
    while True:
        ear.get(timeout=PATIENCE)
        victim = next((node for node in serving if node.has_said("accepted")), None)
        held = _held(engine)
        if victim and held:
            victim.signal(signal.SIGKILL)
            return held


_SETTLED = (IntentState.ACCEPTED, IntentState.DELIVERED, IntentState.AMBIGUOUS)


def _held(engine: sa.Engine) -> set[Held]:
    """The messages that are on their way: whose they are, and until when."""
    with reading(engine) as connection:
        columns = (intent.c.contact_id, intent.c.claimed_by, intent.c.lease_until)
        sending = sa.select(*columns).where(intent.c.state == IntentState.SENDING)
        return {(row[0], row[1], row[2]) for row in connection.execute(sending)}


def _states(engine: sa.Engine) -> dict[str, int]:
    with reading(engine) as connection:
        counted = sa.select(intent.c.state, sa.func.count()).group_by(intent.c.state)
        return {row[0]: row[1] for row in connection.execute(counted)}


def _twice(provider: Simulated) -> list[str]:
    return list(provider.summary()["accepted twice"])
