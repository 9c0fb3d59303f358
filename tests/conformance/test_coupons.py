"""Codes are given once, the soonest to expire first, and nobody is promised one that is not there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from conductor_dsl.shared.clock import DAY, Instant, to_datetime
from conductor_dsl.store import tables as t
from conductor_dsl.store.coupons import add_coupons
from tests.conformance.shop import Shop

FIELDS = "field offer text field until date\n"
HEAD = "when no_order_within 60d check every 1d -> "


def fill(shop: Shop, *codes: str, lasts: int | None = None, pool: str = "WB20") -> None:
    """Put codes into a pool; `lasts` is in days."""
    expires_at: Instant = t.NEVER if lasts is None else shop.now + lasts * DAY
    day = None if lasts is None else to_datetime(expires_at).date().isoformat()
    with shop.engine.begin() as connection:
        add_coupons(connection, [(number, code, pool, expires_at, day) for number, code in enumerate(codes)])


def run(shop: Shop, steps: str, people: Sequence[str] = ("a",)) -> list[str | None]:
    """Send contacts through steps; the codes they have afterwards."""
    for key in people:
        shop.contact(key)
    shop.publish(f"{FIELDS} {HEAD} {steps} -> end")
    shop.run()
    return offers(shop, people)


def offers(shop: Shop, people: Sequence[str]) -> list[str | None]:
    """The codes that contacts have."""
    return [shop.stored(key).get("offer") for key in people]


def given(shop: Shop) -> list[str]:
    """The codes that were given."""
    found = sa.select(t.coupon.c.code).where(t.coupon.c.contact_id.is_not(None)).order_by(t.coupon.c.code)
    return [row.code for row in shop.rows(found)]


def test_everybody_gets_another_code(shop: Shop) -> None:
    people = [f"p{number}" for number in range(50)]
    fill(shop, *(f"C{number:03}" for number in range(60)))
    found = run(shop, 'coupon pool:"WB20" into offer', people)
    assert len(set(found)) == 50
    assert sorted(given(shop)) == sorted(str(code) for code in found)
    assert shop.history("p0") == [("coupon", "coupon", "WB20")]


def test_the_codes_that_expire_first_go_first(shop: Shop) -> None:
    fill(shop, "ENDLESS")
    fill(shop, "LATE", lasts=90)
    fill(shop, "SOON", lasts=30)
    assert run(shop, 'coupon pool:"WB20" into offer', ["a", "b", "c"]) == ["SOON", "LATE", "ENDLESS"]


def test_a_code_that_expires_within_the_cutoff_is_not_given(shop: Shop) -> None:
    fill(shop, "TOO SOON", lasts=7)
    fill(shop, "OK", lasts=8)
    assert run(shop, 'coupon pool:"WB20" into offer fallback "FALL"', ["a", "b"]) == ["OK", "FALL"]


def test_the_last_day_is_kept_where_it_is_asked_for_and_emptied_where_there_is_none(shop: Shop) -> None:
    fill(shop, "SOON", lasts=30)
    fill(shop, "ENDLESS")
    for key in ("a", "b", "c"):
        shop.contact(key, until="2020-01-01")
    shop.publish(f'{FIELDS} {HEAD} coupon pool:"WB20" into offer expires into until fallback "FALL" -> end')
    shop.run()
    assert [shop.stored(key) for key in ("a", "b", "c")] == [
        {"offer": "SOON", "until": "2026-04-01"},
        {"offer": "ENDLESS"},
        {"offer": "FALL"},
    ]


def test_who_finds_the_pool_empty_leaves_with_the_reason(shop: Shop) -> None:
    fill(shop, "ONE")
    assert run(shop, 'coupon pool:"WB20" into offer -> sms "{{ offer }}"', ["a", "b"]) == ["ONE", None]
    assert [shop.state("a"), shop.state("b")] == ["completed: end", "exited: no code left"]
    assert shop.texts() == ["ONE"]
    assert shop.history("b") == [("coupon", "no_coupon", "WB20")]


@pytest.mark.parametrize(
    ("way", "texts"), [('else { sms "Sorry" -> end }', ["Sorry"]), ("else pass", ["Hi none"]), ("else end", [])]
)
def test_who_finds_the_pool_empty_takes_the_way_of_the_else(shop: Shop, way: str, texts: list[str]) -> None:
    run(shop, f'coupon pool:"WB20" into offer {way} -> sms "Hi {{{{ offer | default: \'none\' }}}}"')
    assert shop.texts() == texts


def test_a_message_that_follows_reads_the_code(shop: Shop) -> None:
    fill(shop, "WB20-1")
    run(shop, 'coupon pool:"WB20" into offer -> sms "Use {{ offer }}"')
    assert shop.texts() == ["Use WB20-1"]


LOOP = 'coupon pool:"WB20" into offer -> wait 10d -> goto step:"coupon" at most 1 times'


def test_who_comes_by_again_keeps_a_code_that_is_good(shop: Shop) -> None:
    fill(shop, "ONE", "TWO", lasts=30)
    run(shop, LOOP)
    shop.pass_time("20d")
    assert (shop.state("a"), given(shop), offers(shop, ["a"])) == ("completed: end", ["ONE"], ["ONE"])


def test_who_comes_by_again_with_a_code_that_is_not_good_any_more_gets_another(shop: Shop) -> None:
    fill(shop, "SOON", lasts=8)
    fill(shop, "LATE", lasts=90)
    run(shop, LOOP)
    shop.pass_time("20d")
    assert (given(shop), offers(shop, ["a"])) == (["LATE", "SOON"], ["LATE"])


def test_two_fields_get_two_codes_and_another_run_a_new_one(shop: Shop) -> None:
    fill(shop, "A1", "A2", "A3", "A4")
    shop.contact("a")
    fields = f"{FIELDS} field friend text event again {{ }}"
    steps = 'coupon pool:"WB20" into offer -> coupon pool:"WB20" into friend -> end'
    shop.publish(f'{fields} conversation "C" {{ thread "T" on again {{ {steps} }} }}')
    shop.event("a", "again", "1")
    shop.run()
    assert shop.stored("a") == {"offer": "A1", "friend": "A2"}
    shop.event("a", "again", "2")
    shop.run()
    assert shop.stored("a") == {"offer": "A3", "friend": "A4"}


def test_a_pass_that_breaks_off_gives_the_codes_back(shop: Shop) -> None:
    fill(shop, "ONE", "TWO")
    shop.contact("a")
    shop.publish(f'{FIELDS} {HEAD} coupon pool:"WB20" into offer -> end')

    def crash(point: str) -> None:
        if point == "advance.before_commit":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shop.new_node(reached=crash).run_due()
    assert given(shop) == []
    shop.run()
    assert (given(shop), offers(shop, ["a"])) == (["ONE"], ["ONE"])


def test_a_code_that_was_given_stays_given_when_it_is_imported_again(shop: Shop) -> None:
    fill(shop, "ONE")
    run(shop, 'coupon pool:"WB20" into offer')
    fill(shop, "ONE", lasts=30)
    assert run(shop, 'coupon pool:"WB20" into offer else pass', ["b"]) == [None]


def test_a_new_expiry_of_a_free_code_counts(shop: Shop) -> None:
    fill(shop, "ONE", lasts=1)
    fill(shop, "ONE", lasts=30)
    assert run(shop, 'coupon pool:"WB20" into offer') == ["ONE"]


def test_a_code_of_one_pool_does_not_go_into_another(shop: Shop) -> None:
    fill(shop, "ONE", pool="Other")
    with shop.engine.begin() as connection:
        assert add_coupons(connection, [(4, "ONE", "WB20", t.NEVER, None)]) == (0, {4: "Other"})
    assert run(shop, 'coupon pool:"WB20" into offer else pass') == [None]


def test_a_code_that_comes_into_its_field_is_a_change_of_it(shop: Shop) -> None:
    fill(shop, "ONE")
    shop.contact("a")
    shop.publish(
        f'{FIELDS} conversation "Give" {{ thread "T" when no_order_within 60d check every 1d '
        '{ coupon pool:"WB20" into offer -> coupon pool:"WB20" into offer -> end } } '
        'conversation "Told" { thread "T" on changed offer { sms "{{ event.value }}" -> end } }'
    )
    shop.run()
    assert shop.texts() == ["ONE"]
