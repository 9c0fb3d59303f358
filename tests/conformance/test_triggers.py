"""What lets contacts in: lists, fields, messages and words that they text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conductor_dsl.runtime.ingest.ingest import ingest_file
from conductor_dsl.shared.clock import DAY, HOUR, to_iso
from tests.conformance.shop import Shop

FIELDS = "field tier text field points number field vip boolean "


def conversation(trigger: str, rest: str = "wait 1h -> end", head: str = "") -> str:
    return f'{FIELDS} conversation "C" {{ {head} thread "T" {trigger} {{ {rest} }} }}'


def entries(shop: Shop, key: str) -> int:
    return len(shop.runs(key))


def test_whoever_joins_a_list_enters_and_those_who_come_back_too(shop: Shop) -> None:
    shop.publish(conversation('on subscribed list:"News"'))
    shop.contact("a")
    counts = []
    for action in ("subscribed", "subscribed", "unsubscribed", "subscribed"):
        shop.pass_time("1d")
        shop.consent("a", "News", action)
        counts.append(entries(shop, "a"))
    assert counts == [1, 1, 1, 2]


def test_with_first_nobody_enters_who_was_on_the_list_before(shop: Shop) -> None:
    shop.contact("old", lists=("News",))
    shop.pass_time("1d")
    shop.consent("old", "News", "unsubscribed")
    shop.publish(conversation('on subscribed list:"News" first'))
    shop.contact("new")
    shop.pass_time("1d")
    for key in ("old", "new"):
        shop.consent(key, "News")
    assert (entries(shop, "old"), entries(shop, "new")) == (0, 1)


def test_without_a_list_it_is_any(shop: Shop) -> None:
    shop.publish(conversation("on subscribed", "end"))
    shop.contact("a", lists=("News", "Texts"))
    shop.run()
    assert entries(shop, "a") == 1


def test_whoever_leaves_a_list_enters_even_by_leaving_all(shop: Shop) -> None:
    shop.publish(conversation('on unsubscribed list:"News"'))
    shop.contact("a", lists=("News",))
    shop.contact("b", lists=("Texts",))
    shop.pass_time("1d")
    for key in ("a", "b"):
        shop.consent(key, "*", "unsubscribed")
    assert (entries(shop, "a"), entries(shop, "b")) == (1, 0)


def test_a_yes_that_is_told_late_and_taken_back_since_lets_nobody_in(shop: Shop) -> None:
    shop.publish(conversation('on subscribed list:"News"'))
    shop.contact("a")
    late = shop.now
    shop.pass_time("1d")
    shop.consent("a", "News", "unsubscribed")
    shop.consent("a", "News", at=late)
    assert entries(shop, "a") == 0


@pytest.mark.parametrize(
    ("trigger", "count"),
    [
        ("on changed", 3),
        ("on changed tier", 2),
        ('on changed tier to "Gold"', 1),
        ('on changed tier from "Silver" to "Gold"', 1),
        ('on changed tier from "Bronze" to "Gold"', 0),
        ("on changed points to 100", 1),
        ("on changed points", 1),
        ("on changed vip", 0),
        ('on changed tier where event.before = "Gold"', 1),
    ],
)
def test_whoever_gets_another_value_enters(shop: Shop, trigger: str, count: int) -> None:
    shop.publish(conversation(trigger))
    shop.contact("a", tier="Silver", points=1)
    for tier, points in (("Gold", 1), ("Gold", 100), ("Gold", 100), ("Bronze", 100)):
        shop.pass_time("1d")
        shop.contact("a", tier=tier, points=points, lists=())
    assert entries(shop, "a") == count


def test_a_conversation_that_writes_a_field_does_not_enter_itself_by_that(shop: Shop) -> None:
    shop.publish(conversation("on changed tier", 'set tier = "Gold" -> end'))
    shop.contact("a", tier="Silver")
    shop.contact("a", tier="Bronze")
    shop.pass_time("1d")
    assert (entries(shop, "a"), shop.stored("a")["tier"]) == (1, "Gold")


def test_another_address_lets_in_again_at_the_new_one(shop: Shop) -> None:
    shop.publish(conversation("on changed email", 'email saved:"Hello" -> wait 1d -> end'))
    shop.contact("a")
    for address in ("b@example.com", "c@example.com"):
        shop.pass_time("1h")
        shop.contact("a", email=address)
    shop.run()
    assert [(run.state, run.reason) for run in shop.runs("a")] == [("exited", "address changed"), ("active", None)]
    assert [out.to for out in shop.email.accepted] == ["b@example.com", "c@example.com"]


CHILD = """
conversation "Winback" { reentry never
  thread "Main" on order.placed {
    email saved:"Hello" as "First" -> wait 3d -> email saved:"Winback1" as "Second" -> end
  }
  thread "Child" on clicked step:"First" link "https://shop.example/sale" {
    wait 1d -> email saved:"Hello" as "Sale" -> end
  }
}
conversation "Other" { thread "T" on opened step:"First" of conversation:"Winback" { wait 9d -> end } }
"""


def test_a_child_thread_takes_over_whoever_is_inside(shop: Shop) -> None:
    shop.publish(CHILD)
    shop.contact("a")
    shop.order("a", "1")
    shop.pass_time("1d")
    clicked: dict[str, Any] = {"conversation": "Winback", "step": "First", "link": "https://shop.example/sale"}
    shop.event("a", "clicked", "other link", **{**clicked, "link": "https://shop.example"})
    shop.event("a", "clicked", "other step", **{**clicked, "step": "Second"})
    shop.event("a", "clicked", "other conversation", **{**clicked, "conversation": "Other"})
    assert entries(shop, "a") == 1
    shop.event("a", "clicked", "1", **clicked)
    assert [(run.state, run.reason) for run in shop.runs("a")] == [
        ("exited", "went on in thread `Child`"),
        ("active", None),
    ]
    shop.pass_time("9d")
    assert [out.step for out in shop.email.accepted] == ["First", "Sale"]
    shop.event("a", "clicked", "again", **clicked)
    assert entries(shop, "a") == 2, "who has left comes in again as the rule says"


def test_a_message_of_another_conversation_can_be_named(shop: Shop) -> None:
    shop.publish(CHILD)
    shop.contact("a")
    shop.event("a", "opened", "1", conversation="Other", step="First")
    assert entries(shop, "a") == 0
    shop.event("a", "opened", "2", conversation="Winback", step="First")
    assert entries(shop, "a") == 1


def imported(shop: Shop, path: Path, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Import events; what the summary warns of."""
    path.write_text("\n".join(json.dumps(row) for row in rows))
    result = ingest_file(shop.engine, shop.programs(), "events", path, clock=shop.clock)
    assert result.rejected == 0
    return [f"{message}: {hint}" for message, hint in result.warnings]


