"""Waits: by the calendar of the contact's zone, elapsed, or until a time of day; across changes of the clocks."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import HOUR, Instant, from_datetime, to_datetime
from tests.conformance.shop import Shop

SCRIPT = """
event go {{ x text }}
conversation "C" {{ {head} thread "T" on go {{ wait {wait} -> email saved:"Hello" -> end }} }}
"""


def at(text: str, zone: str) -> Instant:
    """A wall-clock time as an instant."""
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def local(instant: Instant, zone: str) -> str:
    return to_datetime(instant).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def due(shop: Shop, key: str) -> Instant:
    """When the run of a contact goes on."""
    found: Instant = shop.runs(key)[-1].due_at
    return found


def begin(shop: Shop, wait: str, zone: str | None, start: Instant, head: str = "") -> Instant:
    """Let a contact begin to wait; returns when that ends."""
    shop.clock.move_to(start)
    shop.publish(SCRIPT.format(wait=wait, head=head))
    shop.contact("a", zone=zone)
    shop.event("a", "go")
    shop.run()
    return due(shop, "a")


@pytest.mark.parametrize(("zone", "start", "end"), [
    ("America/New_York", "2026-03-06 11:00", "2026-03-09 11:00"),  # spring forward on the 8th
    ("Europe/London", "2026-03-27 11:00", "2026-03-30 11:00"),  # and on the 29th
    ("America/New_York", "2026-10-31 11:00", "2026-11-03 11:00"),  # fall back on 1 November
    ("Asia/Kolkata", "2026-03-06 23:45", "2026-03-09 23:45"),  # half an hour off, no changes
    ("Pacific/Kiritimati", "2026-03-06 00:10", "2026-03-09 00:10"),  # +14
    ("Etc/GMT+12", "2026-03-06 23:50", "2026-03-09 23:50"),  # -12
])  # fmt: skip
def test_days_keep_the_time_of_day_in_the_zone(shop: Shop, zone: str, start: str, end: str) -> None:
    assert begin(shop, "3d", zone, at(start, zone)) == at(end, zone)


def test_hours_are_elapsed_time_whatever_the_clocks_do(shop: Shop) -> None:
    zone = "America/New_York"
    ends = begin(shop, "72h", zone, at("2026-03-06 11:00", zone))
    assert local(ends, zone) == "2026-03-09 12:00"


def test_a_time_in_the_gap_moves_forward(shop: Shop) -> None:
    zone = "America/New_York"
    ends = begin(shop, "1d", zone, at("2026-03-07 02:30", zone))
    assert local(ends, zone) == "2026-03-08 03:30"


def test_of_a_time_that_comes_twice_the_first_counts(shop: Shop) -> None:
    zone = "America/New_York"
    ends = begin(shop, "1d", zone, at("2026-10-31 01:30", zone))
    assert ends == at("2026-11-01 01:30", zone)
    assert to_datetime(ends).hour == 5  # still summer time


def test_a_month_ends_on_the_last_day_of_a_shorter_one(shop: Shop) -> None:
    ends = begin(shop, "1mo", "Europe/London", at("2027-01-31 10:00", "Europe/London"))
    assert local(ends, "Europe/London") == "2027-02-28 10:00"


def test_until_is_the_next_time_the_contacts_clock_shows_it(shop: Shop) -> None:
    zone = "Asia/Tokyo"
    assert local(begin(shop, "until 10:00", zone, at("2026-03-05 09:59", zone)), zone) == "2026-03-05 10:00"


def test_until_the_present_time_of_day_is_tomorrow(shop: Shop) -> None:
    zone = "Asia/Tokyo"
    assert local(begin(shop, "until 10:00", zone, at("2026-03-05 10:00", zone)), zone) == "2026-03-06 10:00"


def test_a_contact_without_a_zone_has_that_of_the_conversation(shop: Shop) -> None:
    zone = "America/New_York"
    ends = begin(shop, "2d", None, at("2026-03-07 11:00", zone), head=f'timezone contact else "{zone}"')
    assert ends == at("2026-03-09 11:00", zone)


def test_one_zone_for_everybody_overrides_the_contacts(shop: Shop) -> None:
    zone = "America/New_York"
    ends = begin(shop, "until 10:00", "Asia/Tokyo", at("2026-03-05 11:00", zone), head=f'timezone "{zone}"')
    assert local(ends, zone) == "2026-03-06 10:00"


def test_every_zone_of_a_batch_waits_for_its_own_time(shop: Shop) -> None:
    zones = {"ny": "America/New_York", "ldn": "Europe/London", "tyo": "Asia/Tokyo", "none": None}
    shop.publish(SCRIPT.format(wait="until 10:00", head='timezone contact else "Asia/Kolkata"'))
    for key, zone in zones.items():
        shop.contact(key, zone=zone)
        shop.event(key, "go")
    shop.run()
    found = {key: local(due(shop, key), zone or "Asia/Kolkata") for key, zone in zones.items()}
    assert set(found.values()) == {"2026-03-03 10:00"}
    assert len({due(shop, key) for key in zones}) == 4


def test_nothing_happens_before_a_wait_ends_and_everything_when_it_does(shop: Shop) -> None:
    ends = begin(shop, "3d", None, shop.now)
    shop.clock.move_to(ends - 1)
    shop.run()
    assert (shop.email.attempts, shop.state("a")) == ([], "active")
    shop.clock.move_to(ends)
    shop.run()
    assert (len(shop.email.accepted), shop.state("a")) == (1, "completed: end")


def test_a_run_that_waits_at_the_end_of_its_chain_completes(shop: Shop) -> None:
    shop.publish('event go { x text } conversation "C" { thread "T" on go { wait 1d -> wait 1d -> end "over" } }')
    shop.contact("a")
    shop.event("a", "go")
    shop.pass_time("47h")
    assert shop.state("a") == "active"
    shop.pass_time("1h")
    assert shop.state("a") == "completed: over"
    assert [kind for _, kind, _ in shop.history("a")] == ["waiting", "waiting"]


def test_a_wait_beyond_the_end_of_the_calendar_is_a_long_one(shop: Shop) -> None:
    shop.contact("a")
    shop.publish("when no_order_within 9000y check every 1d -> wait 9000y -> end")
    assert shop.run() is not None
    assert shop.state("a") == "active"


# Weekdays and dates


@pytest.mark.parametrize(("wait", "start", "end"), [
    ("until tuesday 10:00", "2026-03-02 11:00", "2026-03-03 10:00"),
    ("until monday", "2026-03-02 11:00", "2026-03-09 11:00"),
    ("until sunday 02:30", "2026-03-02 11:00", "2026-03-08 03:30"),  # spring forward
    ("until first monday 10:00", "2026-03-02 11:00", "2026-04-06 10:00"),
    ("until last day 18:00", "2027-02-02 11:00", "2027-02-28 18:00"),
    ("until 2026-11-27 06:00", "2026-03-02 11:00", "2026-11-27 06:00"),
    ("until 2026-11-27", "2026-03-02 11:00", "2026-11-27 11:00"),
    ("until 2026-03-01 06:00 if_past next_year", "2026-03-02 11:00", "2027-03-01 06:00"),
])  # fmt: skip
def test_until_a_weekday_or_a_date_by_the_clock_of_the_contact(shop: Shop, wait: str, start: str, end: str) -> None:
    zone = "America/New_York"
    assert local(begin(shop, wait, zone, at(start, zone)), zone) == end


BIRTHDAYS = """
field birthday date  field visit instant
event go { x text }
conversation "C" { thread "T" on go { wait until WAIT -> email saved:"Hello" -> end } }
"""


def let_in(shop: Shop, wait: str, people: dict[str, dict[str, object]]) -> dict[str, str | None]:
    """Let people in; returns until when each one waits by the clock of New York, or how its run stands."""
    shop.publish(BIRTHDAYS.replace("WAIT", wait))
    for key, fields in people.items():
        shop.contact(key, **fields)  # type: ignore[arg-type]
        shop.event(key, "go")
    shop.run()
    return {
        key: local(row.due_at, "America/New_York") if row.due_at else shop.state(key)
        for key in people
        for row in shop.runs(key)[-1:]
    }


def test_everybody_waits_for_a_day_of_their_own_in_a_zone_of_their_own(shop: Shop) -> None:
    people: dict[str, dict[str, object]] = {
        "may": {"birthday": "1990-05-17", "zone": "America/New_York"},
        "may too": {"birthday": "1984-05-17", "zone": "America/New_York"},
        "london": {"birthday": "1990-05-17", "zone": "Europe/London"},
        "march": {"birthday": "1990-03-09", "zone": "America/New_York"},
        "missed": {"birthday": "1990-03-08", "zone": "America/New_York"},
        "leap": {"birthday": "1992-02-29", "zone": "America/New_York"},
        "new year": {"birthday": "1990-01-03", "zone": "America/New_York"},
        "nobody": {"zone": "America/New_York"},
        "nonsense": {"birthday": "soon", "zone": "America/New_York"},
        "number": {"birthday": 7, "zone": "America/New_York"},
    }
    assert let_in(shop, "birthday - 7d at 12:00 if_past next_year", people) == {
        "may": "2026-05-10 12:00",
        "may too": "2026-05-10 12:00",
        "london": "2026-05-10 07:00",
        "march": "2026-03-02 12:00",
        "missed": "2027-03-01 12:00",
        "leap": "2027-02-21 12:00",
        "new year": "2026-12-27 12:00",
        "nobody": "exited: there is no date",
        "nonsense": "exited: there is no date",
        "number": "exited: there is no date",
    }


@pytest.mark.parametrize(("if_past", "over", "missing"), [
    ("", "completed: end", "completed: end"),
    ("if_past skip", "completed: end", "completed: end"),
    ("if_past end", "exited: the date is over", "exited: there is no date"),
])  # fmt: skip
def test_for_whom_the_day_is_over_or_missing(shop: Shop, if_past: str, over: str, missing: str) -> None:
    tomorrow, yesterday = shop.now + 24 * HOUR, shop.now - 24 * HOUR
    people: dict[str, dict[str, object]] = {"b": {"visit": yesterday}, "a": {"visit": tomorrow}, "c": {}}
    found = let_in(shop, f"visit - 2h {if_past}", people)
    assert found == {"a": "2026-03-03 09:00", "b": over, "c": missing}
    assert [kind for _, kind, _ in shop.history("a")] == ["waiting"]
    assert shop.history("b") == shop.history("c") == []
    shop.pass_time("1d")
    assert shop.state("a") == "completed: end"


def test_a_measure_can_be_waited_for(shop: Shop) -> None:
    people: dict[str, dict[str, object]] = {"a": {"ordered": "10d"}, "b": {}}
    assert let_in(shop, "last_order + 30d at 10:00 if_past end", people) == {
        "a": "2026-03-22 06:00",
        "b": "exited: there is no date",
    }


def test_the_entry_event_can_tell_the_day(shop: Shop) -> None:
    shop.publish("""
      event booked { visit instant, day date }
      conversation "C" { thread "T" on booked { wait until event.day - 1d at 09:00 -> wait until event.visit -> end } }
    """)
    shop.contact("a", zone="America/New_York")
    shop.event("a", "booked", visit=at("2026-03-10 15:00", "America/New_York"), day="2026-03-10")
    shop.run()
    assert local(due(shop, "a"), "America/New_York") == "2026-03-09 09:00"
    shop.clock.move_to(due(shop, "a"))
    shop.run()
    assert local(due(shop, "a"), "America/New_York") == "2026-03-10 15:00"


def test_a_zone_that_nobody_knows_is_that_of_the_conversation(shop: Shop) -> None:
    shop.publish(SCRIPT.format(wait="until 10:00", head='timezone contact else "Asia/Kolkata" window 09:00-20:00'))
    for key, zone in (("a", "Mars/Olympus"), ("b", "Asia/Tokyo")):
        shop.contact(key, zone=zone)
        shop.event(key, "go")
    shop.run()
    assert local(due(shop, "a"), "Asia/Kolkata") == local(due(shop, "b"), "Asia/Tokyo") == "2026-03-03 10:00"
    shop.pass_time("2d")
    assert len(shop.email.accepted) == 2


def test_many_contacts_with_a_day_of_their_own_are_one_batch(shop: Shop) -> None:
    """The number of statements does not depend on the number of days."""
    people = {f"c{n}": {"birthday": f"19{50 + n % 50}-{1 + n % 12:02}-{1 + n % 28:02}"} for n in range(12)}
    statements: list[str] = []
    sa.event.listen(shop.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    let_in(shop, "birthday if_past next_year", people)  # type: ignore[arg-type]
    # Before the days are written the table is emptied; how they are is not a statement on PostgreSQL.
    emptied = ("DELETE FROM moment", "SELECT pg_temp.emptied('moment')")
    assert sum(statement.startswith(emptied) for statement in statements) == 1


@pytest.mark.parametrize(("start", "end"), [
    ("2026-03-07 23:00", "2026-03-08 08:00"),  # the night in which clocks spring forward
    ("2026-03-08 07:59", "2026-03-08 08:00"),
    ("2026-03-08 08:00", "2026-03-08 08:00"),
    ("2026-03-08 15:00", "2026-03-08 15:00"),
    ("2026-03-08 21:00", "2026-03-09 08:00"),
])  # fmt: skip
def test_until_window_is_when_messages_may_go_out(shop: Shop, start: str, end: str) -> None:
    zone = "America/New_York"
    shop.clock.move_to(at(start, zone))
    shop.publish(SCRIPT.format(wait="until window", head="window 08:00-21:00"))
    shop.contact("a", zone=zone)
    shop.event("a", "go")
    shop.run()
    shop.clock.move_to(at(end, zone))
    shop.run()
    assert shop.messages("a") == [("accepted", None)]
    assert shop.runs("a")[-1].ended_at == at(end, zone)


def test_what_is_asked_behind_a_wait_for_the_window_is_asked_when_it_opens(shop: Shop) -> None:
    """A gate in front of a message that waits for the window would let through what was true at night."""
    zone = "America/New_York"
    shop.clock.move_to(at("2026-03-02 23:00", zone))
    shop.publish("""
        event go { x text } field wanted boolean
        conversation "C" { window 08:00-21:00
          thread "T" on go { wait until window -> when wanted -> email saved:"Hello" -> end } }
    """)
    for key in ("a", "b"):
        shop.contact(key, zone=zone, wanted=True)
        shop.event(key, "go")
    shop.run()
    shop.contact("b", zone=zone, wanted=False)
    shop.clock.move_to(at("2026-03-03 08:00", zone))
    shop.run()
    assert (shop.messages("a"), shop.messages("b")) == ([("accepted", None)], [])
