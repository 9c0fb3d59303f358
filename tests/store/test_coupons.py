"""Two nodes at one PostgreSQL never give one code twice, and a claim does not go through a large pool."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.advance import advance
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.clock import DAY
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.coupons import add_coupons
from tests.conformance.shop import NOW, Shop
from tests.store.test_plans import explain_postgresql, explain_sqlite, problems, recorded
from tests.store.test_two_nodes import impatient

SCRIPT = """
field offer text
when no_order_within 60d check every 1d -> coupon pool:"WB20" into offer fallback "FALL" -> end
"""
FILL = sa.text(f"""
INSERT INTO coupon (code, pool, expires_at)
WITH RECURSIVE numbers (n) AS (SELECT 100000 UNION ALL SELECT n + 1 FROM numbers WHERE n < 199999)
SELECT 'C' || n, 'WB20', {NOW} + CAST(10 + n % 90 AS BIGINT) * {DAY} FROM numbers
""")
"""100,000 codes that expire in 10 to 99 days, in no particular order."""


def test_two_nodes_at_once_give_different_codes_and_wait_for_nobody(postgres_url: str) -> None:
    engine = impatient(postgres_url)
    shop = Shop(engine)
    people = ["a", "b", "c", "d"]
    for key in people:
        shop.contact(key)
    with engine.begin() as connection:
        add_coupons(connection, [(number, f"C{number}", "WB20", t.NEVER, None) for number in range(3)])
    shop.publish(SCRIPT)
    let_in(shop)
    loaded = shop.programs().live[0]
    with engine.begin() as one, engine.begin() as two:
        for connection in (one, two):
            assert advance(Frame(connection, shop.programs(), loaded, shop.now), 0, 2)
    assert sorted(shop.stored(key)["offer"] for key in people) == ["C0", "C1", "C2", "FALL"]
    engine.dispose()


def let_in(shop: Shop) -> None:
    """Let everybody into the conversation, and do nothing more."""
    shop.execute(
        sa.insert(t.run).from_select(
            ["contact_id", "conversation_id", "entry_no", "version_id", "step", "state", "due_at", "entered_at"],
            sa.select(t.contact.c.id, *map(sa.literal, (1, 1, 1, 0, "active", NOW, NOW))),
        )
    )


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """An empty database."""
    opened = connect(request.getfixturevalue(request.param))
    yield opened
    opened.dispose()


def test_a_claim_from_a_large_pool_reads_what_it_gives(engine: sa.Engine) -> None:
    shop = Shop(engine)
    with engine.begin() as connection:
        connection.execute(FILL)
        given = sa.update(t.coupon).where(t.coupon.c.expires_at < NOW + 55 * DAY)
        values = {"contact_id": 7, "conversation_id": 9, "entry_no": 1, "field": "offer", "claimed_at": 1}
        connection.execute(given.values(values))
        connection.exec_driver_sql("ANALYZE")
    for number in range(20):
        shop.contact(f"p{number}")
    shop.publish(SCRIPT)
    with recorded(engine) as statements:
        shop.run()
    assert shop.stored("p0") == {"offer": "C100035"}
    explain = explain_sqlite if engine.dialect.name == "sqlite" else explain_postgresql
    of_codes = {text: each for text, each in statements.items() if "coupon" in text}
    assert len(of_codes) >= 3
    found = problems(engine, of_codes, explain)
    assert [step for step in found if "coupon" in step.partition("\n")[0]] == []
