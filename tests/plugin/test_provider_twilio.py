"""The provider `twilio` against a simulated one in another process: the shared suite, and every fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.api import ChannelProvider, Mark, Outgoing, ProviderSetting, Verdict
from conductor_dsl.shared.clock import DAY, SystemClock, VirtualClock
from conductor_dsl.store.connect import connect
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_plugins.provider_twilio import TWILIO
from conductor_plugins.provider_twilio.attempts import Attempts
from conductor_plugins.provider_twilio.options import read_options
from conductor_plugins.provider_twilio.provider import PATIENCE, TwilioProvider
from tests.plugin.twilio import Build, build, database, options, twilio
from tests.sim.simulating import TOKEN, Simulated, simulated

__all__ = ["twilio"]

FAULTS = ("", *"lost dropped hang half garbage throttled 500 20003 21211 21610 429 39999".split())
ALONE = "+17175551999"
"""Somebody who gets one message only, which is dropped."""
PLAN = 'hang = 60\nretry_after = 7\nreceipt_after = 0\n[[rule]]\ntext = "later*"\nfault = ""\n' + "".join(
    f'[[rule]]\nto = "+17175551{place:03}"\nfault = "{fault}"\nfirst = 1\n' for place, fault in enumerate(FAULTS)
)
PLAN += f'[[rule]]\nto = "{ALONE}"\nfault = "dropped"\n'
LOST = Verdict.AMBIGUOUS


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """One for all tests here; each uses numbers of its own."""
    with simulated(tmp_path_factory.mktemp("sim"), plan=PLAN) as sim:
        yield sim


def to_fault(fault: str, number: int = 1) -> Outgoing:
    """A message that meets a fault at its first attempt."""
    text = f"{fault} {number}"  # unlike any other to the same number
    return outgoing(100_000 + 1000 * FAULTS.index(fault) + number, text=text)._replace(
        to=f"+17175551{FAULTS.index(fault):03}"
    )


def taken(sim: Simulated, message: Outgoing) -> int:
    """How often the service has taken a message."""
    entries = (each for each in sim.entries() if each["kind"] == "accepted")
    return sum(each["key"] == message.key for each in entries)


def entry(sim: Simulated, message: Outgoing) -> dict[str, Any]:
    """What the service has written down of a message that it took."""
    [found] = [each for each in sim.entries() if each["kind"] == "accepted" and each["key"] == message.key]
    return found


class TestSuite(ProviderSuite):
    """What every provider must do."""

    large_batch = 500
    is_shared = True
    secrets = (TOKEN,)

    @pytest.fixture(autouse=True)
    def _with_the_service(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        # Every message is begun, however slow the machine is.
        monkeypatch.setattr("conductor_plugins.provider_twilio.provider.PATIENCE", 60_000)
        (tmp_path / "service").mkdir()
        self.providers: list[ChannelProvider] = []
        with simulated(tmp_path / "service") as self.sim:
            yield
        for provider in self.providers:
            provider.close()

    def provider(self, folder: Path) -> ChannelProvider:
        """One that sends to a simulated service of its own."""
        self.providers.append(build(folder, self.sim.url))
        return self.providers[-1]

    def out_of_reach(self, folder: Path) -> ChannelProvider:
        """One whose service does not listen."""
        self.providers.append(build(folder, "http://127.0.0.1:9"))
        return self.providers[-1]

    def stored_text(self, folder: Path, key: str) -> str | None:
        """The text as the service has it."""
        return str(entry(self.sim, outgoing(int(key, 16)))["text"])


@pytest.mark.parametrize(
    ("fault", "outcome", "times"),
    [
        ("", (Verdict.ACCEPTED, ""), 1),
        ("lost", (LOST, "no_answer"), 1),
        ("dropped", (LOST, "no_answer"), 0),
        ("hang", (LOST, "no_answer"), 1),
        ("half", (LOST, "no_answer"), 1),
        ("garbage", (LOST, "garbage"), 1),
        ("500", (LOST, "http_500"), 0),
        ("throttled", (Verdict.TRANSIENT, "20429"), 0),
        ("429", (Verdict.TRANSIENT, "http_429"), 0),
        ("20003", (Verdict.TRANSIENT, "20003"), 0),
        ("21211", (Verdict.REJECTED, "21211"), 0),
        ("21610", (Verdict.REJECTED, "21610"), 0),
        ("39999", (Verdict.TRANSIENT, "39999"), 0),
    ],
)
def test_every_fault_has_its_verdict_and_the_look_up_tells_the_truth(
    sim: Simulated, twilio: Build, fault: str, outcome: tuple[Verdict, str], times: int
) -> None:
    # Whatever is answered has time; what hangs is hung up on.
    provider, message = twilio(sim.url, timeout="1s" if fault == "hang" else "30s"), to_fault(fault)
    [receipt] = provider.send([message])
    assert (receipt.key, receipt.verdict, receipt.code) == (message.key, *outcome)
    assert receipt.detail or receipt.verdict is Verdict.ACCEPTED
    assert taken(sim, message) == times
    found = provider.look_up([message.key])
    assert found is not None
    assert [each.verdict in (Verdict.ACCEPTED, Verdict.DELIVERED) for each in found.values()] == [True] * times


def test_what_a_code_tells_beyond_its_message_is_in_the_receipt(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url)
    found = {fault: provider.send([to_fault(fault, 2)])[0] for fault in ("21211", "21610", "throttled", "20003")}
    assert (found["21211"].mark, found["21610"].mark) == (Mark.INVALID, Mark.OPTED_OUT)
    assert (found["throttled"].retry_after, found["20003"].retry_after) == (7_000, 600_000)


def test_a_message_whose_outcome_is_looked_up_leaves_once(sim: Simulated, twilio: Build) -> None:
    first = twilio(sim.url)
    batch = [to_fault(fault, 3) for fault in ("lost", "dropped", "half", "500")]
    assert {receipt.verdict for receipt in first.send(batch)} == {LOST}
    # The node was killed; another one asks, and sends what was not taken.
    second = twilio(sim.url)
    found = second.look_up([message.key for message in batch]) or {}
    again = second.send([message for message in batch if message.key not in found])
    assert [receipt.verdict for receipt in again] == [Verdict.ACCEPTED] * 2
    assert [taken(sim, message) for message in batch] == [1] * 4


def test_a_message_is_found_behind_many_later_ones(sim: Simulated, twilio: Build) -> None:
    message = to_fault("lost", 8)
    twilio(sim.url).send([message])
    for number in range(120):
        sim.send(message.to, f"later {number}")
    found = twilio(sim.url).look_up([message.key]) or {}
    assert [each.verdict for each in found.values()] == [Verdict.DELIVERED]


def test_others_are_not_affected_by_one_that_fails(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url)
    good = [outgoing(number)._replace(to=f"+1717555{number}") for number in range(2001, 2021)]
    bad = [to_fault(fault, 4) for fault in ("lost", "garbage", "21211", "half")]
    receipts = {receipt.key: receipt.verdict for receipt in provider.send([*good[:10], *bad, *good[10:]])}
    assert [receipts[message.key] for message in good] == [Verdict.ACCEPTED] * 20
    assert [receipts[message.key] for message in bad] == [LOST, LOST, Verdict.REJECTED, LOST]


def test_a_sender_that_shall_rest_sends_no_more_of_a_batch_and_others_go_on(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url, connections=1)
    same = outgoing(3001)._replace(to="+17175553001")
    other = outgoing(3002)._replace(to="+17175553002", sender="99999")
    receipts = {receipt.key: receipt for receipt in provider.send([to_fault("throttled", 5), same, other])}
    assert (receipts[same.key].verdict, receipts[same.key].retry_after) == (Verdict.TRANSIENT, 7_000)
    assert (receipts[other.key].verdict, taken(sim, same)) == (Verdict.ACCEPTED, 0)


def test_the_service_is_told_how_long_a_message_is_valid_and_where_to_tell_of_it(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url)
    lengths = {4001: (3_600_000, 3_600), 4002: (90 * 3_600_000, 36_000), 4003: (1_500, 1)}
    provider.send([outgoing(number)._replace(valid_for=given) for number, (given, _) in lengths.items()])
    for number, (_, told) in lengths.items():
        found = entry(sim, outgoing(number))
        assert told - 1 <= found["valid_for"] <= told
        assert found["callback"] == f"http://127.0.0.1:9/c?key={outgoing(number).key}"


def test_a_message_that_is_no_longer_valid_does_not_leave(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url)
    [receipt] = provider.send([outgoing(4101)._replace(valid_for=0)])
    assert (receipt.verdict, receipt.code, taken(sim, outgoing(4101))) == (Verdict.REJECTED, "expired", 0)


def test_pictures_go_along(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url)
    pictures = ("https://shop.example/1.jpg", "https://shop.example/2.jpg")
    [receipt] = provider.send([outgoing(4201)._replace(text="", media=pictures)])
    found = entry(sim, outgoing(4201))
    assert (receipt.provider_id[:2], tuple(found["media"])) == ("MM", pictures)


def test_a_service_picks_the_sender_where_there_is_none(sim: Simulated, twilio: Build) -> None:
    service = "MG" + "1" * 32
    provider = twilio(sim.url, messaging_service_sid=service)
    provider.send([outgoing(4301)._replace(sender="")])
    found = entry(sim, outgoing(4301))
    assert (found["service"], found["sender"]) == (service, "")
    without = twilio(sim.url)
    [receipt] = without.send([outgoing(4302)._replace(sender="")])
    assert (receipt.verdict, "no sender" in receipt.detail) == (Verdict.REJECTED, True)


def test_wrong_credentials_let_the_sender_wait_and_name_no_secret(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url, auth_token="wrong-secret")
    [receipt] = provider.send([outgoing(5001)])
    assert (receipt.verdict, receipt.code, receipt.retry_after) == (Verdict.TRANSIENT, "20003", 600_000)
    assert "wrong-secret" not in str(receipt) + repr(read_options(options(sim.url, auth_token="wrong-secret")))


def test_who_connects_too_late_sends_nothing(sim: Simulated, twilio: Build) -> None:
    clock = VirtualClock(SystemClock().now())
    provider: Any = twilio(sim.url, clock)
    take = provider._connections._take

    def slowly() -> object:
        clock.move_to(clock.now() + PATIENCE)
        return take()

    provider._connections._take = slowly
    [receipt] = provider.send([outgoing(6101)])
    assert (receipt.verdict, receipt.code, taken(sim, outgoing(6101))) == (Verdict.TRANSIENT, "not_accepted", 0)


class Slow(VirtualClock):
    """A clock by which every look takes a quarter of a second."""

    def now(self) -> int:
        self.move_to(super().now() + 250)
        return super().now()


def test_what_cannot_be_begun_in_time_goes_back_and_has_not_failed(sim: Simulated, twilio: Build) -> None:
    provider = twilio(sim.url, Slow(SystemClock().now()), connections=1)
    batch = [outgoing(number) for number in range(6001, 6011)]
    receipts = provider.send(batch)
    codes = [(receipt.verdict, receipt.code) for receipt in receipts]
    assert codes[0] == (Verdict.ACCEPTED, "") and codes[-1] == (Verdict.TRANSIENT, "not_accepted")
    went = [receipt.key for receipt in receipts if receipt.verdict is Verdict.ACCEPTED]
    assert set(provider.look_up([message.key for message in batch]) or {}) == set(went)


def test_a_list_that_lags_behind_doubles_nothing(twilio: Build, tmp_path: Path) -> None:
    (tmp_path / "service").mkdir()
    with simulated(tmp_path / "service", "--fault", "lost=1", plan="shown_after = 1000\n") as late:
        provider = twilio(late.url, settle="30s")
        provider.send([outgoing(1)])
        found = provider.look_up([outgoing(1).key]) or {}
    assert [(each.verdict, each.code) for each in found.values()] == [(Verdict.AMBIGUOUS, "asked_later")]


def test_on_either_database_an_outcome_is_found_after_a_crash(sim: Simulated, database_url: str) -> None:
    message = to_fault("lost", 9 if database_url.startswith("sqlite") else 10)
    for look in (False, True):
        provider = TwilioProvider(read_options(options(sim.url)), engine := connect(database_url))
        if look:
            found = provider.look_up([message.key, outgoing(8001).key])
            assert {key: each.verdict for key, each in found.items()} == {message.key: Verdict.DELIVERED}
        else:
            assert provider.send([message])[0].verdict is LOST
        provider.close()
        engine.dispose()


def test_what_may_still_come_into_the_list_is_asked_for_again(sim: Simulated, twilio: Build) -> None:
    clock = VirtualClock(SystemClock().now())
    provider = twilio(sim.url, clock, settle="30s")
    message = to_fault("dropped", 6)._replace(to=ALONE)
    provider.send([message])
    found = provider.look_up([message.key]) or {}
    assert [(each.verdict, each.code) for each in found.values()] == [(Verdict.AMBIGUOUS, "asked_later")]
    clock.move_to(clock.now() + 30_000)
    assert provider.look_up([message.key]) == {}


def test_what_is_kept_of_messages_can_be_forgotten(sim: Simulated, twilio: Build, tmp_path: Path) -> None:
    engine = connect(database(tmp_path))
    setting = ProviderSetting(options(sim.url), str(tmp_path), engine, print)
    assert TWILIO.forget is not None
    TWILIO.forget(setting, [outgoing(7101).key])
    twilio(sim.url).send([outgoing(7101), outgoing(7102)])
    TWILIO.forget(setting, [outgoing(7101).key])
    assert {key for key, _, _ in _rows(engine)} == {outgoing(7102).key}


def test_an_address_is_kept_while_an_outcome_is_unknown(sim: Simulated, twilio: Build, tmp_path: Path) -> None:
    engine, clock = connect(database(tmp_path)), VirtualClock(SystemClock().now())
    provider = twilio(sim.url, clock)
    provider.send([outgoing(7001), to_fault("lost", 7), to_fault("21211", 7)])
    assert _rows(engine) == {(outgoing(7001).key, "", True), (to_fault("lost", 7).key, to_fault("lost").to, False)}
    clock.move_to(clock.now() + 8 * DAY)
    provider.send([outgoing(7002)])
    assert {key for key, _, _ in _rows(engine)} == {to_fault("lost", 7).key, outgoing(7002).key}


def test_a_process_that_has_slept_forgets_nothing_of_what_another_has_tried_since(tmp_path: Path) -> None:
    engine = connect(database(tmp_path))
    attempts, message = Attempts(engine), outgoing(7003)
    attempts.begin([message], 1_000)
    # While it sleeps, another finds out that the message was not taken, sends it, and gets no answer.
    attempts.end([], not_taken=[message.key], began=2_000)
    attempts.begin([message], 3_000)
    attempts.end([], not_taken=[message.key], began=1_000)
    assert [(each.key, each.tried_at) for each in attempts.read([message.key])] == [(message.key, 3_000)]
    attempts.end([], not_taken=[message.key], began=3_000)
    assert attempts.read([message.key]) == []


def _rows(engine: sa.Engine) -> set[tuple[str, str, bool]]:
    with engine.connect() as connection:
        query = sa.text("SELECT key, recipient, sid != '' FROM twilio_attempt")
        return {(key, recipient, bool(known)) for key, recipient, known in connection.execute(query)}
