"""Fields set and cleared by a conversation are seen by everything that comes after."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.store import tables as t
from tests.conformance.shop import NOW, Shop

FIELDS = """
field tier text
field points number
field vip boolean
field birthday date
field mobile2 phone
"""
HEAD = "when no_order_within 60d check every 1d -> "
FULL = {"tier": "Gold", "points": 5, "vip": True, "birthday": "2000-02-29", "mobile2": "+17175550111"}


def run(shop: Shop, steps: str, **fields: Any) -> dict[str, Any]:
    """Send a contact through steps; returns its fields afterwards."""
    shop.contact("a", **fields)
    shop.publish(f"{FIELDS} {HEAD} {steps} -> end")
    shop.run()
    return shop.stored("a")


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ('tier = "Silver"', "Silver"),
        ('tier = ""', ""),
        ('tier = "it\'s; \\"quoted\\" \u00fc\U0001f389"', 'it\'s; "quoted" \u00fc\U0001f389'),
        ("points = 7", 7),
        ("points = 2.5", 2.5),
        ("points = -3", -3),
        ("vip = false", False),
        ("birthday = 2001-12-31", "2001-12-31"),
    ],
)
def test_a_literal_is_stored_with_its_type(shop: Shop, written: str, stored: object) -> None:
    field = written.partition(" ")[0]
    found = run(shop, f"set {written}", **FULL)
    assert found == FULL | {field: stored}
    assert type(found[field]) is type(stored)


def test_a_cleared_field_is_gone(shop: Shop) -> None:
    assert run(shop, "clear tier -> clear vip -> clear points", **FULL) == {
        name: FULL[name] for name in ("birthday", "mobile2")
    }


def test_clearing_what_is_not_there_does_nothing(shop: Shop) -> None:
    assert run(shop, "clear tier") == {}


def test_a_field_takes_the_value_of_another_one(shop: Shop) -> None:
    assert run(shop, "set tier = first_name", first_name='Ada "A" \\ ü')["tier"] == 'Ada "A" \\ ü'


def test_a_field_without_a_value_gives_nothing(shop: Shop) -> None:
    assert run(shop, "set tier = first_name").get("tier") is None


def test_a_field_takes_the_value_of_a_measure(shop: Shop) -> None:
    shop.contact("a", ordered="70d")
    shop.contact("b")
    steps = "set points = average_order -> set vip = ordered_within 80d -> set seen = order_count"
    shop.publish(f"{FIELDS} field seen number {HEAD} {steps} -> end")
    shop.run()
    assert shop.stored("a") == {"points": 20, "vip": True, "seen": 1}
    assert shop.stored("b") == {"vip": False, "seen": 0}


def test_a_number_field_that_is_set_can_be_sent_to_and_one_set_to_nothing_is_missing(shop: Shop) -> None:
    shop.contact("good", mobile="+17175550122")
    shop.contact("none", mobile=None)
    shop.publish(f'{FIELDS} {HEAD} set mobile2 = mobile -> sms "Hello" to mobile2 -> end')
    shop.run()
    assert [out.to for out in shop.sms.accepted] == ["+17175550122"]
    assert (shop.stored("none"), shop.reasons("none")) == ({}, ["address_missing"])


def test_a_column_of_the_contact_may_be_set_and_cleared(shop: Shop) -> None:
    run(shop, 'set first_name = "Eve" -> set last_name = tier', tier="Gold", first_name="Ada")
    [row] = shop.rows(sa.select(t.contact.c.first_name, t.contact.c.last_name))
    assert tuple(row) == ("Eve", "Gold")


def test_a_later_step_and_a_template_see_the_new_value(shop: Shop) -> None:
    steps = 'set tier = "Gold" -> when tier = "Gold" -> sms "{{ tier }} {{ points }}" -> set points = 9 -> clear tier'
    run(shop, f'{steps} -> if tier = "Gold" {{ sms "still" }} else {{ sms "{{{{ points }}}}" }}', points=1)
    shop.pass_time("1h")
    assert shop.texts() == ["Gold 1", "9"]


def test_the_payload_of_the_event_can_be_kept(shop: Shop) -> None:
    shop.publish(
        "field source text field amount number field vip boolean "
        "event signup { source text, amount number, vip boolean } "
        'conversation "C" { thread "T" on signup { set source = event.source -> set amount = event.amount '
        "-> set vip = event.vip -> end } }"
    )
    shop.contact("a")
    shop.contact("b")
    shop.event("a", "signup", source='say "hi" \\ ü', amount=2.5, vip=False)
    shop.event("b", "signup")
    shop.run()
    assert shop.stored("a") == {"source": 'say "hi" \\ ü', "amount": 2.5, "vip": False}
    assert [value for value in shop.stored("b").values() if value is not None] == []


def test_everybody_in_a_batch_gets_the_own_value(shop: Shop) -> None:
    for name in ("Ada", "Bob", "Cid"):
        shop.contact(name, first_name=name)
    shop.publish(f"{FIELDS} {HEAD} set tier = first_name -> end")
    shop.run()
    assert [shop.stored(name)["tier"] for name in ("Ada", "Bob", "Cid")] == ["Ada", "Bob", "Cid"]


def test_a_write_lets_the_contact_into_the_audience_of_another_conversation(shop: Shop) -> None:
    shop.contact("a")
    steps = "wait 1d -> set vip = true -> end"
    shop.publish(
        f'{FIELDS} conversation "Set" {{ thread "T" when no_order_within 60d check every 1d {{ {steps} }} }}',
        f'{FIELDS} conversation "Greet" {{ thread "T" when vip = true check every 1d {{ sms "VIP" -> end }} }}',
    )
    shop.pass_time("3d")
    assert shop.texts() == ["VIP"]


@pytest.mark.parametrize(
    ("written", "fields", "stored"),
    [
        ("points = points + 1", {}, 1),
        ("points = points + 1", {"points": 2}, 3),
        ("points = points - 50", {}, -50),
        ("points = 2 + 3 * 4", {}, 14),
        ("points = (2 + 3) * 4 - 1", {}, 19),
        ("points = 7 / 2", {}, 3.5),
        ("points = 6 / 2", {}, 3),
        ("points = order_count / 2", {}, 0),
        ("points = points * 2", {"points": 1.25}, 2.5),
        ("points = points * 2", {}, None),
        ("points = points / 0", {"points": 1}, None),
        ("points = points * 1000000000", {"points": 1e12}, None),
        ("points = points + points", {}, None),
        ("birthday = today + 14d", {}, "2026-03-16"),
        ("birthday = birthday - 1y", FULL, "1999-02-28"),
        ("seen = now", {}, NOW),
        ("seen = now + 2h", {}, NOW + 7_200_000),
    ],
)
def test_a_computed_value_is_stored_with_its_type(
    shop: Shop, written: str, fields: dict[str, Any], stored: object
) -> None:
    shop.contact("a", **fields)
    shop.publish(f"{FIELDS} field seen instant {HEAD} set {written} -> end")
    shop.run()
    found = shop.stored("a").get(written.partition(" ")[0])
    assert (found, type(found)) == (stored, type(stored))


def test_several_fields_are_set_at_once_from_what_was_before(shop: Shop) -> None:
    found = run(shop, "set points = points + 1, tier = first_name, vip = false", points=1, first_name="Ada", vip=True)
    assert found == {"points": 2, "tier": "Ada", "vip": False}


def test_several_fields_are_cleared_at_once(shop: Shop) -> None:
    assert run(shop, "clear tier, vip, points", tier="x", points=1) == {}


def test_a_count_reads_like_one_in_a_message(shop: Shop) -> None:
    run(shop, 'set points = points + 1 -> set points = points + 1 -> sms "{{ points }} visits"')
    assert shop.texts() == ["2 visits"]
