"""`conductor serve`, as a process of its own over a SQLite file."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.cli.serving import (
    LETTER,
    PATIENCE,
    SETTINGS,
    STOPS_WITHIN,
    WELCOME,
    Command,
    conductor,
    import_contacts,
    make_project,
    rows,
    sent_by_all,
    serve,
    states,
    write_signups,
)

MANY = 400
STUCK = """
import threading
from conductor_dsl.api import ProviderType, hookimpl

class Provider:
    def __init__(self, echo):
        self.echo = echo

    def send(self, batch):
        self.echo("stuck for good")
        threading.Event().wait()

    def look_up(self, keys):
        return None

    def close(self):
        pass

@hookimpl
def conductor_providers():
    return (ProviderType("stuck", ("sms", "email"), lambda setting: Provider(setting.echo)),)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that greets whoever signs up, with three contacts."""
    folder = make_project(tmp_path / "shop", {"welcome.cdx": WELCOME})
    import_contacts(folder, 3)
    return folder


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which a letter to everybody is due; never used itself, only copied."""
    folder = make_project(tmp_path_factory.mktemp("crowd"), {"letter.cdx": LETTER})
    import_contacts(folder, MANY)
    return folder


@pytest.fixture
def busy(crowd: Path, tmp_path: Path) -> Path:
    """A copy of the crowd."""
    return Path(shutil.copytree(crowd, tmp_path / "busy"))


def wait_until_everybody_has_a_letter(folder: Path, serving: Command) -> None:
    """Wait, batch by batch, until nothing is left to be sent by the only one who serves."""
    while states(folder).get("accepted", 0) < MANY:
        serving.wait_for("accepted")


def test_it_tells_what_it_does_line_by_line(shop: Path) -> None:
    with serve(shop) as serving:
        serving.wait_for("serving")
        assert serving.lines[0] == "published `Welcome`\n"
        assert serving.lines[1].startswith(f"serving `{shop}` since ")
        done = conductor("import", "events", str(write_signups(shop, "k1")), "--project", str(shop))
        assert done.exit_code == 0, done.output
        assert "Welcome: 1 contact moved on from `Hello`" in serving.wait_for("moved on")
        assert serving.wait_for("email to") == "email to k1@example.com  Hello: Hello\n"
        assert "1 message: 1 accepted" in serving.wait_for("message")


def test_an_import_by_another_process_wakes_it_at_once(shop: Path) -> None:
    with serve(shop) as serving:
        serving.wait_for("serving")
        for key in ("k0", "k2"):
            with Command("import", "events", str(write_signups(shop, key)), "--project", str(shop)) as importing:
                assert importing.end() == 0
            serving.wait_for(f"email to {key}@example.com")
    assert "email to k1" not in serving.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_is_graceful_and_a_restart_goes_on(busy: Path, number: signal.Signals) -> None:
    with serve(busy) as first:
        first.wait_for("accepted")
        first.signal(number)
        assert first.end(within=STOPS_WITHIN) == 0
    assert first.lines[-1] == "stopped; whatever is waiting goes on at the next start\n"
    assert "sending" not in states(busy)
    assert 0 < states(busy)["accepted"] < MANY
    assert rows(busy, "SELECT count(*) FROM node") == [(0,)]
    with serve(busy) as second:
        wait_until_everybody_has_a_letter(busy, second)
        second.signal(signal.SIGTERM)
        assert second.end(within=STOPS_WITHIN) == 0
    assert sent_by_all([first, second]) == Counter({f"k{i}@example.com": 1 for i in range(MANY)})


def test_a_restart_after_kill_9_goes_on(busy: Path) -> None:
    with serve(busy) as killed:
        killed.wait_for("accepted")
        killed.signal(signal.SIGKILL)
        assert killed.end() == -signal.SIGKILL
    with closing(sqlite3.connect(busy / "conductor.db")) as connection, connection:
        # As if the lease of the batch that was in hand had run out.
        connection.execute("UPDATE intent SET lease_until = 0 WHERE state = 'sending'")
    with serve(busy) as serving:
        wait_until_everybody_has_a_letter(busy, serving)
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN) == 0
    assert rows(busy, "SELECT count(*) FROM development_message") == [(MANY,)]
    assert max(sent_by_all([killed, serving]).values()) == 1
    assert rows(busy, "SELECT count(*) FROM node") == [(0,)]


