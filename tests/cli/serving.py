"""Projects and running commands for end-to-end tests; a test waits for a line of output, never for time to pass."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

from click.testing import CliRunner, Result

from conductor_dsl.cli import main

PATIENCE = 60
"""Seconds after which a line that does not come is a failure."""
STOPS_WITHIN = 10
"""Seconds that `conductor serve` may take to stop."""

SETTINGS = """
[brand]
name = "Shop"
[lists]
"Texts" = "texts"
[codes."34567"]
classes = ["marketing"]
[email]
from = "Shop <hello@shop.example>"
reply_to = "care@shop.example"
[engine]
batch = 10
"""
WELCOME = """
event shop.signup { source text }
conversation "Welcome" {
  class alert
  thread "Hi" on shop.signup {
    email subject "Hello" body "Hello {{ first_name | default: 'you' }}" as "Hello" -> wait 3d -> end "greeted"
  }
}
"""
LETTER = """
conversation "Letter" {
  class alert
  thread "Everybody" when no_order_within 60d check every 1d {
    email subject "We miss you" body "Come back" as "Letter" -> wait 3d -> end "done"
  }
}
"""


def conductor(*arguments: str, environ: Mapping[str, str] | None = None) -> Result:
    """Run a command in this process."""
    env = {"CONDUCTOR_DATABASE_URL": None, **(environ or {})}
    return CliRunner().invoke(main, list(arguments), prog_name="conductor", env=env)


def make_project(folder: Path, scripts: Mapping[str, str], settings: str = SETTINGS) -> Path:
    """A project with these scripts, by file name."""
    folder.mkdir(exist_ok=True)
    (folder / "conductor.toml").write_text(settings)
    for name, text in scripts.items():
        (folder / name).write_text(text)
    return folder


def import_contacts(folder: Path, count: int) -> None:
    """Bring in contacts `k0`, `k1` ..., each with an e-mail address."""
    lines = ["key,email", *(f"k{number},k{number}@example.com" for number in range(count))]
    (folder / "contacts.csv").write_text("\n".join(lines))
    done = conductor("import", "contacts", str(folder / "contacts.csv"), "--project", str(folder))
    assert done.exit_code == 0, done.output


def write_signups(folder: Path, *keys: str) -> Path:
    """A file of `shop.signup` events of these contacts, dated when the conversation was published."""
    [at] = rows(folder, "SELECT max(published_at) FROM conversation_version")[0]
    when = datetime.fromtimestamp(at / 1000, UTC).isoformat()
    path = folder / "signups.csv"
    path.write_text("\n".join(["contact,name,at,source", *(f"{key},shop.signup,{when},web" for key in keys)]))
    return path


def rows(folder: Path, query: str) -> list[Any]:
    """What a query gives in the database of a project."""
    with closing(sqlite3.connect(folder / "conductor.db")) as connection:
        return connection.execute(query).fetchall()


def states(folder: Path) -> dict[str, int]:
    """How many messages stand in which state."""
    return dict(rows(folder, "SELECT state, count(*) FROM intent GROUP BY state"))


class Command:
    """A command in a process of its own, whose lines can be waited for.

    Each line is put into `ear`, too, if there is one: who has several commands can so wait for the first that speaks.
    """

    def __init__(
        self,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        ear: SimpleQueue[str] | None = None,
        module: str = "conductor_dsl",
    ) -> None:
        env = {name: value for name, value in os.environ.items() if name != "CONDUCTOR_DATABASE_URL"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=env | {"PYTHONPATH": str(Path.cwd()), **(environ or {})},
        )
        self._ear = ear
        self._heard: list[str] = []
        self.lines: list[str] = []
        self._arriving: SimpleQueue[str | None] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def wait_for(self, *texts: str) -> str:
        """The next line that holds one of the texts."""
        while True:
            try:
                line = self._arriving.get(timeout=PATIENCE)
            except Empty:
                line = None
            if line is None:
                raise AssertionError(f"waited in vain for {texts}, got:\n" + "".join(self.lines[-40:]))
            self.lines.append(line)
            if any(text in line for text in texts):
                return line

    def has_said(self, text: str) -> bool:
        """Whether a line that holds the text has come by now, be it waited for or not."""
        return any(text in line for line in list(self._heard))

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self, within: float = PATIENCE) -> int:
        """Wait for the end; the exit code, negative for a signal. Every line is in `lines` then."""
        code = self._process.wait(within)
        self._reader.join()
        while (line := self._arriving.get()) is not None:
            self.lines.append(line)
        return code

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def output(self) -> str:
        """What has been waited for so far."""
        return "".join(self.lines)

    def sent(self) -> Counter[str]:
        """How often the development provider told of a message, by address."""
        return Counter(re.findall(r"^email to (\S+)", self.output, re.MULTILINE))

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.append(line)
            self._arriving.put(line)
            if self._ear is not None:
                self._ear.put(line)
        self._arriving.put(None)


def serve(folder: Path, environ: Mapping[str, str] | None = None, ear: SimpleQueue[str] | None = None) -> Command:
    """`conductor serve`, started."""
    return Command("serve", str(folder), environ=environ, ear=ear)


def sent_by_all(commands: Iterable[Command]) -> Counter[str]:
    """How often a message was told of, by address, by any of the commands."""
    return sum((command.sent() for command in commands), Counter())
