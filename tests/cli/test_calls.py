"""`conductor run` calls another program, over HTTPS, as a script says."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import standardwebhooks

from tests.cli.serving import conductor, import_contacts, make_project, states
from tests.plugin.receiver import Receiver, answer

SECRET = f"whsec_{b64encode(bytes(range(32))).decode()}"


@pytest.fixture(name="receiver")
def receiver_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    receiver = Receiver("localhost")
    yield receiver
    receiver.close()


def project(folder: Path, receiver: Receiver) -> Path:
    """A project with two contacts of whom another program is told."""
    settings = '[brand]\nname = "Shop"\n[webhook]\nprovider = "http"\nsecret = { env = "WEBHOOK_SECRET" }\n'
    settings += f'allow_private = ["{receiver.place}"]\nca_file = "{receiver.ca_file(folder)}"\n'
    script = f'when no_order_within 60d check every 1d -> webhook "{receiver.url}" {{ contact key }} -> end'
    made = make_project(folder / "shop", {"tell.cdx": script}, settings)
    import_contacts(made, 2)
    return made


def test_every_contact_is_told_once_and_the_receiver_can_check_it(tmp_path: Path, receiver: Receiver) -> None:
    folder = project(tmp_path, receiver)
    for _ in range(2):
        done = conductor("run", str(folder))
        assert done.exit_code == 0, done.output
    told = [standardwebhooks.Webhook(SECRET).verify(call.body.decode(), call.headers) for call in receiver.calls]
    assert sorted(map(json.dumps, told)) == ['{"contact": "k0"}', '{"contact": "k1"}']
    assert states(folder) == {"accepted": 2}


def test_what_is_refused_is_refused_for_good_and_what_may_pass_waits(tmp_path: Path, receiver: Receiver) -> None:
    folder = project(tmp_path, receiver)
    receiver.answer = lambda call: answer(410) if b"k0" in call.body else answer(500)
    assert conductor("run", str(folder)).exit_code == 0
    assert states(folder) == {"rejected": 1, "ready": 1}


def test_a_missing_secret_is_named_before_anything_happens(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(tmp_path, receiver)
    monkeypatch.delenv("WEBHOOK_SECRET")
    done = conductor("run", str(folder))
    assert done.exit_code != 0 and "`WEBHOOK_SECRET` is not set" in done.output
    assert receiver.calls == []