@pytest.mark.parametrize(
    ("text", "code", "enters"),
    [
        ("SALE", "34567", True),
        ("  sale ", "34567", True),
        ("Sale!", 34567, True),
        ("sale now", "34567", False),
        ("SALE", "98765", False),
    ],
)
def test_a_word_that_is_texted_lets_in(shop: Shop, tmp_path: Path, text: str, code: object, *, enters: bool) -> None:
    shop.publish(conversation('on keyword "Sale" code:"34567"'))
    shop.contact("a")
    row: dict[str, object] = {
        "contact": "a",
        "name": "sms.received",
        "at": to_iso(shop.now),
        "text": text,
        "code": code,
    }
    assert imported(shop, tmp_path / "events.jsonl", [row]) == []
    assert entries(shop, "a") == int(enters)


def test_an_import_says_which_events_no_script_knows_and_which_came_too_late(shop: Shop, tmp_path: Path) -> None:
    shop.publish(conversation("on opened"), 'event joined {} conversation "D" { thread "T" on joined { end } }')
    shop.contact("a")
    names = [("opend", 0), ("opend", HOUR), ("opened", HOUR), ("opened", 3 * DAY), ("clicked", HOUR)]
    rows: list[dict[str, object]] = [
        {"contact": "a", "name": name, "at": to_iso(shop.now - ago)} for name, ago in names
    ]
    told = imported(shop, tmp_path / "events.jsonl", rows)
    late = "2 events let nobody in, being older than the threads that wait for such"
    assert told[0].startswith("no script knows the event `opend` (2 rows);")
    assert told[0].endswith("did you mean `opened`?")
    assert [line.partition(":")[0] for line in told[1:]] == [late]
