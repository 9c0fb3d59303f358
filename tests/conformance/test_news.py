"""Events are news of their contacts where an audience asks for them, and only there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.arrivals import settle_arrivals
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import MINUTE
from conductor_dsl.store.events import add_events
from conductor_dsl.store.tables import contact
from tests.conformance.shop import Shop

EVENTS = "event seen { url text } event passed {}\n"
ASKS = 'conversation "{name}" {{ {trigger} {{ wait 9d -> end }} }}'
SEEN = 'thread "T" when happened seen within 7d check every 1d'
INSIDE = 'thread "T" when inside conversation:"Other" check every 1d'
OTHER = 'conversation "Other" { exit on passed thread "T" on seen { wait 9d -> end } }'


def script(*triggers: str) -> str:
    threads = (ASKS.format(name=f"C{number}", trigger=trigger) for number, trigger in enumerate(triggers))
    return "\n".join((EVENTS, OTHER, *threads))


def stamped(shop: Shop, name: str) -> bool:
    """Whether an event of a name, a minute later, is news of its contact."""
    shop.clock.move_to(shop.now + MINUTE)
    shop.event("a", name, f"{shop.now}")
    with shop.engine.connect() as connection:
        return connection.scalar(sa.select(contact.c.updated_at)) == shop.now


@pytest.mark.parametrize(
    ("triggers", "seen", "passed"),
    [
        (('thread "T" on seen',), False, False),
        (('thread "T" when order_count >= 1 check every 1d',), False, False),
        ((SEEN,), True, False),
        ((SEEN, 'thread "T" when times_clicked >= 1 check every 1d'), True, False),
        (('thread "T" when order_count >= 1 and not happened passed check every 1d',), False, True),
        (('thread "T" when times_received >= 1 check every 1d',), True, True),
        ((SEEN, INSIDE), True, True),
    ],
)
def test_an_event_is_news_where_an_audience_may_cross_by_it(
    shop: Shop, triggers: tuple[str, ...], *, seen: bool, passed: bool
) -> None:
    shop.contact("a")
    shop.publish(script(*triggers))
    assert (stamped(shop, "seen"), stamped(shop, "passed")) == (seen, passed)


def test_who_was_told_of_between_two_looks_crosses_by_it(shop: Shop) -> None:
    shop.contact("a")
    shop.contact("b")
    shop.publish(script(SEEN))
    shop.run()
    shop.pass_time("2h")
    shop.event("a", "seen")
    shop.event("b", "passed")
    shop.pass_time("1d")
    # One run is of the other conversation, which the event begins.
    assert (len(shop.runs("a")), len(shop.runs("b"))) == (2, 0)


def test_an_event_is_news_for_an_audience_that_somebody_has_published_meanwhile(shop: Shop) -> None:
    """A long import reads what is published when it begins."""
    shop.contact("a")
    before: Programs = shop.programs()
    shop.publish(script(SEEN))
    shop.run()
    shop.pass_time("2h")
    with shop.engine.begin() as connection:
        add_events(connection, [(0, "a", "1", "seen", shop.now, "{}")])
        settle_arrivals(connection, before, shop.now)
    shop.pass_time("1d")
    assert len(shop.runs("a")) == 1
