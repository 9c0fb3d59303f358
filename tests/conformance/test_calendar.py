"""What the calendar lets in: every so often, and each year on a day."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from conductor_dsl.runtime.calendar_doors import next_date
from conductor_dsl.shared.clock import DAY, Instant, from_datetime, to_datetime
from tests.conformance.shop import Shop

NEW_YORK, TOKYO, LOS_ANGELES = "America/New_York", "Asia/Tokyo", "America/Los_Angeles"


def script(trigger: str, steps: str = "end", head: str = "") -> str:
    head = f'timezone contact else "{NEW_YORK}" {head}'
    return f'field birthday date field tier text conversation "C" {{ {head} thread "T" {trigger} {{ {steps} }} }}'


def at(text: str, zone: str = NEW_YORK) -> Instant:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def next_at(shop: Shop) -> Instant | None:
    """When the calendar next has something to do."""
    programs = shop.programs()
    with shop.engine.connect() as connection:
        return next_date(connection, programs)


def go_to(shop: Shop, text: str, zone: str = NEW_YORK) -> None:
    """Let time pass until clocks in a zone show this, stopping wherever the calendar has something to do."""
    until = at(text, zone)
    while (due := next_at(shop)) is not None and due <= until:
        shop.clock.move_to(due)
        shop.run()
    shop.clock.move_to(until)
    shop.run()


def sleep_to(shop: Shop, text: str) -> None:
    """Let time pass with no node running."""
    shop.clock.move_to(at(text))


def entered(shop: Shop, key: str, zone: str = NEW_YORK) -> list[str]:
    """When a contact entered, by the clock of a zone."""
    local = (to_datetime(run.entered_at).astimezone(ZoneInfo(zone)) for run in shop.runs(key))
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in local]


def test_everybody_for_whom_the_condition_holds_enters_every_so_often(shop: Shop) -> None:
    shop.contact("gold", tier="Gold")
    shop.contact("silver", tier="Silver")
    shop.publish(script('on every 1mo at 08:00 starting 2026-03-31 for tier = "Gold"'))
    go_to(shop, "2026-07-01T00:00")
    assert entered(shop, "gold") == ["2026-03-31 08:00", "2026-04-30 08:00", "2026-05-31 08:00", "2026-06-30 08:00"]
    assert entered(shop, "silver") == []


def test_a_recurring_entry_keeps_the_time_of_day_over_daylight_saving_and_the_end_of_the_year(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("on every friday at 09:00"))
    go_to(shop, "2026-03-14T00:00")
    assert entered(shop, "a") == ["2026-03-06 09:00", "2026-03-13 09:00"]
    sleep_to(shop, "2026-12-20T00:00")
    shop.run()
    go_to(shop, "2027-01-02T00:00")
    assert entered(shop, "a")[-2:] == ["2026-12-25 09:00", "2027-01-01 09:00"]


def test_of_the_occurrences_that_nobody_saw_only_the_latest_counts(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("on every 1d at 09:00"))
    go_to(shop, "2026-03-03T12:00")
    sleep_to(shop, "2026-03-08T12:00")
    shop.run()
    go_to(shop, "2026-03-09T12:00")
    assert entered(shop, "a") == ["2026-03-03 09:00", "2026-03-08 12:00", "2026-03-09 09:00"]


def test_a_crash_in_the_middle_of_an_occurrence_repeats_nothing_and_leaves_nobody_out(shop: Shop) -> None:
    for key in "abcde":
        shop.contact(key)
    shop.publish(script("on every 1d at 09:00"))
    shop.run()
    sleep_to(shop, "2026-03-03T09:00")
    done = 0

    def announce(_: object) -> None:
        nonlocal done
        done += 1
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.new_node(batch=2, announce=announce).run_due()
    assert sum(len(shop.runs(key)) for key in "abcde") == 2
    shop.new_node(batch=2).run_due()
    assert [len(shop.runs(key)) for key in "abcde"] == [1] * 5


def test_an_edit_of_something_else_neither_repeats_an_occurrence_nor_loses_one(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("on every 1d at 09:00"))
    go_to(shop, "2026-03-03T12:00")
    shop.publish(script("on every 1d at 09:00", 'set tier = "Gold" -> end'))
    shop.run()
    assert entered(shop, "a") == ["2026-03-03 09:00"]
    sleep_to(shop, "2026-03-04T10:00")
    shop.publish(script("on every 1d at 09:00", "end"))
    shop.run()
    assert entered(shop, "a") == ["2026-03-03 09:00", "2026-03-04 10:00"]


def test_hours_are_counted_from_the_first_time(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("on every 6h at 08:00"))
    go_to(shop, "2026-03-03T09:00")
    assert entered(shop, "a") == ["2026-03-02 14:00", "2026-03-02 20:00", "2026-03-03 02:00", "2026-03-03 08:00"]


def test_an_anniversary_lets_in_each_year_by_the_clock_of_the_contact(shop: Shop) -> None:
    shop.contact("new york", birthday="1990-03-10")
    shop.contact("tokyo", birthday="1990-03-10", zone=TOKYO)
    shop.contact("other", birthday="1990-05-10")
    shop.contact("unknown")
    shop.publish(script("on anniversary of birthday before 7d at 09:00"))
    go_to(shop, "2028-03-05T00:00")
    assert entered(shop, "new york") == ["2026-03-03 09:00", "2027-03-03 09:00", "2028-03-03 09:00"]
    assert entered(shop, "tokyo", TOKYO) == ["2026-03-03 09:00", "2027-03-03 09:00", "2028-03-03 09:00"]
    assert entered(shop, "other") == ["2026-05-03 09:00", "2027-05-03 09:00"]
    assert entered(shop, "unknown") == []


@pytest.mark.parametrize(("leap", "day"), [("", "02-28"), ("leap feb28", "02-28"), ("leap mar1", "03-01")])
def test_the_29th_of_february_is_celebrated_every_year(shop: Shop, leap: str, day: str) -> None:
    shop.contact("a", birthday="2000-02-29")
    shop.publish(script(f"on anniversary of birthday at 09:00 {leap}"))
    go_to(shop, "2028-04-01T00:00")
    assert entered(shop, "a") == [f"2027-{day} 09:00", "2028-02-29 09:00"]


def test_a_week_before_the_3rd_of_january_is_in_the_old_year(shop: Shop) -> None:
    shop.contact("a", birthday="1990-01-03")
    shop.publish(script("on anniversary of birthday before 7d"))
    go_to(shop, "2028-01-02T00:00")
    assert entered(shop, "a") == ["2026-12-27 09:00", "2027-12-27 09:00"]


def test_a_time_that_the_clocks_skip_moves_forward(shop: Shop) -> None:
    shop.contact("a", birthday="1990-03-08")
    shop.publish(script("on anniversary of birthday at 02:30"))
    go_to(shop, "2026-03-09T00:00")
    assert entered(shop, "a") == ["2026-03-08 03:30"]


def test_whoever_is_imported_on_the_day_still_enters_and_later_not(shop: Shop) -> None:
    shop.publish(script("on anniversary of birthday at 09:00"))
    go_to(shop, "2026-03-10T17:00")
    shop.contact("today", birthday="1990-03-10")
    shop.contact("yesterday", birthday="1990-03-09")
    shop.contact("tomorrow", birthday="1990-03-11")
    go_to(shop, "2026-03-12T00:00")
    assert (len(shop.runs("today")), len(shop.runs("yesterday")), entered(shop, "tomorrow")) == (
        1,
        0,
        ["2026-03-11 09:00"],
    )


def test_nobody_enters_twice_for_a_year_whatever_becomes_of_day_and_zone(shop: Shop) -> None:
    shop.contact("a", birthday="1990-03-10", zone=TOKYO)
    shop.publish(script("on anniversary of birthday at 09:00"))
    go_to(shop, "2026-03-10T09:30", TOKYO)
    assert len(shop.runs("a")) == 1
    shop.contact("a", birthday="1990-03-10", zone=LOS_ANGELES, lists=())
    go_to(shop, "2026-03-11T00:00")
    shop.contact("a", birthday="1990-03-20", zone=LOS_ANGELES, lists=())
    go_to(shop, "2026-04-01T00:00")
    shop.publish(script("on anniversary of birthday at 09:00", 'set tier = "Gold" -> end'))
    go_to(shop, "2027-03-21T00:00")
    assert entered(shop, "a", LOS_ANGELES)[1:] == ["2027-03-20 09:00"]


def test_another_zone_before_the_day_moves_the_moment(shop: Shop) -> None:
    shop.contact("a", birthday="1990-03-10", zone=TOKYO)
    shop.publish(script("on anniversary of birthday at 09:00"))
    shop.run()
    shop.contact("a", zone=LOS_ANGELES, lists=())
    go_to(shop, "2026-03-12T00:00")
    assert entered(shop, "a", LOS_ANGELES) == ["2026-03-10 09:00"]


def test_what_passed_while_nothing_ran_is_made_good_for_a_week(shop: Shop) -> None:
    for key, day in (("late", "20"), ("too late", "10")):
        shop.contact(key, birthday=f"1990-03-{day}")
    shop.publish(script("on anniversary of birthday at 09:00"))
    shop.run()
    sleep_to(shop, "2026-03-24T12:00")
    shop.contact("late", first_name="Ada", lists=())
    shop.run()
    assert (entered(shop, "late"), entered(shop, "too late")) == (["2026-03-24 12:00"], [])
    go_to(shop, "2027-03-21T00:00")
    assert (len(shop.runs("late")), entered(shop, "too late")) == (2, ["2027-03-10 09:00"])


def test_a_day_that_is_taken_back_lets_nobody_in(shop: Shop) -> None:
    shop.contact("a", birthday="1990-03-10")
    shop.publish(script("on anniversary of birthday at 09:00"))
    shop.run()
    shop.contact("a", birthday=None, lists=())
    go_to(shop, "2026-03-12T00:00")
    assert shop.runs("a") == []


def test_the_anniversary_of_the_first_order_comes_a_year_after_it(shop: Shop) -> None:
    shop.publish(script("on anniversary of first_order at 09:00"))
    shop.contact("a")
    shop.order("a", "1")
    go_to(shop, "2026-03-10T00:00")
    shop.order("a", "2")
    go_to(shop, "2027-03-12T00:00")
    assert entered(shop, "a") == ["2027-03-02 09:00"]


def test_a_large_day_comes_in_batches(shop: Shop) -> None:
    for key in "abcde":
        shop.contact(key, birthday="1990-03-10")
    shop.node = shop.new_node(batch=2)
    shop.publish(script("on anniversary of birthday at 09:00"))
    go_to(shop, "2026-03-11T00:00")
    assert [len(shop.runs(key)) for key in "abcde"] == [1] * 5


def test_nothing_wakes_the_node_between_two_anniversaries(shop: Shop) -> None:
    shop.contact("a", birthday="1990-06-10")
    shop.publish(script("on anniversary of birthday at 09:00"))
    shop.pass_time("2m")
    assert next_at(shop) == at("2026-06-10T09:00")
    shop.clock.move_to(shop.now + DAY)
    shop.run()
    assert next_at(shop) == at("2026-06-10T09:00")


def test_a_rule_of_reentry_holds_for_the_calendar_too(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(script("on every 1d at 09:00", "wait 36h -> end", "reentry after 5d"))
    shop.pass_time("18d")
    assert entered(shop, "a") == ["2026-03-03 09:00", "2026-03-10 09:00", "2026-03-17 09:00"]
