"""The simulated provider in a process of its own, and a client of it that repeats nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from conductor_dsl.cli.provider_sim import ACCOUNT
from conductor_dsl.sim.log import read_log
from tests.cli.serving import Command

TOKEN = "simulated"
AUTHORIZATION = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class Said(NamedTuple):
    """An answer."""

    status: int
    said: Any
    headers: Mapping[str, str]


class Simulated:
    """A running one."""

    def __init__(self, command: Command, log: Path) -> None:
        self.command, self.log = command, log
        line = command.wait_for("listening")
        self.url = line.split(" at ")[1].split(";")[0]

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Said:
        """One request over one connection."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            content = answer.read()
            return Said(answer.status, json.loads(content or b"null"), dict(answer.getheaders()))
        finally:
            connection.close()

    def send(self, to: str = "+17175550100", text: str = "Hello", **fields: str) -> Said:
        """A text, as Twilio wants it."""
        form = urlencode({"To": to, "From": "34567", "Body": text, **fields})
        return self.ask("POST", MESSAGES, form, Authorization=AUTHORIZATION)

    def listed(self, **query: str) -> Any:
        """A page of the list of messages."""
        return self.ask("GET", f"{MESSAGES}?{urlencode(query)}", Authorization=AUTHORIZATION).said

    def summary(self) -> Any:
        """How many of what."""
        return self.ask("GET", "/summary").said

    def entries(self) -> list[dict[str, Any]]:
        """The log, but for a line that is being written."""
        return list(read_log(self.log))


@contextmanager
def simulated(folder: Path, *options: str, plan: str = "") -> Iterator[Simulated]:
    """Run one with its log in the folder."""
    log = folder / "sim.log"
    if plan:
        (folder / "plan.toml").write_text(plan, encoding="utf-8")
        options = ("--plan", str(folder / "plan.toml"), *options)
    with Command("provider-sim", "--port", "0", "--log", str(log), *options) as command:
        yield Simulated(command, log)
