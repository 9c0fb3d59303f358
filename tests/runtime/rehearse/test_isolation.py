"""Tests are alone with themselves: nothing of one is left for another, and what cannot be told is said."""

from __future__ import annotations

from tests.runtime.rehearse.stage_hand import failures, play


def test_what_cannot_be_told_fails_with_the_reason() -> None:
    [(_, got)] = failures("""
        when order_count >= 1 -> end
        test "it" {
          given contact { }
          at 2026-03-02 10:00
          when order.placed { total -5 }
          expect not entered
        }""")
    assert got == "orders: `total` `-5` is not an amount; write `1234.50`, 0 or more, with two decimals at most"


def test_each_of_two_tests_that_begin_alike_hears_what_could_not_be_told() -> None:
    test = """
        test "NAME" {
          given contact { }
          given coupon pool:"WB20" codes "two words"
          at 2026-03-02 10:00
          expect not entered
        }"""
    script = "when order_count >= 1 -> end" + test.replace("NAME", "one") + test.replace("NAME", "two")
    told = [[failure.got for failure in outcome.failures] for outcome in play(script)]
    assert told[0] == told[1]
    assert "`two words` is not one plain word" in told[0][0]


def test_groups_that_exclude_each_other_fail() -> None:
    [(expected, got), *_] = failures("""
        conversation "A" { thread "T" on order.placed { split "a" { 50% { end } 50% { end } } } }
        test "it" {
          given contact { } in group "A" of "a" in group "B" of "a"
          at 2026-03-02 10:00
          expect not entered
        }""")
    assert (expected, got) == ("a contact in these groups", "no contact can be in all of them")


def test_a_test_leaves_nothing_behind_for_the_next() -> None:
    test = """
        test "NAME" {
          given contact "Ada" { mobile "+17175550100", email "ada@example.com" }
          given coupon pool:"WB20" codes "AB12"
          at 2026-03-02 10:00
          when order.placed { order_id "1", total 20 } after 1h
          expect 1 sms
          expect field offer = "AB12"
          expect entered 1 times
        }"""
    script = """
        field offer text
        conversation "A" {
          reentry never
          cap sms 1 per 90d
          thread "T" on order.placed {
            coupon pool:"WB20" into offer fallback "NONE" -> sms "Hi! Reply STOP to opt out." -> end
          }
        }"""
    names = ("one", "two", "three")
    outcomes = play(script + "".join(test.replace("NAME", name) for name in names))
    assert [(outcome.test.name, outcome.failures) for outcome in outcomes] == [(name, ()) for name in names]


def test_the_same_test_goes_the_same_way_every_time() -> None:
    script = """
        conversation "A" { thread "T" on order.placed { split "a" { 50% { end "a" } 50% { end "b" } } } }
        test "it" {
          given contact { }
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect end "neither"
        }"""
    [first], [second] = play(script), play(script)
    assert first.failures == second.failures
    assert first.paths == second.paths
