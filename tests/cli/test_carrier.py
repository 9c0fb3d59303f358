"""`conductor serve` with a carrier over SMPP: a text goes out, its receipt and a STOP come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.serving import Command, conductor, make_project, rows, states
from tests.plugin.carrier import Carrier
from tests.plugin.smsc import PASSWORD

SETTINGS = """
[brand]
name = "Shop"
[lists]
"Texts" = "texts"
[codes."34567"]
classes = ["transactional"]
[sms]
provider = "smpp"
host = "127.0.0.1"
port = {port}
system_id = "alder"
password = {{ env = "SMPP_PASSWORD" }}
"""
SCRIPT = """
conversation "Hi" {
  class transactional
  thread "Everybody" when no_order_within 60d check every 1d {
    sms "Shop: we miss you. Reply STOP to opt out." from code:"34567" list list:"Texts" -> wait 30d -> end
  }
}
"""


@pytest.fixture(name="carrier")
def carrier_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carrier]:
    monkeypatch.setenv("SMPP_PASSWORD", PASSWORD)
    monkeypatch.setattr("conductor_plugins.provider_smpp.provider.PATIENCE", 30)
    carrier = Carrier()
    yield carrier
    carrier.close()


def project(folder: Path, carrier: Carrier) -> Path:
    """A project with one contact who has agreed to texts."""
    made = make_project(folder / "shop", {"hi.cdx": SCRIPT}, SETTINGS.format(port=carrier.port))
    files = {
        "contacts": "key,mobile\nada,+17175550100\n",
        "consent": "contact,list,action,at\nada,Texts,subscribed,2026-01-01\n",
    }
    for kind, text in files.items():
        (made / f"{kind}.csv").write_text(text)
        done = conductor("import", kind, str(made / f"{kind}.csv"), "--project", str(made))
        assert done.exit_code == 0, done.output
    return made


def test_a_text_is_delivered_and_a_stop_is_heard_and_answered(tmp_path: Path, carrier: Carrier) -> None:
    folder = project(tmp_path, carrier)
    with Command("serve", str(folder)) as serving:
        serving.wait_for("1 accepted")
        carrier.bring_receipt(carrier.wait_for("submit")[0]["name"])
        serving.wait_for("providers told: 1 receipt")
        assert states(folder) == {"delivered": 1}
        carrier.bring("STOP")
        serving.wait_for("providers told: 1 text")
        answer = carrier.wait_for("submit", 2)[1]
    assert (answer["source"], answer["dest"]) == ("34567", "17175550100")
    [(action,)] = rows(folder, "SELECT action FROM consent ORDER BY at DESC LIMIT 1")
    assert action == "unsubscribed"


def test_a_carrier_that_does_not_let_us_in_keeps_nobody_from_being_sent_to_later(
    tmp_path: Path, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, carrier)
    monkeypatch.setenv("SMPP_PASSWORD", "wrong")
    assert conductor("run", str(folder)).exit_code == 0
    assert rows(folder, "SELECT state, reason FROM intent") == [
        (
            "ready",
            "ESME_RINVPASWD: the carrier does not let us in: check system_id, password and system_type",
        )
    ]
