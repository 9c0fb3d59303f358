"""The provider `http`: the shared suite against a real server with TLS, and what is its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import standardwebhooks

from conductor_dsl.api import (
    NOT_ACCEPTED,
    ChannelProvider,
    ConfigError,
    Outgoing,
    ProviderSetting,
    Receipt,
    SystemClock,
    Verdict,
)
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_plugins.provider_webhook import HTTP
from conductor_plugins.provider_webhook import provider as module
from conductor_plugins.provider_webhook.provider import Manner
from conductor_plugins.provider_webhook.signature import Signer, read_secrets
from tests.plugin.calling import NOW, OLDER, SECRET, Stage, call
from tests.plugin.receiver import NAME, OK, answer


@pytest.fixture(name="stage")
def stage_fixture(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    # Every call is made, however slow the machine is: what becomes of those for which there is no time is told apart.
    monkeypatch.setattr(module, "BATCH_SECONDS", 60)
    stage = Stage()
    yield stage
    stage.close()


class TestCalls(ProviderSuite):
    """The suite, with a receiver that takes everything."""

    channel = "webhook"
    can_look_up = False
    large_batch = 500
    is_shared = True
    secrets = (SECRET, SECRET.removeprefix("whsec_"))

    @pytest.fixture(autouse=True)
    def _stage(self, stage: Stage) -> None:
        self.stage = stage
        stage.receiver()

    def provider(self, folder: Path) -> ChannelProvider:
        """A provider whose receiver does not heed keys, so that nothing is known of an earlier call."""
        made: ChannelProvider = self.stage.provider(deduplicates=False)
        return made

    def out_of_reach(self, folder: Path) -> ChannelProvider:
        """A provider whose receiver is gone."""
        made: ChannelProvider = self.stage.provider()
        self.stage.receiver().close()
        return made

    def message(self, number: int, text: str = "Hello Ada") -> Outgoing:
        """A call of the receiver."""
        return call(self.stage.receiver(), number, text)

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The first body that came under the key: who takes a key once only takes that one."""
        calls = self.stage.receiver().calls
        return next(each.body.decode() for each in calls if each.headers["webhook-id"] == key)


def send_one(stage: Stage, said: bytes | None, **manner: Any) -> Receipt:
    """The receipt of a call that is answered so."""
    receiver = stage.receiver()
    receiver.answer = lambda _call: said
    receipts: Sequence[Receipt] = stage.provider(**manner).send([call(receiver)])
    assert len(receipts) == 1
    return receipts[0]


def test_a_call_is_signed_as_the_official_library_wants_it(stage: Stage) -> None:
    stage.clock = SystemClock()  # type: ignore[assignment]
    receiver = stage.receiver()
    stage.provider().send([call(receiver, text='{"name": "Zoë"}')])
    [came] = receiver.calls
    for secret in (SECRET, SECRET.removeprefix("whsec_")):
        assert standardwebhooks.Webhook(secret).verify(came.body.decode(), came.headers) == {"name": "Zoë"}
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(OLDER).verify(came.body.decode(), came.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(came.body.decode() + " ", came.headers)
    assert came.headers["idempotency-key"] == came.headers["webhook-id"] == outgoing(1).key
    assert came.headers["content-type"] == "application/json"
    assert came.headers["host"] == receiver.place


def test_the_signature_is_that_of_the_specification() -> None:
    secrets = read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = dict(Signer(secrets).headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, b'{"test": 2432232314}'))
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_is_changed_either_one_verifies() -> None:
    both = read_secrets(f"{SECRET} {OLDER}")
    headers = dict(Signer(both).headers("key", SystemClock().now(), b"{}"))
    for secret in (SECRET, OLDER):
        assert standardwebhooks.Webhook(secret).verify("{}", headers) == {}
    assert "whsec" not in repr(Signer(both)) and "\\x" not in repr(Signer(both))


def test_every_attempt_has_the_same_id_and_body_and_a_time_of_its_own(stage: Stage) -> None:
    receiver = stage.receiver()
    provider = stage.provider()
    provider.send([call(receiver)])
    stage.clock.move_to(NOW + 60_000)
    provider.send([call(receiver)])
    first, second = receiver.calls
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.connection == second.connection, "the connection was not kept"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.ACCEPTED),
        (202, Verdict.ACCEPTED),
        (302, Verdict.REJECTED),
        (400, Verdict.REJECTED),
        (404, Verdict.REJECTED),
        (408, Verdict.TRANSIENT),
        (410, Verdict.REJECTED),
        (429, Verdict.TRANSIENT),
        (500, Verdict.TRANSIENT),
        (503, Verdict.TRANSIENT),
        (599, Verdict.TRANSIENT),
    ],
)
def test_a_status_has_its_verdict(stage: Stage, status: int, verdict: Verdict) -> None:
    receipt = send_one(stage, answer(status, location="https://elsewhere.example/"))
    assert (receipt.verdict, receipt.code) == (verdict, str(status))
    assert len(stage.receiver().calls) == 1, "a redirect was followed, or a call was repeated"


