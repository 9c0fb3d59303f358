"""What people text: STOP ends texts and is answered once, HELP is answered, START gives back what a STOP took."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Inbound, Receipt, Verdict
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.ingest.ingest import ingest_stream
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.undecided import decide_texts, unread
from tests.conformance.shop import NOW, Shop, host

ENDED, HELP, AGAIN = "Shop: no more texts.", "Shop: help.", "Shop: texts again."
NIGHT = NOW + 12 * HOUR
SCRIPT = """
event happened { which text }
conversation "Texts" {
  class marketing
  window 09:00-20:00
  thread "One" on happened where event.which = "one" { sms "One" from code:"34567" list list:"sms" -> end }
  thread "Two" on happened where event.which = "two" { sms "Two" from code:"34568" list list:"Texts" -> end }
  thread "Mail" on happened where event.which = "mail" { email saved:"Hello" list list:"News" -> end }
  thread "Both" on happened where event.which = "both" { sms "Both" from code:"34567" list list:"News" -> end }
}
"""
numbers = count()


@pytest.fixture(autouse=True)
def _open(shop: Shop) -> None:
    """A shop that writes when something happens, with `a` on every list."""
    shop.contact("a", lists=("sms", "Texts", "News"))
    shop.publish(SCRIPT)
    shop.clock.move_to(NOW + MINUTE)


def write(shop: Shop, text: str, code: str = "34567", *, key: str = "a", at: Instant | None = None) -> list[str]:
    """Somebody texts something a second later; what is texted back."""
    before = len(shop.sms.accepted)
    shop.clock.move_to(shop.now + 1000)
    shop.event(key, "sms.received", str(next(numbers)), at=at, text=text, code=code)
    shop.run()
    return [out.text for out in shop.sms.accepted[before:]]


def gets(shop: Shop, name: str, key: str = "a") -> bool:
    """Whether somebody gets what a thread sends."""
    before = len(shop.sms.accepted) + len(shop.email.accepted)
    shop.event(key, "happened", str(next(numbers)), which=name)
    shop.run()
    return len(shop.sms.accepted) + len(shop.email.accepted) > before


def left(shop: Shop, key: str = "a") -> set[str]:
    """The lists that somebody has left, by the latest words."""
    of = sa.select(t.membership.c.list).where(
        t.membership.c.contact_id == shop.id(key), t.membership.c.state == "unsubscribed"
    )
    return {row.list for row in shop.rows(of)}


def test_a_stop_ends_all_texts_and_is_answered(shop: Shop) -> None:
    assert gets(shop, "one")
    assert write(shop, "Stop!") == [ENDED]
    assert not gets(shop, "one")
    assert not gets(shop, "two")
    assert not gets(shop, "both")
    assert gets(shop, "mail")
    assert left(shop) == {"sms:*", "sms", "Texts"}
    assert shop.answered("a") == [("stop_received", "34567")]
    assert set(shop.reasons("a")) == {"opted_out"}
    assert verify(shop.engine, host()).holds


def test_the_ledger_keeps_the_text_and_the_name_of_its_event(shop: Shop) -> None:
    shop.event("a", "sms.received", "4711", text="please stop texting me", code="34567")
    word = next(word for word in shop.ledger("a") if word.list == "sms:*")
    assert (word.action, word.source, word.at, word.stored_at) == ("unsubscribed", "text to 34567", shop.now, shop.now)
    assert word.proof == "please stop texting me (event sms.received-4711)"
    assert shop.answered("a") == [("stop_inferred", "34567")]


def test_a_stop_calls_back_what_has_not_left(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    assert not gets(shop, "one")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    assert write(shop, "STOP") == [ENDED]
    shop.pass_time("2h")
    assert ("cancelled", "opted_out") in shop.messages("a")
    assert shop.texts() == [ENDED]


def test_a_stop_is_answered_at_night_and_to_those_who_are_on_no_list(shop: Shop) -> None:
    shop.contact("b", lists=(), mobile="+17175550101")
    shop.clock.move_to(NIGHT)
    assert write(shop, "STOP") == [ENDED]
    assert write(shop, "STOP", key="b") == [ENDED]
    assert shop.sms.accepted[-1].to == "+17175550101"
    assert shop.sms.accepted[-1].sender == "34567"


def test_a_stop_that_is_heard_of_late_counts_and_is_not_answered(shop: Shop) -> None:
    shop.clock.move_to(shop.now + HOUR)
    assert write(shop, "STOP", at=shop.now - 5 * MINUTE) == []
    assert shop.answered("a") == [("answer_too_late", "stop_received 34567")]
    assert not gets(shop, "one")


def test_an_answer_that_cannot_leave_within_five_minutes_never_does(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.TRANSIENT)
    write(shop, "STOP")
    assert shop.sms.attempts[-1].valid_for <= 5 * MINUTE
    shop.pass_time("6m")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    shop.pass_time("1d")
    assert shop.texts() == []


def test_a_stop_that_is_said_again_is_answered_once_a_day(shop: Shop) -> None:
    answers = [write(shop, text) for text in ("STOP", "stop", "I said stop texting me")]
    assert answers == [[ENDED], [], []]
    shop.clock.move_to(shop.now + DAY)
    assert write(shop, "STOP") == [ENDED]


def test_two_stops_of_one_batch_are_answered_once(shop: Shop) -> None:
    shop.event("a", "sms.received", "1", at=shop.now - 2, text="STOP", code="34567")
    shop.event("a", "sms.received", "2", at=shop.now - 1, text="STOP", code="34567")
    shop.run()
    assert shop.texts() == [ENDED]


def test_contacts_who_share_a_number_get_one_answer(shop: Shop) -> None:
    shop.contact("b")
    notes: list[tuple[object, ...]] = [
        (n, key, f"t{n}", "sms.received", shop.now, '{"text": "STOP", "code": "34567"}') for n, key in enumerate("ab")
    ]
    shop.arrive(notes)
    shop.run()
    assert shop.texts() == [ENDED]
    assert left(shop, "a") == {"sms:*", "sms", "Texts"}
    assert left(shop, "b") == {"sms:*", "sms"}


def test_start_gives_back_what_a_stop_took_and_nothing_else(shop: Shop) -> None:
    shop.consent("a", "Texts", "unsubscribed")
    write(shop, "STOP")
    assert write(shop, "START") == [AGAIN]
    assert (gets(shop, "one"), gets(shop, "two")) == (True, False)
    assert left(shop) == {"Texts"}
    assert write(shop, "STOP") == [ENDED]
    assert not gets(shop, "one")


def test_a_start_that_gives_nothing_back_is_not_answered(shop: Shop) -> None:
    shop.contact("b", lists=(), mobile="+17175550101")
    assert write(shop, "START", key="b") == []
    assert not gets(shop, "one", "b")
    assert shop.ledger("b") == []


def test_who_agrees_again_in_another_way_gets_texts_of_that_list(shop: Shop) -> None:
    write(shop, "STOP")
    shop.clock.move_to(shop.now + 1)
    shop.consent("a", "sms")
    assert (gets(shop, "one"), gets(shop, "two")) == (True, False)
    assert verify(shop.engine, host()).holds


def test_help_is_answered_and_ends_nothing(shop: Shop) -> None:
    assert write(shop, "help") == [HELP]
    assert write(shop, "HELP") == []
    assert gets(shop, "one")
    assert shop.answered("a") == [("help_received", "34567"), ("help_received", "34567")]


def test_a_stop_to_a_code_ends_the_texts_from_it(shop: Shop) -> None:
    assert write(shop, "STOP", "34568") == [ENDED]
    assert (gets(shop, "one"), gets(shop, "two"), gets(shop, "both")) == (True, False, True)
    assert left(shop) == {"sms:34568", "Texts"}
    assert write(shop, "START", "34568") == [AGAIN]
    assert gets(shop, "two")


def test_a_stop_may_end_e_mails_too(shop: Shop) -> None:
    assert write(shop, "STOP", "34569") == [ENDED]
    assert not any(gets(shop, name) for name in ("one", "two", "mail", "both"))
    assert write(shop, "START", "34569") == [AGAIN]
    assert all(gets(shop, name) for name in ("one", "two", "mail", "both"))


def test_a_stop_to_a_number_that_nobody_knows_ends_texts_without_an_answer(shop: Shop) -> None:
    assert write(shop, "STOP", "99999") == []
    assert not gets(shop, "one")


def test_what_may_be_a_stop_keeps_texts_back(shop: Shop) -> None:
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    gets(shop, "one")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    assert write(shop, "my lawyer will hear about this") == []
    assert not gets(shop, "one")
    assert gets(shop, "mail")
    assert shop.reasons("a") == ["undecided"]
    assert ("cancelled", "undecided") in shop.messages("a")
    assert shop.answered("a") == [("stop_undecided", "34567")]
    assert verify(shop.engine, host()).holds


def test_ordinary_texts_change_nothing(shop: Shop) -> None:
    for text in ("Thanks, see you", "can't stop smiling", "", "by the end of the month?"):
        assert write(shop, text) == []
    assert gets(shop, "one")
    assert (left(shop), shop.answered("a")) == (set(), [])


def test_the_answers_are_no_messages_of_a_conversation(shop: Shop) -> None:
    """They neither count for caps nor hold a run."""
    shop.publish(SCRIPT.replace("class marketing", "class marketing\n  cap sms 1 per 1d"))
    write(shop, "STOP")
    write(shop, "START")
    assert gets(shop, "one")


def test_a_yes_to_one_list_lets_nothing_of_another_out(shop: Shop) -> None:
    """Messages of three lists wait when the STOP comes; a yes to one came first, and dates from later."""
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    for name in ("one", "two", "both"):
        gets(shop, name)
    shop.consent("a", "Texts", at=shop.now + HOUR)
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    write(shop, "STOP")
    shop.pass_time("3h")
    assert sorted(shop.texts()) == [ENDED, "Two"]


@pytest.mark.parametrize("is_stop", [True, False])
def test_texts_go_on_or_end_once_somebody_has_read(shop: Shop, is_stop: bool) -> None:
    write(shop, "my lawyer will hear about this")
    with shop.engine.begin() as connection:
        [waiting] = unread(connection)
        assert (waiting.contact, waiting.source) == ("a", "text to 34567")
        assert waiting.text.startswith("my lawyer will hear about this (event sms.received-")
        shop.clock.move_to(shop.now + 1000)
        assert decide_texts(connection, [waiting], shop.now, is_stop=is_stop) == 1
        assert unread(connection) == []
    assert gets(shop, "one") is not is_stop


def test_a_stop_of_a_stranger_counts_for_whoever_is_imported_with_the_number(shop: Shop, tmp_path: Path) -> None:
    number = "+17175550188"
    listener(shop.engine, shop.clock, lambda: None)(Heard(inbound=(Inbound("k", "sms", number, "34567", "stop"),)))
    shop.run()
    rows = BytesIO(f"key,mobile\nlate,{number}\n".encode())
    ingest_stream(shop.engine, shop.programs(), "contacts", rows, clock=shop.clock, rejects_path=tmp_path / "r")
    shop.consent("late", "sms", at=NOW)
    assert not gets(shop, "one", "late")
    shop.clock.move_to(shop.now + HOUR)
    shop.consent("late", "sms")
    assert gets(shop, "one", "late"), "a yes that is given later counts"
