"""A text to everybody through a simulated provider that takes its time, so that something is always on its way."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.verify.nouns import Attempt
from conductor_dsl.shared.clock import DAY, Instant, SystemClock
from conductor_dsl.sim.log import read_log
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from tests.cli.serving import make_project
from tests.nodes.shop import RECORD
from tests.proven.figures import ROOT
from tests.sim.text_shop import text_settings

TOP = 'web.public_url = "http://127.0.0.1:9"'
SCRIPT = """
conversation "News" {
  class transactional
  reentry never
  thread "Everybody" when no_order_within 60d check every 1d {
    sms "Shop: the new roast is here. Reply STOP to opt out." from code:"34567" list list:"Texts" as "News"
    -> end
  }
}
"""


def build(folder: Path, url: str, provider: str, numbers: range, *, batch: int) -> Path:
    """The project, and a database with somebody for each of the numbers; returns the project's folder."""
    settings = text_settings(provider, batch=batch, settle="1s", top=TOP, sms="connections = 4")
    shop = make_project(folder, {"news.cdx": SCRIPT}, settings)
    engine, now = connect(url), SystemClock().now()
    with engine.begin() as connection:
        connection.execute(t.contact.insert(), [_contact(number, now) for number in numbers])
        yes = {"list": "Texts", "state": "subscribed", "since_at": now - DAY}
        connection.execute(t.membership.insert(), [{"contact_id": number} | yes for number in numbers])
        said = {"list": "Texts", "action": "subscribed", "at": now - DAY, "stored_at": now - DAY}
        connection.execute(t.consent.insert(), [{"contact_id": number} | said for number in numbers])
        connection.execute(sa.text(RECORD))
    engine.dispose()
    return shop


def _contact(number: int, now: Instant) -> dict[str, Any]:
    mobile, at = f"+1717{number:07}", now - DAY
    return {"id": number, "key": f"c{number}", "mobile": mobile, "mobile_state": "valid", "updated_at": at}


@contextmanager
def simulated_provider(log: Path, *options: str) -> Iterator[str]:
    """A simulated provider in a process of its own, which nobody kills; its address."""
    options = ("--port", "0", "--log", str(log), "--receipt", "never=1", *options)
    command = [sys.executable, "-m", "conductor_dsl", "provider-sim", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split(" at ")[1].split(";")[0]
        finally:
            process.terminate()
            process.stdout.read()


def log_to_attempts(log: Path) -> dict[str, list[Attempt]]:
    """What the simulated provider was asked to send, by key."""
    found: dict[str, list[Attempt]] = defaultdict(list)
    for entry in read_log(log):
        if entry["kind"] in ("accepted", "refused"):
            digest = blake2b(str(entry["text"]).encode(), digest_size=8).hexdigest()
            accepted = entry["kind"] == "accepted"
            found[entry["key"]].append(Attempt(entry["key"], entry["to"], digest, entry["at"], accepted))
    return found