@pytest.mark.parametrize("said", [answer(500), answer(502), b"", b"HTTP/1.1 200 O", b"garbage\r\n\r\n"])
def test_a_receiver_that_does_not_heed_keys_leaves_a_call_in_doubt(stage: Stage, said: bytes) -> None:
    # Half a line is waited for to the end.
    heard = send_one(stage, said, deduplicates=False, timeout=1.5 if said == b"HTTP/1.1 200 O" else 20.0)
    assert heard.verdict is Verdict.AMBIGUOUS
    assert stage.provider(deduplicates=False).look_up([heard.key]) is None


def test_a_receiver_that_takes_a_key_once_only_is_called_again(stage: Stage) -> None:
    lost = send_one(stage, b"")
    assert (lost.verdict, lost.code) == (Verdict.TRANSIENT, "no_answer")
    assert stage.provider().look_up([lost.key]) == {}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_retry_after_is_heeded_in_seconds_and_as_a_date(stage: Stage, status: int) -> None:
    for said in ("120", formatdate((NOW + 120_000) / 1_000, usegmt=True)):
        receipt = send_one(stage, answer(status, retry_after=said), deduplicates=False)
        assert (receipt.verdict, receipt.retry_after) == (Verdict.TRANSIENT, 120_000)


@pytest.mark.parametrize("said", ["soon", "-5", "1e9", "", "Mon, 99 Foo 2026", "9" * 400])
def test_an_odd_retry_after_does_no_harm(stage: Stage, said: str) -> None:
    receipt = send_one(stage, answer(503, retry_after=said))
    assert receipt.verdict is Verdict.TRANSIENT and 0 <= receipt.retry_after <= 3_600_000


def test_a_host_that_wants_rest_gets_it_while_others_are_called(stage: Stage) -> None:
    tired, fresh = stage.receiver("tired.shop.example"), stage.receiver()
    tired.answer = lambda _call: answer(429, retry_after="60")
    provider = stage.provider(parallel=1)
    batch = [call(tired, number) for number in range(50)] + [call(fresh, number) for number in range(50, 100)]
    receipts = provider.send(batch)
    assert (len(tired.calls), len(fresh.calls)) == (1, 50)
    rests = [receipt for receipt in receipts if receipt.verdict is Verdict.TRANSIENT]
    assert len(rests) == 50 and {receipt.retry_after for receipt in rests} == {60_000}
    stage.clock.move_to(NOW + 59_999)
    assert provider.send([call(tired)])[0].code == "host_rests"
    stage.clock.move_to(NOW + 60_000)
    assert provider.send([call(tired)])[0].code == "429"


def test_a_host_that_fails_again_and_again_is_left_alone_for_a_while(stage: Stage) -> None:
    receiver = stage.receiver()
    receiver.answer = lambda _call: answer(500)
    provider = stage.provider(parallel=1)
    receipts = provider.send([call(receiver, number) for number in range(40)])
    assert (len(receiver.calls), len(receipts)) == (5, 40)
    assert [receipt.retry_after for receipt in receipts].count(30_000) == 35
    stage.clock.move_to(NOW + 30_000)
    receiver.answer = lambda _call: OK
    receipts = provider.send([call(receiver, number) for number in range(40)])
    assert {receipt.verdict for receipt in receipts} == {Verdict.ACCEPTED}


