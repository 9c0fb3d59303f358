"""`conductor export` writes a whole file or none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conductor_dsl.cli import main
from tests.plugin.installing import install

SCRIPT = """conversation "Hi" {
  class transactional
  reentry never
  when no_order_within 60d -> email subject "Hi" body "Hello" -> end
}
"""
FAILS = """
from conductor_dsl.api import Exporter, hookimpl


def write(columns, batches, file):
    file.write(b"half")
    raise KeyError("contact")


@hookimpl
def conductor_exporters():
    return [Exporter("failing", "fails", write)]
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which one e-mail has been sent."""
    shop = tmp_path_factory.mktemp("shop")
    (shop / "conductor.toml").write_text('[brand]\nname = "Shop"\n[email]\nfrom = "Shop <hello@shop.example>"\n')
    (shop / "hi.cdx").write_text(SCRIPT)
    (shop / "contacts.csv").write_text("key,email\nada,ada@example.com\n")
    (shop / "orders.csv").write_text("contact,order_id,total,placed_at\nada,1,20,2020-01-01\n")
    for arguments in (("import", "contacts", shop / "contacts.csv"), ("import", "orders", shop / "orders.csv")):
        done = conductor(*arguments, "--project", shop)
        assert done.exit_code == 0, done.output
    assert conductor("run", shop).exit_code == 0
    return shop


def conductor(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments], prog_name="conductor")


def test_messages_are_written_as_csv(shop: Path, tmp_path: Path) -> None:
    result = conductor("export", "csv", shop, "--to", tmp_path / "messages.csv")
    assert (result.exit_code, result.stdout) == (0, f"wrote 1 rows of messages to {tmp_path / 'messages.csv'}\n")
    names, row = (tmp_path / "messages.csv").read_text().splitlines()
    assert names.startswith("contact,conversation,entry,step,")
    assert row.startswith("ada,")


def test_runs_go_to_the_screen_as_json_lines(shop: Path) -> None:
    result = conductor("export", "jsonl", shop, "--what", "runs", "--to", "-")
    assert result.exit_code == 0
    assert {json.loads(line)["contact"] for line in result.stdout.splitlines()} == {"ada"}


def test_since_leaves_out_what_is_older(shop: Path) -> None:
    for since, count in (("1d", 1), ("2020-01-01", 1), ("2999-01-01T00:00:00+02:00", 0)):
        result = conductor("export", "jsonl", shop, "--to", "-", "--since", since)
        assert len(result.stdout.splitlines()) == count
    assert "`soon` is no time" in conductor("export", "jsonl", shop, "--to", "-", "--since", "soon").stderr


def test_an_unknown_form_is_named_with_what_was_meant(shop: Path) -> None:
    result = conductor("export", "cvs", shop, "--to", "x.csv")
    assert result.exit_code == 2
    assert "no plugin exports to `cvs`" in result.stderr and "did you mean `csv`" in result.stderr


def test_an_export_that_fails_leaves_the_former_file(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    install(site, "failing", FAILS)
    monkeypatch.syspath_prepend(str(site))
    (tmp_path / "out").write_text("of yesterday")
    result = conductor("export", "failing", shop, "--to", tmp_path / "out")
    assert result.exit_code == 2
    assert "the exporter `failing` failed: KeyError" in result.stderr
    assert (tmp_path / "out").read_text() == "of yesterday"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "site"]


def test_a_folder_that_is_not_there_is_named(shop: Path, tmp_path: Path) -> None:
    result = conductor("export", "csv", shop, "--to", tmp_path / "no" / "x.csv")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
