"""Messages, history and runs leave whole, batch by batch, on both databases."""

from __future__ import annotations

from itertools import pairwise

from conductor_dsl.store.exports import SUBJECTS, export_batches
from tests.conformance.shop import MOBILE, Shop

SCRIPT = """conversation "Back" {
  reentry never
  when no_order_within 60d -> sms "Hello" as "First" on_invalid pass -> wait 3d -> end
}"""


def played(shop: Shop) -> Shop:
    """Seven contacts in the conversation, of whom one has no number."""
    shop.publish(SCRIPT)
    for number in range(7):
        shop.contact(f"c{number}", ordered="61d", mobile=None if number == 3 else MOBILE)
    shop.run()
    return shop


def test_every_message_leaves_once_however_large_the_batches_are(shop: Shop) -> None:
    played(shop)
    for size in (1, 2, 3, 6, 100):
        batches = list(export_batches(shop.engine, SUBJECTS["messages"], None, size))
        assert all(len(batch) == size for batch, _ in pairwise(batches))
        rows = [row for batch in batches for row in batch]
        assert [row["contact"] for row in rows] == ["c0", "c1", "c2", "c4", "c5", "c6"]
    assert tuple(rows[0]) == SUBJECTS["messages"].names
    told = {name: rows[0][name] for name in ("conversation", "step", "channel", "list", "state", "reason")}
    assert told == {
        "conversation": "Back",
        "step": "First",
        "channel": "sms",
        "list": "sms",
        "state": "accepted",
        "reason": None,
    }
    assert rows[0]["created_at"].endswith("Z")


def test_no_address_leaves(shop: Shop) -> None:
    played(shop)
    for subject in SUBJECTS.values():
        told = repr([row for batch in export_batches(shop.engine, subject, None) for row in batch])
        assert "+1" not in told and "@" not in told


def test_history_says_why_somebody_got_nothing(shop: Shop) -> None:
    played(shop)
    rows = [row for batch in export_batches(shop.engine, SUBJECTS["history"], None, 2) for row in batch]
    skipped = [(row["contact"], row["step"], row["reason"]) for row in rows if row["kind"] == "skipped"]
    assert skipped == [("c3", "First", "address_missing")]


def test_runs_stand_where_they_are(shop: Shop) -> None:
    played(shop)
    rows = [row for batch in export_batches(shop.engine, SUBJECTS["runs"], None) for row in batch]
    assert [(row["contact"], row["step"], row["state"]) for row in rows] == [
        (f"c{n}", "end", "active") for n in range(7)
    ]
    assert all(row["due_at"] > row["entered_at"] and row["ended_at"] is None for row in rows)


def test_what_is_older_is_left_out(shop: Shop) -> None:
    played(shop)
    before, now = shop.now, shop.now + 1
    assert sum(map(len, export_batches(shop.engine, SUBJECTS["messages"], before))) == 6
    assert list(export_batches(shop.engine, SUBJECTS["messages"], now)) == []