def test_two_serves_and_a_run_on_one_database_double_nothing(busy: Path) -> None:
    ear: SimpleQueue[str] = SimpleQueue()
    with serve(busy, ear=ear) as one, serve(busy, ear=ear) as other, Command("run", str(busy)) as run:
        assert run.end() == 0
        # Either may be the one that sends the last of them.
        while states(busy).get("accepted", 0) < MANY:
            ear.get(timeout=PATIENCE)
        for serving in (one, other):
            serving.signal(signal.SIGTERM)
            assert serving.end(within=STOPS_WITHIN) == 0
    assert states(busy) == {"accepted": MANY}
    assert sent_by_all([one, other, run]) == Counter({f"k{i}@example.com": 1 for i in range(MANY)})
    assert rows(busy, "SELECT count(*) FROM conversation_version") == [(1,)]


def test_sighup_publishes_a_changed_script_and_settings(shop: Path) -> None:
    with serve(shop) as serving:
        serving.wait_for("serving")
        (shop / "conductor.toml").write_text(SETTINGS.replace("[brand]", '[brand]\nshop_url = "https://shop.example"'))
        (shop / "welcome.cdx").write_text(WELCOME.replace("Hello {{", "{{ shop_url }} {{"))
        serving.signal(signal.SIGHUP)
        serving.wait_for("published `Welcome`")
        conductor("import", "events", str(write_signups(shop, "k1")), "--project", str(shop))
        serving.wait_for("accepted")
    assert rows(shop, "SELECT text FROM development_message") == [("https://shop.example you",)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("welcome.cdx", WELCOME.replace("email", "emial"), "error[CDX"),
        ("welcome.cdx", 'conversation "', "error[CDX"),
        ("conductor.toml", "[brand", "error: "),
        ("conductor.toml", '[email]\nprovider = "pigeon"', "error: no plugin gives a provider `pigeon` for email"),
        ("second.cdx", WELCOME, "error[CDX007]"),
    ],
)
def test_sighup_keeps_what_runs_when_the_new_has_errors(shop: Path, name: str, text: str, told: str) -> None:
    with serve(shop) as serving:
        serving.wait_for("serving")
        (shop / name).write_text(text)
        serving.signal(signal.SIGHUP)
        serving.wait_for(told)
        serving.wait_for("what runs goes on")
        (shop / name).unlink()
        make_project(shop, {"welcome.cdx": WELCOME})
        conductor("import", "events", str(write_signups(shop, "k1")), "--project", str(shop))
        serving.wait_for("email to k1@example.com")
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN) == 0
    assert rows(shop, "SELECT count(*) FROM conversation_version") == [(1,)]
    assert "Traceback" not in serving.output


@pytest.mark.crash  # it takes the ten seconds that stopping may take
def test_a_batch_that_does_not_end_is_left_for_the_next_start(shop: Path, tmp_path: Path) -> None:
    plugin = write_stuck_provider(tmp_path / "plugin")
    make_project(shop, {"welcome.cdx": WELCOME}, SETTINGS.replace("[email]", '[email]\nprovider = "stuck"'))
    environ = {"PYTHONPATH": f"{plugin}:{Path.cwd()}"}
    with serve(shop, environ) as serving:
        serving.wait_for("serving")
        conductor("import", "events", str(write_signups(shop, "k1")), "--project", str(shop))
        serving.wait_for("stuck for good")
        serving.signal(signal.SIGTERM)
        assert serving.end(within=STOPS_WITHIN + 2) == 1
    assert "error: the batch in hand did not finish in time\n" in serving.output
    assert states(shop) == {"sending": 1}


def write_stuck_provider(folder: Path) -> Path:
    """A distribution, as a third party would install it, whose provider never comes back."""
    about = folder / "stuck-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[conductor]\nstuck = stuck\n")
    (folder / "stuck.py").write_text(STUCK)
    return folder
