"""What receipts and people tell of addresses closes them, for as long as that is so, and whoever has them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Mark, Receipt, Verdict
from conductor_dsl.program.states import Closure
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.ingest.ingest import ingest_stream
from conductor_dsl.runtime.ingest.nouns import ImportResult
from conductor_dsl.shared.clock import DAY, HOUR
from conductor_dsl.store import tables as t
from conductor_dsl.store.closed_addresses import KEY, Closed
from conductor_dsl.store.consent_tables import closed_address
from conductor_dsl.store.suppressions import close_by_hand, lift, suppress
from tests.conformance.shop import MOBILE, NOW, Shop

SCRIPT = """
event happened { which text }
conversation "Texts" {
  thread "One" on happened where event.which = "sms" { sms "One" from code:"34567" -> end }
  thread "Two" on happened where event.which = "other" { sms "Two" from code:"34568" -> end }
  thread "Mail" on happened where event.which = "email" { email saved:"Hello" -> end }
}
"""


@pytest.fixture(autouse=True)
def _open(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.clock.move_to(NOW + HOUR)


def gets(shop: Shop, which: str, key: str = "a") -> bool:
    """Whether somebody gets what a thread sends, an hour later."""
    shop.clock.move_to(shop.now + HOUR)
    before = len(shop.sms.accepted) + len(shop.email.accepted)
    shop.event(key, "happened", str(shop.now), which=which)
    shop.run()
    return len(shop.sms.accepted) + len(shop.email.accepted) > before


def tell(shop: Shop, mark: Mark, key: str = "a") -> int:
    """A receipt of the latest message tells something of its address; to how many that closed a channel."""
    row = max(shop.intents(key), key=lambda row: row.created_at)
    place = (row.contact_id, row.conversation_id, row.entry_no, row.step, row.visit)
    with shop.engine.begin() as connection:
        return suppress(connection, [(place, mark, shop.now)], shop.now)


def imports(shop: Shop, folder: Path, kind: str, rows: str) -> ImportResult:
    """Import the text of a CSV file."""
    rejects = folder / "rejects.csv"
    source = BytesIO(rows.encode())
    return ingest_stream(shop.engine, shop.programs(), kind, source, clock=shop.clock, rejects_path=rejects)


def closures(shop: Shop, key: str = "a") -> list[tuple[str, str]]:
    """The channels that are closed to a contact."""
    of = t.suppression.c.contact_id == shop.id(key)
    return [(row.channel, row.reason) for row in shop.rows(sa.select(t.suppression).where(of))]


@pytest.mark.parametrize("mark", [Mark.INVALID, Mark.COMPLAINED])
@pytest.mark.parametrize(("which", "other"), [("sms", "email"), ("email", "sms")])
def test_a_bounce_and_a_complaint_close_the_channel_at_once(shop: Shop, mark: Mark, which: str, other: str) -> None:
    assert gets(shop, which)
    assert tell(shop, mark) == 1
    assert tell(shop, mark) == 0
    assert not gets(shop, which)
    assert gets(shop, other)
    assert shop.reasons("a") == ["suppressed"]
    assert closures(shop) == [(which, mark)]


def test_an_address_is_dead_when_it_seems_so_twice_within_thirty_days(shop: Shop) -> None:
    assert gets(shop, "sms")
    assert tell(shop, Mark.DEAD) == tell(shop, Mark.DEAD) == 0
    shop.clock.move_to(shop.now + 31 * DAY)
    assert gets(shop, "sms")
    assert tell(shop, Mark.DEAD) == 0
    shop.clock.move_to(shop.now + 29 * DAY)
    assert gets(shop, "sms")
    assert tell(shop, Mark.DEAD) == 1
    assert not gets(shop, "sms")


def test_what_waits_to_be_sent_there_is_cancelled(shop: Shop) -> None:
    gets(shop, "sms")
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    gets(shop, "other")
    shop.sms.answer = lambda _: Verdict.ACCEPTED
    tell(shop, Mark.INVALID)
    shop.pass_time("5h")
    assert shop.texts() == ["One"]
    assert ("cancelled", "suppressed") in shop.messages("a")


def test_who_told_the_provider_to_stop_has_left_all_texts_until_a_start(shop: Shop) -> None:
    gets(shop, "sms")
    tell(shop, Mark.OPTED_OUT)
    assert not gets(shop, "sms")
    assert not gets(shop, "other")
    word = shop.ledger("a")[-1]
    assert (word.list, word.action, word.source) == ("sms:*", "unsubscribed", "provider")
    shop.clock.move_to(shop.now + HOUR)
    shop.event("a", "sms.received", text="START", code="34567")
    assert gets(shop, "sms")


def test_who_blocks_a_sender_gets_texts_from_others(shop: Shop) -> None:
    gets(shop, "sms")
    tell(shop, Mark.BLOCKED)
    assert (gets(shop, "sms"), gets(shop, "other")) == (False, True)


def test_another_address_is_open_and_a_complaint_stays(shop: Shop) -> None:
    gets(shop, "sms")
    tell(shop, Mark.INVALID)
    gets(shop, "email")
    tell(shop, Mark.COMPLAINED)
    shop.contact("a", lists=(), mobile="+17175550111", email="new@example.com")
    assert (gets(shop, "sms"), gets(shop, "email")) == (True, False)
    shop.contact("a", lists=(), mobile=MOBILE, email="new@example.com")
    assert not gets(shop, "sms"), "the address was closed, not the contact"


def test_an_address_that_was_closed_is_closed_for_the_next_who_has_it(shop: Shop, tmp_path: Path) -> None:
    gets(shop, "email")
    tell(shop, Mark.INVALID)
    shop.clock.move_to(shop.now + HOUR)
    imports(shop, tmp_path, "contacts", "key,email\nb,A@Example.com\nc,c@example.com\n")
    assert (gets(shop, "email", "b"), gets(shop, "email", "c")) == (False, True)
    stored = [tuple(row) for row in shop.rows(sa.select(closed_address))]
    assert "example" not in str(stored)


def test_a_number_with_another_owner_is_not_texted_by_what_the_old_one_agreed_to(shop: Shop, tmp_path: Path) -> None:
    shop.contact("b", lists=())
    result = imports(shop, tmp_path, "suppressions", f"address,reason,at\n{MOBILE},reassigned,2026-03-02T16:30:00Z\n")
    assert (result.stored, result.rejected) == (1, 0)
    assert not gets(shop, "sms")
    assert gets(shop, "email")
    shop.consent("a", "sms")
    assert gets(shop, "sms"), "what is agreed to later counts"
    again = imports(shop, tmp_path, "suppressions", f"address,reason,at\n{MOBILE},reassigned,2026-03-02T16:30:00Z\n")
    assert again.unchanged == 1
    imports(shop, tmp_path, "contacts", f"key,mobile\nlate,{MOBILE}\n")
    shop.consent("late", "sms", at=NOW)
    assert not gets(shop, "sms", "late"), "who is imported later agreed before the number changed hands"


def test_rows_that_close_nothing_are_rejected_with_the_reason(shop: Shop, tmp_path: Path) -> None:
    at = "2026-03-02T16:30:00Z"
    rows = f"nobody,by_hand,{at}\na@example.com,annoyed,{at}\na@example.com,reassigned,{at}\n"
    result = imports(shop, tmp_path, "suppressions", "address,reason,at\n" + rows)
    assert (result.stored, result.rejected) == (0, 3)
    assert result.rejects_path is not None
    told = result.rejects_path.read_text()
    assert "`nobody` is neither an e-mail address nor a phone number" in told
    assert "`reason` `annoyed` is none of `invalid`, `complained`" in told
    assert "only a number is `reassigned`" in told


def test_addresses_are_closed_and_opened_by_hand(shop: Shop) -> None:
    with shop.engine.begin() as connection:
        closed = [Closed(*pair, Closure.BY_HAND, shop.now) for pair in (("sms", MOBILE), ("email", "x@example.com"))]
        assert close_by_hand(connection, closed, shop.now) == 1
    assert not gets(shop, "sms")
    with shop.engine.begin() as connection:
        assert lift(connection, [("sms", MOBILE), ("email", "x@example.com"), (KEY, "x")], shop.now) == 3
    assert gets(shop, "sms")


def test_what_is_opened_by_hand_begins_anew(shop: Shop) -> None:
    for _ in range(2):
        assert gets(shop, "sms")
        tell(shop, Mark.DEAD)
    assert not gets(shop, "sms")
    with shop.engine.begin() as connection:
        lift(connection, [("sms", MOBILE)], shop.now)
    assert gets(shop, "sms")
    assert tell(shop, Mark.DEAD) == 0
    assert gets(shop, "sms")


def test_the_answer_to_a_message_closes_its_address(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.REJECTED, code="21211", mark=Mark.INVALID)
    gets(shop, "sms")
    assert closures(shop) == [("sms", "invalid")]


def test_what_a_provider_tells_later_closes_the_address(shop: Shop) -> None:
    gets(shop, "email")
    late = Receipt(shop.email.accepted[0].key, Verdict.DELIVERED, mark=Mark.COMPLAINED)
    listener(shop.engine, shop.clock, lambda: None)(Heard((late, late)))
    shop.run()
    assert closures(shop) == [("email", "complained")]
    assert not gets(shop, "email")


def test_an_answer_that_cannot_arrive_closes_the_number_too(shop: Shop) -> None:
    shop.sms.answer = lambda out: Receipt(out.key, Verdict.REJECTED, code="21211", mark=Mark.INVALID)
    shop.event("a", "sms.received", text="HELP", code="34567")
    shop.run()
    assert closures(shop) == [("sms", "invalid")]
