"""The shop in which the crashes happen: its contacts, its conversations, and what its contacts do meanwhile."""

from __future__ import annotations

from random import Random
from typing import Any

import sqlalchemy as sa

from conductor_dsl.runtime.arrivals import settle_arrivals, settle_opt_outs
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.runtime.publish import Script, publish
from conductor_dsl.shared.clock import DAY, Clock, Instant
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.consents import add_consents
from conductor_dsl.store.events import add_events
from conductor_dsl.store.orders import add_orders
from tests.conformance.shop import MOBILE, NOW, catalogue, flows, host

SCRIPT = """
event cart.left { }
conversation "Winback" {
  timezone contact else "America/New_York"
  window 09:00-20:00
  reentry after 1d
  exit on order.placed
  thread "Lapsed" when no_order_within 60d check every 1d {
    sms "{{ first_name | default: 'friend' }}, we miss you" on_invalid pass -> wait 3d -> email saved:"Winback1" -> end
  }
  thread "Left" on cart.left {
    sms "You left something" on_invalid pass -> wait for cart.left up to 3d -> email saved:"Hello" -> end
  }
}
conversation "Thanks" {
  class transactional
  reentry always
  thread "Bought" on order.placed { sms "Thank you" -> email saved:"Hello" -> end }
}
"""
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", None)
START = NOW
END = START + 8 * DAY
"""Until when the story is told: long enough for a second entry, for a run lasts little more than three days."""


def build(url: str, contacts: int) -> None:
    """Make the database, with contacts and conversations."""
    engine = connect(url, "crash")
    with engine.begin() as connection:
        bring_people(connection, contacts, START)
        known = catalogue()
        publish(connection, [Script(flow, SCRIPT) for flow in flows(SCRIPT, known)], known, host(), START)
    engine.dispose()


def bring_people(connection: sa.Connection, contacts: int, now: Instant) -> None:
    """Some have invalid numbers, some have not agreed to texts, some have bought of late."""
    connection.execute(t.contact.insert(), [_contact(number, now) for number in range(1, contacts + 1)])
    agreed = [number for number in range(1, contacts + 1) if number % 7]
    connection.execute(t.membership.insert(), [_word(number, "state", "since_at", now) for number in agreed])
    words = [_word(number, "action", "at", now) | {"stored_at": now - DAY} for number in agreed]
    connection.execute(t.consent.insert(), words)


def _contact(number: int, now: Instant) -> dict[str, Any]:
    return {
        "id": number,
        "key": f"c{number}",
        "email": f"c{number}@example.com",
        "email_state": "valid",
        "mobile": MOBILE,
        "mobile_state": "valid" if number % 20 else "invalid",
        "first_name": "Ada" if number % 3 else None,
        "zone": ZONES[number % len(ZONES)],
        "updated_at": now - DAY,
        "last_order_at": now - (70 if number % 10 else 10) * DAY,
    }


def _word(number: int, action: str, at: str, now: Instant) -> dict[str, Any]:
    return {"contact_id": number, "list": "sms", action: "subscribed", at: now - DAY}


def live_on(engine: sa.Engine, contacts: int, clock: Clock, seed: str) -> None:
    """Something happens in the shop: some buy, some leave a cart, some have had enough."""
    dice = Random(seed)
    share = max(1, contacts // 200)
    with engine.begin() as connection:
        now = clock.now()
        programs = load_programs(connection, host())
        buyers: list[tuple[object, ...]] = [
            (n, None, key, seed, now, 2000, "[]", "{}") for n, key in _some(dice, contacts, share)
        ]
        add_orders(connection, buyers, now)
        settle_arrivals(connection, programs, now)
    with engine.begin() as connection:
        now = clock.now()
        leavers: list[tuple[object, ...]] = [
            (n, key, seed, "cart.left", now, "{}") for n, key in _some(dice, contacts, share)
        ]
        add_events(connection, leavers)
        settle_arrivals(connection, programs, now)
    with engine.begin() as connection:
        now = clock.now()
        opted: list[tuple[object, ...]] = [
            (n, None, key, dice.choice(("sms", "email", "*")), now, "unsubscribed", "", "", "")
            for n, key in _some(dice, contacts, share)
        ]
        add_consents(connection, opted, now)
        settle_opt_outs(connection, now)
    # No connection may be open when the next life is forked.
    engine.dispose()


def _some(dice: Random, contacts: int, count: int) -> list[tuple[int, str]]:
    return [(n, f"c{number}") for n, number in enumerate(dice.sample(range(1, contacts + 1), count))]


def unaccounted(url: str) -> list[str]:
    """Completed runs that came past a sending step and left neither a message nor a reason there.

    Every path of these conversations goes through two sending steps.
    """
    engine = connect(url)
    sent = sa.select(t.intent.c.contact_id, t.intent.c.conversation_id, t.intent.c.entry_no, t.intent.c.step)
    skipped = sa.select(t.history.c.contact_id, t.history.c.conversation_id, t.history.c.entry_no, t.history.c.step)
    steps = sent.union(skipped.where(t.history.c.kind == "skipped")).subquery()
    key = (t.run.c.contact_id, t.run.c.conversation_id, t.run.c.entry_no)
    count = sa.select(sa.func.count()).where(*(steps.c[column.name] == column for column in key)).scalar_subquery()
    with engine.connect() as connection:
        found = connection.execute(sa.select(*key, count).where(t.run.c.state == "completed", count != 2)).all()
    engine.dispose()
    return [f"run {row[:3]} has {row[3]} of 2 messages accounted for" for row in found]
