"""The provider `twilio` and those who do not listen, do not speak HTTP, or are somebody else."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conductor_dsl.api import Verdict
from conductor_dsl.testing.provider_suite import outgoing
from conductor_plugins.provider_twilio.connections import Connections, NoAnswerError, TooLateError
from tests.plugin.mail_server import Certificates
from tests.plugin.twilio import Build, twilio
from tests.ports import unused_port
from tests.sim.listening import talking
from tests.sim.simulating import simulated

__all__ = ["twilio"]


def test_nobody_who_listens_is_not_an_unknown_outcome(twilio: Build) -> None:
    with socket.socket() as deaf:  # whose port nobody else can have
        deaf.bind(("127.0.0.1", 0))
        provider = twilio(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        receipts = provider.send([outgoing(1), outgoing(2)])
        found = provider.look_up([outgoing(1).key])
    why = (Verdict.TRANSIENT, "unreachable", "connection refused", 60_000)
    assert [(each.verdict, each.code, each.detail, each.retry_after) for each in receipts] == [why] * 2
    assert found == {}


@pytest.mark.parametrize("content", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\n\r\n[1]"])
def test_a_service_that_speaks_no_http_leaves_the_outcome_unknown(twilio: Build, content: bytes) -> None:
    with talking(content) as url:
        provider = twilio(url, connections=1)
        [receipt] = provider.send([outgoing(1)])
        found = provider.look_up([outgoing(1).key]) or {}
        assert receipt.verdict is Verdict.AMBIGUOUS
    # To be asked again: that the service cannot be read now does not say that it will never be.
    assert [(each.verdict, each.code) for each in found.values()] == [(Verdict.AMBIGUOUS, "asked_later")]


def test_a_request_leaves_as_a_whole_or_not_at_all() -> None:
    times = iter([True, False, True])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asked = Connections(urlsplit(f"http://127.0.0.1:{listening.getsockname()[1]}"), 0.1)
        for _ in range(3):
            # Nobody answers, and the head and the body are there at once.
            with pytest.raises((NoAnswerError, TooLateError)) as raised:
                asked.ask("POST", "/Messages.json", {}, "Body=Hello", in_time=lambda: next(times))
            client, _ = listening.accept()
            with client:
                said = client.recv(65_536)
            assert said.endswith(b"\r\n\r\nBody=Hello") if raised.type is NoAnswerError else said == b""


def test_a_certificate_that_is_not_trusted_is_not_talked_to(
    twilio: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = Certificates(tmp_path)
    said = b'HTTP/1.1 201 Created\r\nContent-Length: 34\r\n\r\n{"sid": "SM1", "status": "queued"}'
    with talking(said, certificates.context()) as url:
        [receipt] = twilio(url).send([outgoing(1)])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca_file))
        [trusted] = twilio(url).send([outgoing(1)])
    assert (receipt.verdict, receipt.code, receipt.retry_after) == (Verdict.TRANSIENT, "unreachable", 60_000)
    assert receipt.detail.startswith("its certificate is not valid")
    assert (trusted.verdict, trusted.provider_id) == (Verdict.ACCEPTED, "SM1"), trusted


def test_a_connection_that_the_service_has_closed_is_not_used_again(twilio: Build, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    again = ("--port", str(unused_port()))
    with simulated(tmp_path / "a", *again) as first:
        provider = twilio(first.url, connections=1)
        assert provider.send([outgoing(1)])[0].verdict is Verdict.ACCEPTED
    with simulated(tmp_path / "a", *again) as second:
        assert provider.send([outgoing(2)])[0].verdict is Verdict.ACCEPTED
        assert second.summary()["accepted"] == 2
