"""Events that a step lets happen take their effect on the others, once."""

from __future__ import annotations

import json

import sqlalchemy as sa

from conductor_dsl.store import tables as t
from tests.conformance.shop import Shop

EVENTS = (
    "event points.earned { points number, tier text, at instant } event again { } field tier text field points number\n"
)


def test_it_lets_the_contact_into_another_conversation_with_what_it_carries(shop: Shop) -> None:
    shop.contact("a", tier="Gold")
    shop.publish(
        f'{EVENTS} conversation "One" {{ thread "T" when no_order_within 60d check every 1d {{ '
        "emit points.earned { points order_count * 2 + 10, tier tier, at now } -> wait 1d -> end } } "
        'conversation "Two" { thread "T" on points.earned where event.points = 10 '
        '{ sms "{{ event.points }} {{ event.tier }}" -> end } }'
    )
    shop.pass_time("1h")
    assert shop.texts() == ["10 Gold"]
    [row] = shop.rows(sa.select(t.event).where(t.event.c.name == "points.earned"))
    assert json.loads(row.payload) == {"points": 10, "tier": "Gold", "at": shop.now - 3_600_000}


def test_what_is_missing_is_left_out(shop: Shop) -> None:
    shop.contact("a")
    shop.publish(f"{EVENTS} when no_order_within 60d check every 1d -> emit points.earned {{ tier tier }} -> end")
    shop.run()
    [row] = shop.rows(sa.select(t.event).where(t.event.c.name == "points.earned"))
    assert json.loads(row.payload) == {}


def test_each_visit_of_a_step_lets_it_happen_once_whatever_breaks_off(shop: Shop) -> None:
    shop.contact("a")
    steps = 'emit again -> wait 1d -> goto step:"emit" at most 2 times -> end'
    shop.publish(f"{EVENTS} when no_order_within 60d check every 1d -> {steps}")

    def crash(point: str) -> None:
        if point == "advance.before_commit":
            raise KeyboardInterrupt

    for _ in range(2):
        try:
            shop.new_node(reached=crash).run_due()
        except KeyboardInterrupt:
            continue
    shop.pass_time("7d")
    assert len(shop.rows(sa.select(t.event).where(t.event.c.name == "again"))) == 3


def test_it_ends_what_it_ends_elsewhere_and_not_its_own_run(shop: Shop) -> None:
    shop.contact("a")
    head = "exit on again thread"
    shop.publish(
        f'{EVENTS} conversation "One" {{ {head} "T" when no_order_within 60d check every 1d '
        "{ wait 1d -> emit again -> wait 1d -> end } } "
        f'conversation "Two" {{ {head} "T" when no_order_within 60d check every 1d {{ wait 9d -> end }} }}'
    )
    shop.pass_time("4d")
    assert sorted((row.state, row.reason) for row in shop.runs("a")) == [
        ("completed", "end"),
        ("exited", "exit on again"),
    ]


def test_conversations_that_begin_each_other_in_two_scripts_turn_once_an_hour(shop: Shop) -> None:
    """In one script the checker finds the circle; without a pause these two would turn at one instant for ever."""
    shop.contact("a")
    shop.publish(
        'event ping { } event pong { } conversation "One" { thread "T" on ping { emit pong -> end } }',
        'event ping { } event pong { } conversation "Two" { thread "T" on pong { emit ping -> end } }',
    )
    shop.event("a", "ping")
    shop.run()
    assert len(shop.runs("a")) == 2
    shop.pass_time("59m")
    shop.event("a", "ping", "2")
    shop.run()
    assert len(shop.runs("a")) == 3  # what is nobody's doing is heard at any time