def test_one_slow_host_does_not_hold_up_the_others(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_SECONDS", 4.0)
    slow, quick = stage.receiver("slow.shop.example"), stage.receiver()
    slow.answer = lambda _call: None
    provider = stage.provider(parallel=2, timeout=2.0)
    batch = [call(slow, number) for number in range(20)] + [call(quick, number) for number in range(20, 220)]
    receipts = {receipt.key: receipt for receipt in provider.send(batch)}
    assert all(receipts[each.key].verdict is Verdict.ACCEPTED for each in batch[20:])
    codes = {receipts[each.key].code for each in batch[:20]}
    assert codes <= {"no_answer", "host_slow", "host_rests", NOT_ACCEPTED}
    assert len(slow.calls) <= 6


def test_an_answer_that_never_ends_is_cut_off_and_its_status_counts(stage: Stage) -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 500_000
    assert send_one(stage, endless).verdict is Verdict.ACCEPTED
    assert send_one(stage, endless[:100], timeout=3.0).verdict is Verdict.ACCEPTED


def test_no_more_of_an_answer_is_read_than_is_worth_reading(stage: Stage) -> None:
    receiver = stage.receiver()
    receiver.answer = lambda _call: answer(200, "x" * 5_000_000)
    provider = stage.provider(parallel=1)
    provider.send([call(receiver, number) for number in range(2)])
    assert [each.connection for each in receiver.calls] == [1, 2], "it was read to its end"


def test_the_words_of_a_receiver_are_shown_in_short_and_on_one_line(stage: Stage) -> None:
    said = answer(422, '{"error": "no such\r\n\x1b[31m tier"}' + "x" * 500, content_type="application/json")
    detail = send_one(stage, said).detail
    assert detail.startswith('{"error": "no such [31m tier"}xx') and len(detail) == 120
    page = answer(422, "<html><script>", content_type="text/html")
    assert send_one(stage, page).detail == "it refuses the call"


def test_a_refused_connection_and_an_unknown_name_certainly_left_nothing(stage: Stage) -> None:
    receiver = stage.receiver()
    stage.provider()
    receiver.close()
    unknown = outgoing(2, "webhook")._replace(to="https://unknown.example/a")
    provider = stage.provider(deduplicates=False)
    told = {receipt.key: (receipt.verdict, receipt.code) for receipt in provider.send([call(receiver), unknown])}
    assert told[call(receiver).key] == (Verdict.TRANSIENT, "unreachable")
    assert told[unknown.key] == (Verdict.TRANSIENT, "unresolved")


def test_a_certificate_of_another_name_or_authority_is_not_trusted(stage: Stage) -> None:
    receiver, other = stage.receiver(), stage.receiver("other.shop.example")
    provider = stage.provider()
    stage.receivers = {NAME: other, "other.shop.example": receiver}
    elsewhere = call(other)._replace(to=f"https://{NAME}:{other.port}/")
    provider._manner = Manner(hosts=frozenset([NAME]), private=frozenset([f"{NAME}:{other.port}"]), deduplicates=False)
    provider._network._private = provider._manner.private
    [receipt] = provider.send([elsewhere])
    assert (receipt.verdict, receipt.code) == (Verdict.TRANSIENT, "certificate")
    assert other.calls == []


def test_proxies_of_the_environment_are_not_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert send_one(stage, OK).verdict is Verdict.ACCEPTED


def test_calls_that_wait_for_one_name_ask_for_it_once(stage: Stage) -> None:
    receiver = stage.receiver()
    stage.provider().send([call(receiver, number) for number in range(16)])
    assert stage.asked == [NAME]
    assert {each.connection for each in receiver.calls} <= set(range(1, 17))


def setting(folder: Path, hosts: tuple[str, ...] = (), private: tuple[str, ...] = (), **options: object) -> Any:
    """What the provider is built from."""
    return ProviderSetting(options, str(folder), sa.create_engine("sqlite://"), print, hosts=hosts, private=private)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no `secret` to sign with"),
        ({"secret": "  "}, "has no `secret` to sign with"),
        ({"secret": "whsec_short"}, "cannot be used"),
        ({"secret": SECRET, "timeout": "1h"}, "`timeout` of the provider `http`"),
        ({"secret": SECRET, "timeout": 5}, "`timeout` of the provider `http`"),
        ({"secret": SECRET, "parallel": 0}, "`parallel` of the provider `http`"),
        ({"secret": SECRET, "deduplicates": "no"}, "`deduplicates` of the provider `http`"),
        ({"secret": SECRET, "ca_file": "missing.pem"}, "`ca_file` of the provider `http` cannot be read: no such file"),
        ({"secret": SECRET, "tiemout": "5s"}, "has no option `tiemout`"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        HTTP.build(setting(tmp_path, (), (), **options))
    assert "whsec_short" not in f"{caught.value} {caught.value.hint}"


def test_a_provider_as_conductor_toml_builds_it_calls(stage: Stage, tmp_path: Path) -> None:
    receiver = stage.receiver("localhost")
    options = {"secret": SECRET, "ca_file": receiver.ca_file(tmp_path).name, "timeout": "3s", "parallel": 4}
    built = HTTP.build(setting(tmp_path, (), (receiver.place,), **options))
    stage.opened.append(built)
    assert [each.verdict for each in built.send([call(receiver)])] == [Verdict.ACCEPTED]


def test_a_built_provider_trusts_no_certificate_of_another_name(stage: Stage, tmp_path: Path) -> None:
    receiver = stage.receiver("other.shop.example")
    place = f"localhost:{receiver.port}"
    built = HTTP.build(setting(tmp_path, (), (place,), secret=SECRET, ca_file=str(receiver.ca_file(tmp_path))))
    stage.opened.append(built)
    [receipt] = built.send([call(receiver)._replace(to=f"https://{place}/")])
    assert (receipt.code, receiver.calls) == ("certificate", [])


def test_the_body_is_what_the_script_told(stage: Stage) -> None:
    receiver = stage.receiver()
    stage.provider().send([call(receiver, text='{"tier": "Gold"}')])
    assert [json.loads(each.body) for each in receiver.calls] == [{"tier": "Gold"}]
    assert receiver.calls[0].path == "/loyalty"
