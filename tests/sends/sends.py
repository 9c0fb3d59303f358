"""A text to everybody through a simulated provider that loses answers, by an engine that is killed again and again."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from conductor_dsl.cli.provider_sim import ACCOUNT
from conductor_dsl.plugin.channels import ChannelProvider, ProviderSetting
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, SECOND, Instant, VirtualClock
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.sim.log import read_log
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_plugins.provider_twilio import TWILIO
from tests.conformance.shop import NOW, catalogue, flows, host
from tests.sends.bugs import BUGS

SCRIPT = """
conversation "Hello" {
  class transactional
  thread "Everybody" when no_order_within 60d check every 1d { sms "Hello {{ first_name | default: 'you' }}" -> end }
}
"""
SECRET = "sends"
FAULTS = ("lost=0.02", "dropped=0.005", "half=0.005", "garbage=0.005", "500=0.005")
KNOWN = frozenset({"accepted", "delivered", "ambiguous"})
GLANCE = 0.005
"""Seconds between two looks at how many texts have left."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many texts, how many seconds a life of the engine lasts at most, and which dice."""

    folder: Path
    sends: int = 2_000
    every: float = 1.0
    after: int = 0
    """A life ends when the provider has been asked to take so many more, about; 0 is as many as come in its time."""
    seed: int = 1
    batch: int = 200
    bug: str = ""

    @property
    def url(self) -> str:
        """The database."""
        return f"sqlite:///{self.folder / 'sends.db'}"

    @property
    def log(self) -> Path:
        """The provider's own account."""
        return self.folder / "sim.log"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; the last four are what must not be, but for keys that are listed as ambiguous."""

    seconds: float
    kills: int
    messages: Mapping[str, int]
    faults: Mapping[str, int]
    accepted: int
    ambiguous: tuple[str, ...]
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    unknown: tuple[str, ...]
    broken: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or untrue."""
        return not (self.lost or self.doubled or self.unknown or self.broken)


def send_all(plan: Plan) -> Result:
    """Tell the whole story, and judge it."""
    began = time.perf_counter()
    _build(plan)
    with _provider(plan) as url:
        kills, now, dice = 0, NOW, Random(plan.seed)
        while True:
            due = _one_life(plan, url, now, dice)
            kills += due is None
            now += LEASE + SECOND
            if due is not None and not _open(plan):
                break
            now = max(now, due or 0)
    return _judge(plan, kills, round(time.perf_counter() - began, 1))


def _build(plan: Plan) -> None:
    """Everybody has agreed, and has a number of their own."""
    engine = connect(plan.url, SECRET)
    numbers = range(1, plan.sends + 1)
    agreed = [{"contact_id": n, "list": "sms", "state": "subscribed", "since_at": NOW - DAY} for n in numbers]
    known = catalogue()
    with engine.begin() as connection:
        connection.execute(t.contact.insert(), [_contact(number) for number in numbers])
        connection.execute(t.membership.insert(), agreed)
        publish(connection, [Script(flow, SCRIPT) for flow in flows(SCRIPT, known)], known, host(), NOW)
    engine.dispose()


def _contact(number: int) -> dict[str, Any]:
    mobile, at = f"+1717{number:07}", NOW - DAY
    given = {"id": number, "key": f"c{number}", "mobile": mobile, "mobile_state": "valid", "updated_at": at}
    return given | {"first_name": f"Ada {number}", "last_order_at": NOW - 70 * DAY}


@contextmanager
def _provider(plan: Plan) -> Iterator[str]:
    """A simulated one in a process of its own; it is not this story that kills it."""
    options = ["--port", "0", "--log", str(plan.log), "--seed", str(plan.seed), "--receipt", "never=1"]
    options += [part for fault in FAULTS for part in ("--fault", fault)]
    command = [sys.executable, "-m", "conductor_dsl", "provider-sim", *options]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split(" at ")[1].split(";")[0]
        process.terminate()
        process.stdout.read()


def _one_life(plan: Plan, url: str, now: Instant, dice: Random) -> Instant | None:
    """When something is due again, if it has done its work; None if it was killed before."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _live(plan, url, now, writing)
        except BaseException:  # noqa: BLE001  (the child must never return into the parent's code)
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    _wait_for_its_end(plan, reading, dice)
    os.kill(pid, signal.SIGKILL)
    said = os.read(reading, 100).decode()
    os.close(reading)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return int(said) if said else None


def _wait_for_its_end(plan: Plan, reading: int, dice: Random) -> None:
    """Until a life has said that it has done its work, or is to be killed: early or late on its way, but on its way."""
    until, left = time.monotonic() + plan.every, dice.randint(plan.after // 2, plan.after * 3 // 2)
    with plan.log.open("rb") as log:
        log.seek(0, os.SEEK_END)
        while (moment := until - time.monotonic()) > 0 and (left > 0 or not plan.after):
            if select.select([reading], [], [], min(moment, GLANCE) if plan.after else moment)[0]:
                break
            left -= log.read().count(b"\n")


def _live(plan: Plan, url: str, now: Instant, report: int) -> None:
    """Do whatever is due, and say when something is due again, or 0."""
    engine = connect(plan.url, SECRET)
    options = {"account_sid": ACCOUNT, "auth_token": "simulated", "base_url": url, "settle": "0s", "timeout": "5s"}
    setting = ProviderSetting(options, ".", engine, print, callback_url="http://127.0.0.1:9/sms")
    provider: ChannelProvider = BUGS[plan.bug](TWILIO.build(setting))
    node = Node(engine, Shelf(host()), {"sms": provider}, VirtualClock(now), batch=plan.batch)
    os.write(report, str(node.run_due() or 0).encode())


def _open(plan: Plan) -> int:
    """How many have no text yet, or one without an outcome."""
    engine = connect(plan.url, SECRET)
    with engine.connect() as connection:
        settled = sa.select(sa.func.count()).where(t.intent.c.state.not_in(("ready", "sending")))
        found = plan.sends - (connection.scalar(settled) or 0)
    engine.dispose()
    return found


def _judge(plan: Plan, kills: int, seconds: float) -> Result:
    """Hold the database against the provider's own account."""
    engine = connect(plan.url, SECRET)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*t.intent.primary_key, t.intent.c.state)).all()
    states = {dispatch_key(SECRET, *row[:5]): str(row[5]) for row in rows}
    verification = verify(engine, host())
    engine.dispose()
    entries = list(read_log(plan.log))
    taken = Counter(str(entry["key"]) for entry in entries if entry["kind"] == "accepted")
    sure = {key for key, state in states.items() if state in ("accepted", "delivered")}
    without = set(range(1, plan.sends + 1)) - {row[0] for row in rows}
    return Result(
        seconds=seconds,
        kills=kills,
        messages=dict(Counter(states.values())),
        faults=dict(Counter(str(entry["fault"]) for entry in entries if entry.get("fault"))),
        accepted=taken.total(),
        ambiguous=tuple(key for key, state in states.items() if state == "ambiguous"),
        lost=(*map(str, without), *(key for key, state in states.items() if state not in KNOWN)),
        doubled=tuple(key for key, count in taken.items() if count > 1 and states.get(key) != "ambiguous"),
        unknown=tuple((sure - taken.keys()) | {key for key in taken if states.get(key) not in KNOWN}),
        broken={verdict.promise: verdict.broken for verdict in verification.verdicts if verdict.broken},
    )
