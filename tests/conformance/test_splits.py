"""Splits and holdouts: everybody goes the way that is drawn, always the same one, and is counted there."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from conductor_dsl.cli.step_table import conversation_table
from conductor_dsl.shared.draw import bucket_of, holdout_draw, split_draw
from conductor_dsl.store.tables import contact
from tests.conformance.shop import Shop

KEYS = [f"customer-{number}" for number in range(60)]
SPLIT = """
event go { n number }
conversation "C" { thread "T" on go {
  split "tone" { 50% { sms "A" -> wait 1d } 30% "warm" { sms "B" } 20% {} } -> email saved:"Hello" -> end
} }
"""


def let_in(shop: Shop, script: str, number: str = "1") -> None:
    """Everybody enters."""
    shop.publish(script)
    for key in KEYS:
        if number == "1":
            shop.contact(key)
        shop.event(key, "go", number)
    shop.run()


def arms(shop: Shop) -> dict[str, list[str | None]]:
    return {key: [reason for _, kind, reason in shop.history(key) if kind == "split"] for key in KEYS}


def drawn(name: str, *ends: tuple[int, str]) -> dict[str, str]:
    """What plain Python says."""
    draw = split_draw("C", name)
    return {key: next(arm for end, arm in ends if draw.point(bucket_of(key)) < end) for key in KEYS}


def test_everybody_goes_the_way_that_plain_python_draws_and_all_ways_join_again(shop: Shop) -> None:
    let_in(shop, SPLIT)
    expected = drawn("tone", (5_000, "A"), (8_000, "warm"), (10_000, "C"))
    assert arms(shop) == {key: [arm] for key, arm in expected.items()}
    texts = Counter(out.text for out in shop.sms.accepted)
    assert texts == {"A": list(expected.values()).count("A"), "B": list(expected.values()).count("warm")}
    shop.pass_time("2d")
    assert len(shop.email.accepted) == len(KEYS)
    assert {shop.state(key) for key in KEYS} == {"completed: end"}


def test_nobody_changes_sides_in_the_next_run_nor_after_an_edit(shop: Shop) -> None:
    let_in(shop, SPLIT)
    shop.pass_time("2d")
    let_in(shop, SPLIT.replace('sms "B"', 'sms "Bee"').replace("wait 1d", "wait 2d"), "2")
    assert all(len(set(ways)) == 1 and len(ways) == 2 for ways in arms(shop).values())


def test_more_for_one_arm_takes_only_from_the_other(shop: Shop) -> None:
    script = 'event go { n number } conversation "C" { thread "T" on go { split "s" { 50% {} 50% {} } -> end } }'
    let_in(shop, script)
    let_in(shop, script.replace("50% {} 50% {}", "60% {} 40% {}"), "2")
    ways = Counter(map(tuple, arms(shop).values()))
    assert set(ways) == {("A", "A"), ("B", "A"), ("B", "B")}


def test_those_held_out_get_nothing_and_are_counted(shop: Shop) -> None:
    script = 'event go { n number } conversation "C" { thread "T" on go { holdout 25% -> sms "Hi" -> end } }'
    let_in(shop, script)
    out = {key for key in KEYS if holdout_draw("C", None).point(bucket_of(key)) < 2_500}
    assert {key for key in KEYS if shop.state(key) == "exited: held out"} == out
    assert len(shop.texts()) == len(KEYS) - len(out)
    assert {tuple(shop.history(key)) for key in out} == {(("holdout", "held_out", None),)}
    with shop.engine.connect() as connection:
        [loaded] = shop.programs().live
        table = conversation_table(connection, loaded)
    assert f"{len(out)}  kept out for comparison" in table
    assert "left early: held out at `holdout`" in table


def test_a_holdout_with_a_name_keeps_the_same_people_out_everywhere(shop: Shop) -> None:
    one = 'event go { n number } conversation "C" { thread "T" on go { holdout 25% "global" -> end } }'
    let_in(shop, one + one.replace("event go { n number }", "").replace('"C"', '"D"').replace("25%", "50%"))
    kept_out = [{key for key in KEYS if shop.runs(key)[at].reason == "held out"} for at in (0, 1)]
    assert 0 < len(kept_out[0]) < len(kept_out[1]) < len(KEYS)
    assert kept_out[0] < kept_out[1]


def test_splits_inside_splits_are_drawn_apart(shop: Shop) -> None:
    inner = 'split "inner" { 50% { sms "I" } 50% { end "inner" } }'
    script = f"""event go {{ n number }} conversation "C" {{ thread "T" on go {{
      split "outer" {{ 50% {{ {inner} -> wait 1d }} 50% {{ if order_count = 0 {{ {inner} }} }} }}
      -> email saved:"Hello" -> end
    }} }}"""
    let_in(shop, script)
    shop.pass_time("2d")
    expected = drawn("inner", (5_000, "I"), (10_000, "inner"))
    assert {key: "I" if shop.state(key) == "completed: end" else "inner" for key in KEYS} == expected
    assert len(shop.email.accepted) == list(expected.values()).count("I")


def test_the_bucket_of_a_contact_is_stored_once_and_for_all(shop: Shop) -> None:
    for _ in range(2):
        shop.contact("a", first_name="Ann")
    shop.change("a", first_name="Bob")
    [row] = shop.rows(sa.select(contact.c.bucket).where(contact.c.key == "a"))
    assert row.bucket == bucket_of("a")
