"""Nothing that the engine executes brings rows of different contacts together, but for what is listed and why."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.store import tables as t
from conductor_dsl.store.batches import arrival, batch, led_by
from conductor_dsl.store.connect import connect
from conductor_dsl.store.layout import contact_column, split_tables, whole_tables
from tests.conformance.shop import Shop
from tests.distributed.crossings import crossings
from tests.distributed.watching import ALLOWED, unexpected, watched
from tests.store.test_plans import fill, live

run, intent, contact, event = t.run.c, t.intent.c, t.contact.c, t.event.c
SAME_RUN = sa.and_(run.contact_id == intent.contact_id, run.entry_no == intent.entry_no)


def test_what_a_living_shop_executes_keeps_to_one_contact_at_a_time(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    fill(engine, 600, every=10)
    with watched(engine) as (found, functions):
        live(Shop(engine), 600, every=10)
    engine.dispose()
    assert functions > {"store/runs.py: claim", "store/runs.py: write_back", "store/intents.py: settle"}
    assert len(functions) > 60
    assert unexpected(found) == {}
    assert found.keys() == ALLOWED.keys()


def test_every_key_and_every_unique_index_of_what_is_split_holds_the_contact() -> None:
    for table in split_tables():
        column = contact_column(table)
        assert next(iter(table.primary_key.columns)).name == column
        assert [index.name for index in table.indexes if index.unique and column not in index.columns] == []


def test_what_is_kept_whole_though_it_names_a_contact_is_found_by_something_else() -> None:
    """By a code that nobody has yet, by the digest of an address, by the name that a provider has for a message."""
    assert {table.name for table in whole_tables() if "contact_id" in table.c} == {"coupon", "erased", "parcel"}


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(run.step).where(run.due_at <= 5).order_by(run.due_at).limit(10),
        sa.select(run.step).join_from(t.run, t.intent, SAME_RUN),
        sa.select(run.step).where(sa.exists().where(SAME_RUN, intent.settled_at.is_(None))),
        sa.select(contact.key).where(contact.id.in_(sa.select(run.contact_id).where(run.step == 1))),
        sa.update(t.run).where(run.contact_id == led_by(batch.c.contact_id)).values(step=batch.c.pos),
        sa.select(run.step)
        .join_from(t.run, batch, run.contact_id == batch.c.contact_id)
        .join(t.intent, intent.contact_id == batch.c.contact_id),
        sa.insert(t.audience).from_select(["contact_id", "thread_id"], sa.select(run.contact_id, sa.literal(1))),
    ],
    ids=str,
)
def test_what_meets_on_the_contact_crosses_nothing(statement: sa.sql.ClauseElement) -> None:
    assert crossings(statement) == []


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(run.step).join_from(t.run, t.intent, run.entry_no == intent.entry_no),
        sa.select(run.step).join_from(t.run, t.intent, sa.or_(SAME_RUN, run.step == 1)),
        sa.select(run.step).where(sa.exists().where(intent.entry_no == run.entry_no)),
        sa.select(contact.key).where(contact.id.in_(sa.select(run.conversation_id))),
        sa.select(contact.key).where(contact.bucket == sa.select(sa.func.max(run.step)).scalar_subquery()),
        sa.update(t.run).where(run.contact_id == batch.c.contact_id, event.at > 5).values(step=1),
        sa.update(t.run).values(step=sa.select(sa.func.max(arrival.c.at)).where(event.at > 5).scalar_subquery()),
        sa.insert(t.audience).from_select(["contact_id", "thread_id"], sa.select(run.step, run.conversation_id)),
        sa.text("SELECT count(*) FROM run, intent"),
    ],
    ids=str,
)
def test_what_meets_on_anything_else_is_noticed(statement: sa.sql.ClauseElement) -> None:
    assert crossings(statement) != []
