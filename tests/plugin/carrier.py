"""A carrier whose SMS centre runs in another process, and providers that are logged in there."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from conductor_dsl.api import Clock, Heard, Inbound, Outgoing, Receipt, SystemClock
from conductor_dsl.testing.provider_suite import outgoing
from conductor_plugins.provider_smpp.provider import SmppProvider
from conductor_plugins.provider_smpp.settings import read_settings
from tests.architecture.tree import ROOT
from tests.plugin.smsc import PASSWORD

PATIENCE = 60
"""Seconds after which something that does not happen is a failure."""
Event = dict[str, Any]


class Ear:
    """Remembers what providers were told; `fail` makes it raise so many times first."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.fail = 0
        self._something = threading.Condition()

    def __call__(self, heard: Heard) -> None:
        """Take it in."""
        with self._something:
            if self.fail:
                self.fail -= 1
                raise OSError("the disk is full")
            self.heard.append(heard)
            self._something.notify_all()

    @property
    def receipts(self) -> list[Receipt]:
        """All receipts so far."""
        return [receipt for heard in self.heard for receipt in heard.receipts]

    @property
    def texts(self) -> list[Inbound]:
        """All texts so far."""
        return [text for heard in self.heard for text in heard.inbound]

    def wait_for(self, met: Callable[[], object]) -> None:
        """Wait until something was heard by which a condition is met."""
        with self._something:
            assert self._something.wait_for(met, PATIENCE), self.heard


class Carrier:
    """The process, with all that it has told."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.plugin.smsc", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.events: list[Event] = []
        self._something = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for("ready")[0]["port"])
        self.ear = Ear()
        self.clock: Clock = SystemClock()
        self.opened: list[SmppProvider] = []

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._something:
                self.events.append(json.loads(line))
                self._something.notify_all()

    def told(self, event: str) -> list[Event]:
        """The events of a kind until now."""
        self.order()
        return self._known(event)

    def _known(self, event: str) -> list[Event]:
        return [each for each in self.events if each["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> list[Event]:
        """The events of a kind, once there are so many."""
        with self._something:
            assert self._something.wait_for(lambda: len(self._known(event)) >= count, PATIENCE), self.events
        return self._known(event)

    def order(self, **order: Any) -> None:
        """Let it do something, and wait until it has begun."""
        done = len(self._known("obeyed"))
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.wait_for("obeyed", done + 1)

    def rule(self, match: str, times: int = 1, **what: Any) -> None:
        """What to do with texts that hold some words."""
        self.order(rules=[{"match": match, "times": times, **what}])

    def provider(self, folder: Path, **options: Any) -> SmppProvider:
        """A provider that is logged in, with a database in the folder; its times are given in seconds.

        Unless a time is given, nothing is over before it is done, however slow the machine is.
        """
        given = {"host": "127.0.0.1", "port": self.port, "system_id": "alder", "password": PASSWORD}
        times = {"timeout": 30.0} | {name: options.pop(name) for name in ("timeout", "enquire") if name in options}
        engine = sa.create_engine(f"sqlite:///{folder / 'conductor.db'}")
        settings = replace(read_settings(given | options, str(folder)), **times)
        made = SmppProvider(settings, self.clock, engine, self.ear)
        self.opened.append(made)
        return made

    def has_little_time(self, provider: SmppProvider, seconds: float) -> None:
        """Let a provider wait for answers to texts for so many seconds only, and for all else as long as before."""
        provider._courier._settings = replace(provider._courier._settings, timeout=seconds)

    def bring(self, text: str = "", **given: Any) -> None:
        """Bring a text of a person, or a receipt."""
        fields = {"source": "17175550100", "dest": "34567", "body": text.encode("latin-1").hex()}
        self.order(deliver=fields | given)

    def bring_receipt(self, name: str, state: str = "DELIVRD", error: str = "000") -> None:
        """Bring a delivery receipt as most carriers write it."""
        dates = "submit date:2603021600 done date:2603021601"
        self.bring(f"id:{name} sub:001 dlvrd:001 {dates} stat:{state} err:{error} text:Hello Ada", esm=4)

    def stop(self) -> None:
        """End the process, as if the machine were gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def close(self) -> None:
        """Log out, and end the process."""
        for each in self.opened:
            each.close()
        self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def text(number: int = 1, words: str = "Hello Ada") -> Outgoing:
    """A text to somebody."""
    return outgoing(number, "sms", words)
