"""Ways that part and join, loops of waits, splits inside branches: everybody comes out where the text says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conductor_dsl.shared.draw import bucket_of, split_draw
from tests.conformance.shop import Shop
from tests.conformance.waiting import begin, broken_promises, kinds, script


@pytest.fixture(autouse=True)
def promises_are_kept(shop: Shop) -> Iterator[None]:
    """Whatever a test does, the history that it leaves is a good one."""
    yield
    assert broken_promises(shop) == []


@pytest.mark.parametrize(("tier", "texts"), [
    ("Gold", ["gold", "both"]),
    ("Silver", ["silver", "both"]),
    ("Bronze", ["bronze"]),
    (None, ["none", "both"]),
])  # fmt: skip
def test_each_way_of_an_if_joins_again_unless_it_ends(shop: Shop, tier: str | None, texts: list[str]) -> None:
    shop.publish(
        script("""
      if tier = "Gold" { sms "gold" -> wait 1h } else if tier = "Silver" { sms "silver" }
      else if tier = "Bronze" { sms "bronze" -> end "bronze" } else { sms "none" }
      -> wait 1h -> sms "both" -> end
    """)
    )
    shop.contact("a", **({} if tier is None else {"tier": tier}))
    shop.event("a", "go")
    shop.pass_time("1d")
    assert shop.texts() == texts


def test_a_gate_with_a_way_of_its_own_sends_the_others_there_and_they_come_back(shop: Shop) -> None:
    begin(shop, 'when order_count >= 1 else { sms "new" -> wait 1d } -> sms "all" -> end')
    shop.contact("b", ordered="3d")
    shop.event("b", "go")
    shop.pass_time("2d")
    assert sorted(shop.texts()) == ["all", "all", "new"]


def test_a_gate_asks_again_after_each_wait(shop: Shop) -> None:
    begin(shop, 'wait 1d -> when order_count = 0 -> sms "1" -> wait 1d -> when order_count = 0 -> sms "2" -> end')
    shop.pass_time("36h")
    shop.order("a", "1")
    shop.pass_time("3d")
    assert (shop.texts(), shop.state("a")) == (["1"], "exited: no match")


def test_a_loop_of_waits_goes_round_until_its_condition_or_its_bound_ends_it(shop: Shop) -> None:
    body = """sms "Still there?" as "Ask"
      -> wait for seen up to 1d { end "answered" }
      -> wait until 10:00
      -> goto step:"Ask" if order_count = 0 at most 3 times
      -> end "given up" """
    begin(shop, body)
    for key in ("b", "c"):
        shop.contact(key)
        shop.event(key, "go")
    shop.pass_time("50h")
    shop.event("b", "seen")
    shop.order("c", "1")
    shop.pass_time("20d")
    assert [shop.state(key) for key in "abc"] == ["completed: given up", "completed: answered", "completed: given up"]
    sent = [out.contact for out in shop.sms.accepted]
    assert [sent.count(str(shop.id(key))) for key in "abc"] == [4, 2, 2]
    assert [kind for kind, _ in kinds(shop)].count("late") == 4
    assert [row.visit for row in shop.intents("a")] == [0, 1, 2, 3]


def test_a_loop_inside_a_loop_is_counted_by_the_run(shop: Shop) -> None:
    """The bound of a `goto` is for the whole run, not for each round of a loop around it."""
    begin(
        shop,
        """
      sms "outer" as "Outer" -> wait 1h
      -> sms "inner" as "Inner" -> wait 1h
      -> goto step:"Inner" at most 2 times
      -> goto step:"Outer" at most 2 times
      -> end
    """,
    )
    shop.pass_time("3d")
    assert shop.texts() == ["outer", "inner", "inner", "inner", "outer", "inner", "outer", "inner"]
    assert shop.state("a") == "completed: end"


def test_a_way_back_leads_out_of_a_branch_and_to_another_thread(shop: Shop) -> None:
    shop.publish(
        script(
            'wait 1h -> if order_count = 0 { sms "one" -> goto thread:"Two" } -> end',
            rest='thread "Two" { wait 1h -> sms "two" -> wait 1h -> goto thread:"T" at most 1 times -> end "over" }',
        )
    )
    shop.contact("a")
    shop.event("a", "go")
    shop.pass_time("1d")
    assert (shop.texts(), shop.state("a")) == (["one", "two", "one", "two"], "completed: over")


def test_a_split_in_a_branch_of_a_wait_in_a_branch(shop: Shop) -> None:
    body = """
      if order_count = 0 {
        wait for seen up to 1d {
          split "s" { 50% { sms "A" -> wait 1h } 50% { sms "B" -> end "B" } }
        } else {
          holdout 50% "all" -> sms "late"
        }
        -> sms "joined"
      }
      -> end "over"
    """
    keys = [f"k{number}" for number in range(12)]
    shop.publish(script(body))
    for key in keys:
        shop.contact(key)
        shop.event(key, "go")
    shop.pass_time("1h")
    for key in keys[:6]:
        shop.event(key, "seen")
    shop.pass_time("3d")
    draw = split_draw("C", "s")
    arms = {key: "A" if draw.point(bucket_of(key)) < 5_000 else "B" for key in keys[:6]}
    assert {key: shop.state(key) for key in keys[:6]} == {
        key: "completed: over" if arm == "A" else "completed: B" for key, arm in arms.items()
    }
    out = [key for key in keys[6:] if shop.state(key) == "exited: held out"]
    stayed = len(keys) - 6 - len(out)
    assert shop.texts().count("late") == stayed
    assert shop.texts().count("joined") == stayed + list(arms.values()).count("A")


def test_who_enters_again_after_an_exit_goes_its_way_anew(shop: Shop) -> None:
    """An event that ends the old run and lets in again does both at once, while the old run waits for something."""
    head = "exit on order.placed"
    body = 'sms "Hi" -> wait for seen up to 3d { end "came" } else { end "late" }'
    shop.publish(script(body, head).replace("on go", "on go, order.placed"))
    shop.contact("a")
    shop.event("a", "go")
    shop.pass_time("1h")
    shop.order("a", "1")
    shop.pass_time("1h")
    assert [(run.state, run.reason) for run in shop.runs("a")] == [("exited", "exit on order.placed"), ("active", None)]
    shop.event("a", "seen")
    shop.run()
    assert (shop.texts(), shop.state("a")) == (["Hi", "Hi"], "completed: came")


def test_reentry_counts_from_the_end_of_a_run_that_waited_for_an_event(shop: Shop) -> None:
    begin(shop, "wait for seen up to 3d -> end", head="reentry after 30d")
    shop.event("a", "seen")
    shop.pass_time("29d")
    shop.event("a", "go", "2")
    shop.run()
    assert len(shop.runs("a")) == 1
    shop.pass_time("2d")
    shop.event("a", "go", "3")
    shop.run()
    assert len(shop.runs("a")) == 2


def test_after_the_day_of_expiry_nobody_enters_and_those_inside_still_get_their_event(shop: Shop) -> None:
    begin(shop, 'wait for seen up to 9d { end "came" } -> end', head="expires 2026-03-05")
    shop.pass_time("5d")
    shop.contact("b")
    shop.event("b", "go")
    shop.event("a", "seen")
    shop.run()
    assert (shop.runs("b"), shop.state("a")) == ([], "completed: came")
