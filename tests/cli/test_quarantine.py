"""A step that ends its process, never ends, or eats memory: the node lives on, and everybody else is sent to."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.serving import SETTINGS, conductor, make_project, rows, serve, states
from tests.plugin.installing import install
from tests.plugin.poison import CODE

SCORED = """
conversation "Scored" {
  class alert
  thread "T" when no_order_within 60d check every 1d {
    score -> email subject "Scored" body "Hello" as "Letter" -> end "done"
  }
}
"""
NEIGHBOURS = """
conversation "Neighbours" {
  class alert
  thread "T" when no_order_within 60d check every 1d { email subject "Hello" body "Hello" as "Letter" -> end "done" }
}
"""
POISON = {"k1": "leave", "k3": "loop", "k6": "hoard", "k7": "raise"}
WHY = {
    "k1": "it ended its process with code 3",
    "k3": "it took longer than 1 s",
    "k6": "it needed more memory than it may have",
    "k7": "ValueError: no score for raise",
}
PEOPLE = 10


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose step is poison to four of ten, and a conversation beside it."""
    site = tmp_path / "site"
    site.mkdir()
    install(site, "poison", CODE)
    monkeypatch.syspath_prepend(str(site))
    settings = SETTINGS.replace("batch = 10", "batch = 100\ncall_seconds = 2\ncall_megabytes = 700")
    folder = make_project(tmp_path / "shop", {"a.cdx": SCORED, "b.cdx": NEIGHBOURS}, settings)
    lines = ["key,email,first_name"]
    lines += [f"k{each},k{each}@example.com,{POISON.get(f'k{each}', 'Ada')}" for each in range(PEOPLE)]
    (folder / "people.csv").write_text("\n".join(lines))
    done = conductor("import", "contacts", str(folder / "people.csv"), "--project", str(folder))
    assert done.exit_code == 0, done.output
    return folder


def listed(folder: Path) -> dict[str, str]:
    told = conductor("quarantine", str(folder), "--json")
    found = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.exit_code == int(bool(found))
    return {each["contact"]: each["reason"] for each in found}


def test_poison_is_found_and_set_aside_and_everybody_else_is_sent_to(shop: Path, tmp_path: Path) -> None:
    environ = {"PYTHONPATH": f"{Path.cwd()}:{tmp_path / 'site'}"}
    with serve(shop, environ) as running:
        while len(listed(shop)) < len(POISON) or states(shop) != {"accepted": 2 * PEOPLE - len(POISON)}:
            running.wait_for("messages", "message:", "`score` failed")
        running.signal(signal.SIGTERM)
        assert running.end() == 0
    assert listed(shop) == WHY
    first = next(line for line in running.lines if "`score` failed" in line)
    assert "Scored: `score` failed at 10 contacts" in first
    assert "those at fault are looked for" in first
    shown = conductor("status", str(shop)).stdout
    assert "1 were set aside, for the step failed: it ended its process with code 3" in " ".join(shown.split())
    assert rows(shop, "SELECT DISTINCT reason FROM history WHERE kind = 'quarantined' ORDER BY 1") == sorted(
        (why,) for why in WHY.values()
    )


def test_a_name_that_is_not_in_quarantine_is_refused(shop: Path) -> None:
    assert "nobody is in quarantine" in conductor("quarantine", str(shop)).stdout
    told = conductor("quarantine", str(shop), "--release", "k9")
    assert (told.exit_code, "nobody called `k9` is in quarantine" in told.stderr) == (2, True)
    assert "0 released" in conductor("quarantine", str(shop), "--release", "all").stdout
