"""The provider `smtp` before servers that break off, hang, talk nonsense, or are not there.

What was certainly not taken may be sent again; only a message whose last dot was sent is in doubt.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest

from conductor_dsl.api import NOT_ACCEPTED, Clock, Heard, Outgoing, Receipt, Verdict, VirtualClock
from conductor_dsl.testing.provider_suite import outgoing
from conductor_plugins.provider_smtp import batch as batches
from conductor_plugins.provider_smtp.failure_to_receipt import failure_to_receipt, table
from conductor_plugins.provider_smtp.provider import SmtpProvider
from conductor_plugins.provider_smtp.settings import read_settings
from conductor_plugins.provider_smtp.wire import Failure, Stage
from tests.plugin.mail_server import HANG, HOST, Answer, Puppet, puppet, usual

MINUTE = 60_000


PATIENCE = 60
HEARD: SimpleQueue[Heard] = SimpleQueue()
"""What providers tell after their calls."""


def provider_at(port: int, clock: Clock | None = None, **options: Any) -> SmtpProvider:
    """A provider before a server in plain text on this machine; unless a clock is given its time does not pass."""
    given = {"host": HOST, "port": port, "security": "none", "connections": 1, **options}
    return SmtpProvider(read_settings(given, "/"), clock or VirtualClock(0), HEARD.put)


def mails(count: int) -> list[Outgoing]:
    return [outgoing(number, "email") for number in range(1, count + 1)]


def sent(answer: Answer, count: int = 1, **options: Any) -> tuple[Sequence[Receipt], Puppet]:
    """The receipts of mails, in their order, from a server that answers so."""
    with puppet(answer) as server:
        provider = provider_at(server.port, **options)
        receipts = sorted(provider.send(mails(count)), key=lambda each: each.key)
        provider.close()
    assert [each.key for each in receipts] == [each.key for each in mails(count)]
    return receipts, server


def told(receipts: Sequence[Receipt]) -> list[tuple[str, str, int]]:
    return [(each.verdict.value, each.code, each.retry_after) for each in receipts]


def at(stage: str, said: str | None, connections: int = 99) -> Answer:
    """A server that says so at one stage, on its first connections; otherwise it is content."""
    return lambda number, command: said if command == stage and number <= connections else usual(number, command)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_dot_leaves_no_doubt(stage: str) -> None:
    receipts, _ = sent(at(stage, None))
    assert told(receipts) == [("transient", "lost", 0)]


def test_a_connection_lost_after_the_dot_leaves_one_message_in_doubt() -> None:
    receipts, server = sent(at(".", None, connections=1), 3)
    assert told(receipts) == [("ambiguous", "dot lost", 0), ("accepted", "", 0), ("accepted", "", 0)]
    assert [number for number, command in server.heard if command == "."] == [1, 2, 2]


@pytest.mark.parametrize("said", [None, "garbage", "354 more"])
def test_a_message_in_doubt_is_not_sent_on_another_connection(said: str | None) -> None:
    dots: list[int] = []

    def answer(number: int, command: str) -> str | None:
        dots.extend([number] * (command == "."))
        return said if command == "." and len(dots) == 2 else usual(number, command)

    receipts, _ = sent(answer, 3)
    assert [each.verdict for each in receipts] == [Verdict.ACCEPTED, Verdict.AMBIGUOUS, Verdict.ACCEPTED]
    assert dots == [1, 1, 2]


def test_a_server_that_breaks_off_each_time_is_left_alone() -> None:
    receipts, server = sent(at("DATA", None), 50)
    assert told(receipts) == [("transient", "lost", 0)] * 3 + [("transient", "broken", MINUTE)] * 47
    assert max(number for number, _ in server.heard) == 3


def test_a_connection_that_was_dropped_between_batches_is_opened_anew() -> None:
    with puppet(lambda number, command: None if (number, command) == (1, "NOOP") else usual(number, command)) as server:
        provider = provider_at(server.port)
        receipts = [receipt for _ in range(2) for receipt in provider.send(mails(2))]
        provider.close()
    assert told(receipts) == [("accepted", "", 0)] * 4
    assert [number for number, command in server.heard if command == "."] == [1, 1, 2, 2]


def test_a_connection_that_has_been_idle_is_not_asked() -> None:
    clock = VirtualClock(0)
    with puppet(usual) as server:
        provider = provider_at(server.port, clock)
        provider.send(mails(1))
        clock.move_to(2 * MINUTE)
        provider.send(mails(1))
        provider.close()
    assert (2, "greeting") in server.heard and (1, "NOOP") not in server.heard


@pytest.mark.parametrize("goodbye", ["421 4.7.0 too many messages on this connection", None])
def test_a_server_that_has_had_enough_of_a_connection_gets_another(goodbye: str | None) -> None:
    served: dict[int, int] = {}

    def answer(number: int, command: str) -> str | None:
        served[number] = served.get(number, 0) + (command == ".")
        return goodbye if command == "MAIL" and served[number] == 2 else usual(number, command)

    receipts, _ = sent(answer, 5)
    assert told(receipts) == [("accepted", "", 0)] * 5
    assert served == {1: 2, 2: 2, 3: 1}


def test_a_server_that_is_busy_is_left_alone_by_everybody() -> None:
    receipts, server = sent(at("MAIL", "421 4.3.2 come back later"), 30)
    assert told(receipts) == [("transient", "4.3.2", MINUTE)] * 30
    assert [command for _, command in server.heard].count("MAIL") == 1


def test_throttling_holds_back_the_sender_and_no_other() -> None:
    with puppet(at("MAIL", "450 4.7.1 slow down", connections=1)) as server:
        provider = provider_at(server.port)
        other = [each._replace(sender="hello@books.example") for each in mails(4)[2:]]
        receipts = provider.send([*mails(2), *other])
        provider.close()
    assert told(receipts) == [("transient", "4.7.1", MINUTE)] * 4
    assert [command for _, command in server.heard].count("MAIL") == 2


@pytest.mark.parametrize(
    ("command", "said", "verdict"),
    [
        ("greeting", "this is no mail server", ("transient", "greeting garbled", 5 * MINUTE)),
        ("greeting", "554 5.3.2 no service", ("transient", "greeting 5.3.2", 5 * MINUTE)),
        ("MAIL", "\x00\x01 garbage", ("transient", "garbled", 0)),
        ("RCPT", "354 what?", ("transient", "garbled", 0)),
        ("DATA", "250 thank you", ("transient", "garbled", 0)),
        (".", "yes", ("ambiguous", "dot garbled", 0)),
        (".", "354 more", ("ambiguous", "dot garbled", 0)),
        (".", "x" * 5_000, ("ambiguous", "dot garbled", 0)),
        (".", "\r\n".join(["250-go on"] * 200), ("ambiguous", "dot garbled", 0)),
        (".", "554 5.7.1 spam", ("rejected", "5.7.1", 0)),
        (".", "451 4.3.0 try again", ("transient", "4.3.0", 0)),
        ("MAIL", "553 5.7.1 not your address", ("transient", "mail 5.7.1", 5 * MINUTE)),
        ("MAIL", "530 5.7.0 authentication required", ("transient", "mail 5.7.0", 5 * MINUTE)),
        ("MAIL", "552 5.3.4 too large", ("rejected", "mail 5.3.4", 0)),
        ("RCPT", "554 5.7.1 Relay access denied", ("transient", "rcpt relay", 5 * MINUTE)),
        ("RCPT", "550 relay not permitted", ("transient", "rcpt relay", 5 * MINUTE)),
        ("RCPT", "550 no", ("rejected", "rcpt 550", 0)),
        ("RCPT", "450 busy", ("transient", "rcpt 450", 0)),
    ],
)
def test_each_answer_has_its_verdict(command: str, said: str, verdict: tuple[str, str, int]) -> None:
    receipts, _ = sent(at(command, said))
    assert told(receipts) == [verdict]
    assert receipts[0].detail


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        ("greeting", ("transient", "greeting late", MINUTE)),
        ("MAIL", ("transient", "late", 0)),
        ("DATA", ("transient", "late", 0)),
        (".", ("ambiguous", "dot late", 0)),
    ],
)
def test_a_server_that_hangs_is_left_alone(
    command: str, verdict: tuple[str, str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is answered has all the time it needs, and only what hangs has an end: the clock moves just before.
    clock, ahead = VirtualClock(0), 0 if command == "greeting" else MINUTE
    for name, at_most in (("BEGIN_WITHIN", 100), ("TALK_WITHIN", 200), ("END_WITHIN", 300)):
        monkeypatch.setattr(batches, name, ahead + at_most)
    moves = {{"MAIL": "EHLO", "DATA": "RCPT", ".": "DATA"}.get(command): MINUTE, command: ahead + 100}

    def answer(number: int, heard: str) -> str | None:
        clock.move_to(max(clock.now(), moves.get(heard, 0)))
        return HANG if heard == command else usual(number, heard)

    receipts, server = sent(answer, 3, clock=clock)
    others = {"greeting": verdict, ".": ("transient", NOT_ACCEPTED, 0)}.get(command, ("transient", "broken", MINUTE))
    assert told(receipts) == [verdict, others, others]
    assert [each for _, each in server.heard].count(command) == 1


def slow_at_the_end(
    monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, end: Callable[[], str], connections: int = 99
) -> Answer:
    """A server that is content, but for its answer to the last dot on its first connections: 300 ms are left for that.

    All that comes before has a minute, which passes at once when nothing but the dot is to come.
    """
    monkeypatch.setattr(batches, "TALK_WITHIN", MINUTE + 200)
    monkeypatch.setattr(batches, "END_WITHIN", MINUTE + 300)

    def answer(number: int, command: str) -> str | None:
        if number <= connections and command == "DATA":
            clock.move_to(clock.now() + MINUTE)
        return end() if number <= connections and command == "." else usual(number, command)

    return answer


def test_a_server_that_owes_too_many_answers_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with puppet(slow_at_the_end(monkeypatch, clock := VirtualClock(0), lambda: HANG)) as server:
        provider = provider_at(server.port, clock)
        receipts = [receipt for _ in range(2) for receipt in provider.send(mails(1))]
        receipts += [each for each in provider.send(mails(2)) if each.key != mails(1)[0].key]
        provider.close()
    assert told(receipts) == [("ambiguous", "dot late", 0)] * 2 + [("transient", "broken", MINUTE)]


@pytest.mark.parametrize(
    ("said", "verdict"), [("250 2.0.0 taken", Verdict.ACCEPTED), ("554 5.7.1 spam", Verdict.REJECTED)]
)
def test_an_answer_after_the_call_ends_the_doubt(said: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    call_is_over = Event()

    def end() -> str:
        call_is_over.wait(PATIENCE)
        return said

    with puppet(slow_at_the_end(monkeypatch, clock := VirtualClock(0), end, connections=1)) as server:
        provider = provider_at(server.port, clock)
        [receipt] = provider.send(mails(1))
        call_is_over.set()
        [late] = HEARD.get(timeout=PATIENCE).receipts
        [again] = provider.send([outgoing(2, "email")])
        provider.close()
    assert told([receipt, again]) == [("ambiguous", "dot late", 0), ("accepted", "", 0)]
    assert (late.key, late.verdict) == (receipt.key, verdict)


def test_what_cannot_be_begun_in_time_is_given_back() -> None:
    clock = VirtualClock(0)

    def answer(number: int, command: str) -> str | None:
        if command == ".":
            clock.move_to(clock.now() + 700)
        return usual(number, command)

    with puppet(answer) as server:
        provider = provider_at(server.port, clock)
        receipts = provider.send(mails(9))
        provider.close()
    assert told(receipts) == [("accepted", "", 0)] * 3 + [("transient", NOT_ACCEPTED, 0)] * 6


def test_a_host_that_does_not_listen_is_unreachable() -> None:
    with socket.socket() as deaf:  # whose port nobody else can have
        deaf.bind((HOST, 0))
        [receipt] = provider_at(deaf.getsockname()[1]).send(mails(1))
    assert told([receipt]) == [("transient", "greeting unreachable", MINUTE)]
    assert receipt.detail == "the server cannot be reached: connection refused"


def test_a_host_without_an_address_is_unknown() -> None:
    [receipt] = provider_at(25, host="mail.shop.invalid", security="starttls").send(mails(1))
    assert told([receipt]) == [("transient", "greeting unknown_host", MINUTE)]


def test_a_host_that_is_no_name_is_unknown_too() -> None:
    [receipt] = provider_at(25, host="mail..shop.example", security="starttls").send(mails(1))
    assert told([receipt]) == [("transient", "greeting unsupported", MINUTE)]
    assert receipt.detail == "the `host` has no address"


def test_a_server_that_speaks_without_encryption_is_not_taken_for_an_encrypted_one() -> None:
    with puppet(usual) as server:
        receipts = provider_at(server.port, security="tls").send(mails(1))
    assert told(receipts) == [("transient", "tls failed", 5 * MINUTE)]
    assert "`security` may not suit the `port`" in receipts[0].detail


def test_a_server_without_encryption_gets_no_password_and_no_mail() -> None:
    with puppet(usual) as server:
        provider = provider_at(server.port, security="starttls", username="u", password="p")
        receipts = provider.send(mails(2))
    assert told(receipts) == [("transient", "tls unsupported", 5 * MINUTE)] * 2
    assert {command for _, command in server.heard} == {"greeting", "EHLO"}


def test_a_second_connection_that_is_refused_leaves_its_share_to_the_first() -> None:
    receipts, _ = sent(lambda n, c: usual(n, c) if n == 1 else "421 too many connections", 20, connections=2)
    assert told(receipts) == [("accepted", "", 0)] * 20


def test_a_connection_that_is_refused_when_the_others_are_done_keeps_nothing_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second lane has a message in hand, and hears that it is refused once the first has found no more to send."""
    done, take = Event(), batches.Batch.take

    def take_or_tell(batch: batches.Batch) -> Outgoing | None:
        message: Outgoing | None = take(batch)
        if message is None:
            done.set()
        return message

    def answer(number: int, command: str) -> str | None:
        if number == 1:
            return usual(number, command)
        done.wait(PATIENCE)
        return "421 too many connections"

    monkeypatch.setattr(batches.Batch, "take", take_or_tell)
    receipts, _ = sent(answer, 20, connections=2)
    assert told(receipts) == [("accepted", "", 0)] * 20


def test_every_entry_of_the_table_has_words_and_a_date() -> None:
    assert table().as_of.year >= 2026
    assert all(meaning.means for meaning in table().exact.values())


def test_no_address_stands_in_a_detail() -> None:
    receipt = failure_to_receipt("k", Failure(Stage.RCPT, "550", "5.1.1 <ada@example.com>... bob@example.com unknown"))
    assert "@" not in receipt.detail


@pytest.mark.parametrize(("code", "mark"), [("5.1.1", "invalid"), ("5.1.2", "dead"), ("5.2.1", "dead"), ("5.2.2", "")])
def test_what_a_refusal_tells_of_the_address(code: str, mark: str) -> None:
    receipt = failure_to_receipt("k", Failure(Stage.RCPT, "550", f"{code} no"))
    assert (receipt.verdict, receipt.mark) == (Verdict.REJECTED, mark)
