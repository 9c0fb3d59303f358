"""The engine where the tables of contacts are split by hash: the same statements, with the same outcome.

`make distributed` plays the whole suite of conformance so, and a living shop beside one that is not split.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.store import tables as t
from conductor_dsl.store.connect import connect
from conductor_dsl.store.contacts import upsert_contacts
from conductor_dsl.store.layout import split_tables
from tests.at_once import at_once
from tests.conformance import test_caps, test_events, test_races, test_runs, test_send
from tests.conformance.shop import NOW, Shop, host
from tests.distributed.parts import PARTS
from tests.distributed.watching import unexpected, watched
from tests.store.test_plans import fill, live

CONTACTS, LAPSED = 600, 10
OUTCOMES = {t.run: ("state", "reason", "step"), t.intent: ("state", "reason", "step"), t.history: ("kind", "reason")}

test_a_winback_is_sent = test_runs.test_the_winback_sends_a_text_and_three_days_later_an_email
test_an_event_ends_a_run_and_begins_another = (
    test_events.test_an_event_that_ends_and_begins_ends_the_old_run_and_begins_a_new_one
)
test_consent_is_heeded = test_send.test_who_subscribes_again_gets_messages_again
test_a_second_open_run_is_refused = test_runs.test_a_second_open_run_is_refused_by_the_database
test_two_nodes_share_a_cap = test_caps.test_two_nodes_that_decide_at_once_do_not_both_find_room_for_one
test_what_others_have_in_hand_is_left = test_races.test_a_happening_of_a_contact_in_other_hands_waits_for_them


@pytest.mark.distributed
def test_a_shop_lives_alike_where_its_contacts_lie_in_parts(postgres_url: str, shop: Shop) -> None:
    plain = connect(postgres_url)
    with watched() as (found, _):
        told = [play(each) for each in (plain, shop.engine)]
    plain.dispose()
    assert unexpected(found) == {}
    assert told[0] == told[1]
    assert sum(told[1]["run"].values()) > 100
    for table in split_tables():
        places = parts_of(shop.engine, table)
        assert len(places) in (0, *range(PARTS - 1, PARTS + 1)) or sum(places.values()) < 20, (table.name, places)
    assert len(parts_of(shop.engine, t.run)) == PARTS


def play(engine: sa.Engine) -> dict[str, Counter[Any]]:
    """What has become of everybody in a shop after some weeks, in counts; its history is as promised."""
    fill(engine, CONTACTS, every=LAPSED)
    with engine.begin() as connection:
        connection.execute(sa.delete(t.entry_mark))  # chances of a thread that there is not, there for plans alone
    live(Shop(engine), CONTACTS, every=LAPSED)
    found = verify(engine, host())
    assert found.holds, [verdict for verdict in found.verdicts if verdict.broken]
    with engine.connect() as connection:
        return {
            table.name: Counter(tuple(row) for row in connection.execute(sa.select(*(table.c[name] for name in names))))
            for table, names in OUTCOMES.items()
        }


def parts_of(engine: sa.Engine, table: sa.Table) -> dict[str, int]:
    """How many rows of a table lie in which part."""
    part = sa.literal_column("CAST(tableoid AS regclass)", sa.Text)
    with engine.connect() as connection:
        rows = connection.execute(sa.select(sa.cast(part, sa.Text), sa.func.count()).select_from(table).group_by(part))
        return {str(name): int(count) for name, count in rows}


def test_who_adds_the_same_contacts_at_once_adds_them_once(shop: Shop) -> None:
    """No part can see that a key is in another part already."""
    rows = [(f"k{number}", None, "missing", None, "missing", None, None, None, json.dumps({})) for number in range(50)]

    def add() -> None:
        with shop.engine.begin() as connection:
            upsert_contacts(connection, list(rows), NOW)

    assert at_once(add) == []
    keys = [row.key for row in shop.rows(sa.select(t.contact.c.key))]
    assert sorted(keys) == sorted(row[0] for row in rows)
