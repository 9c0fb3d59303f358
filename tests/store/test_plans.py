"""Every statement of a complete winback finds its rows by an index, on both databases, with 50,000 contacts.

The statements are recorded while the engine runs, so that a new one is looked at without anybody thinking of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.language.expressions import Call, Expression, Known, ValueType
from conductor_dsl.plugin.channels import Heard, Inbound, Receipt, Verdict
from conductor_dsl.program.condition_to_crossings import condition_to_crossings
from conductor_dsl.program.condition_to_sql import condition_to_sql
from conductor_dsl.program.facts import SqlFacts
from conductor_dsl.program.states import Lane
from conductor_dsl.project.toml_to_hours import hours_of_law
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE
from conductor_dsl.shared.draw import bucket_of
from conductor_dsl.shared.rules import Rules
from conductor_dsl.store import tables as t
from conductor_dsl.store.batches import GROWN, candidate, crossing, empty
from conductor_dsl.store.batches import fill as fill_batch
from conductor_dsl.store.connect import connect
from conductor_dsl.store.intents import NEXT_READY, Lease, claim_ready
from tests.conformance.shop import MOBILE, NOW, Shop, host
from tests.program.questions import a_call

CONTACTS = 50_000
EVERY = 833
"""One in so many has not ordered of late."""
HOT = (
    "contact|orders|order_item|event|happening|consent"
    "|membership|suppression|audience|entry_mark|run|intent|history|coupon|inbox|parcel"
)
SCRIPT = """
field tier text
field visits number
field birthday date
event page.viewed { url text }
event seen { url text }
conversation "Winback" {
  window 09:00-20:00
  cap sms 3 per 7d
  reentry after 90d
  exit on order.placed
  thread "Winback" when no_order_within 60d check every 1d {
    when order_count >= 1
    -> holdout 5% -> split "tone" { 50% { set tier = "Silver" } 50% { clear tier } }
    -> sms "Hello {{ first_name | default: 'friend' }}" on_failed { email saved:"Hello" -> end }
    -> wait 3d
    -> if tier = "Gold" or subscribed list:"News" { email saved:"Winback1" } else { sms "Last call" as "Last" }
    -> set tier = "Silver"
    -> wait until last_order + 74d if_past skip
    -> wait for page.viewed, order.placed, clicked where tier = "Silver" up to 3d
    -> wait for clicked link "shop" up to 1h
    -> wait 1d
    -> goto step:"Last" if order_count = 1 at most 1 times
    -> end
  }
  thread "Viewed" on page.viewed where event.url = "/back" {
    subscribe list:"Texts" text "Yes." -> unsubscribe list:"News" -> emit seen { url event.url }
    -> start conversation:"Other" -> webhook "https://hooks.shop.example/seen" { key key, url event.url }
    -> notify "crm@shop.example" "came back" -> coupon pool:"WB20" into tier fallback "WB20"
    -> set visits = visits + 1, tier = first_name -> wait 1d -> email saved:"Hello" -> end
  }
}
conversation "Other" { exit on seen thread "T" { wait 9d -> end } }
conversation "Days" {
  thread "Birthday" on anniversary of birthday before 1d at 09:00 { wait 1h -> email saved:"Hello" -> end }
  thread "Daily" on every 1w at 09:00 for tier = "Gold" { wait 1h -> end }
  thread "Clicked" on clicked step:"email" { wait 1h -> end }
}
"""
RULES = Rules(hours_of_law(), caps=(("sms", 9, "7d"), ("email", 9, "7d")), spread=30 * MINUTE)
WAITING = "run_due|run_one_open|intent_open|coupon_free|happening_at|entry_mark_due|inbox_heard"
"""Indexes that hold only what waits; going through one of them costs by that."""

LEADING = {
    **{f"{table.name}_pkey": next(iter(table.primary_key.columns)).name for table in t.metadata.tables.values()},
    **{
        str(index.name): next(iter(index.columns)).name
        for table in t.metadata.tables.values()
        for index in table.indexes
    },
    "contact_key_key": "key",
}
"""The column with which each index begins."""

Statement = tuple[str, Any]
Explain = Callable[[sa.Connection, Statement], list[str]]


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[dict[str, Statement]]:
    """Every statement that is executed, once for each text, as a driver gets it."""
    found: dict[str, Statement] = {}

    def record(*arguments: Any) -> None:
        statement, parameters, many = arguments[2], arguments[3], arguments[5]
        if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH)\b", statement) and parameters != []:
            found.setdefault(statement, (statement, parameters[0] if many else parameters))

    sa.event.listen(engine, "before_cursor_execute", record)
    yield found
    sa.event.remove(engine, "before_cursor_execute", record)


def fill(engine: sa.Engine, count: int = CONTACTS, every: int = EVERY) -> None:
    """A large shop, most of whose contacts bought lately; one in so many has lapsed."""
    people = [
        {
            "id": number,
            "key": f"c{number}",
            "email": f"c{number}@example.com",
            "email_state": "valid",
            "mobile": f"+1717{number:07}",
            "mobile_state": "valid",
            "zone": ("America/New_York", "Europe/London", None)[number % 3],
            "bucket": bucket_of(f"c{number}"),
            "updated_at": NOW - 300 * DAY,
            "order_count": 1 + number % 2,
            "first_order_at": NOW - 90 * DAY,
            "last_order_at": NOW - (70 * DAY if number % every == 0 else 10 * DAY),
        }
        for number in range(1, count + 1)
    ]
    run: dict[str, Any] = {"conversation_id": 99, "entry_no": 1, "step": 0}
    ended = {"state": "completed", "entered_at": 1, "ended_at": 2, "reason": "end"}
    sent = {"visit": 0, "message_id": 99, "channel": "sms", "list": "sms", "sender": "", "address": MOBILE}
    settled = {"values": "[]", "created_at": 1, "state": "accepted", "not_before": 1, "expires_at": 2, "settled_at": 2}
    rows: Mapping[sa.Table, dict[str, Any]] = {
        t.membership: {"list": "sms", "state": "subscribed", "since_at": NOW},
        t.orders: {"key": "1", "at": NOW - 10 * DAY, "total_cents": 100},
        t.suppression: {"channel": "push", "reason": "bounced", "at": NOW},
        t.order_item: {"sku": "A-1", "at": NOW - 10 * DAY, "order_key": "1"},
        t.event: {"key": "1", "name": "page.viewed", "at": NOW},
        t.happening: {"key": "1", "name": "page.viewed", "at": NOW + 900 * DAY, "payload": "{}"},
        t.consent: {"list": "sms", "at": NOW - DAY, "action": "subscribed"},
        t.run: {**run, "version_id": 99, **ended},
        t.history: {**run, "at": 1, "kind": "waiting"},
        t.audience: {"thread_id": 99},
        t.entry_mark: {"thread_id": 99, "thing": "anniversary", "mark": 2026, "due_at": NOW},
        t.intent: {**run, "version_id": 99, **sent, **settled},
    }
    with engine.begin() as connection:
        connection.execute(sa.insert(t.contact), people)
        for table, values in rows.items():
            of_each = sa.select(
                t.contact.c.id, *(sa.literal(value, table.c[name].type) for name, value in values.items())
            )
            connection.execute(sa.insert(table).from_select(["contact_id", *values], of_each))
        given = [t.contact.c.key, sa.literal("WB20"), sa.literal(NOW, sa.BigInteger), t.contact.c.id]
        codes = sa.insert(t.coupon).from_select(["code", "pool", "expires_at", "contact_id"], sa.select(*given))
        connection.execute(codes)
        connection.exec_driver_sql("ANALYZE")


def live(shop: Shop, contacts: int = CONTACTS, every: int = EVERY) -> None:
    """Everything that happens in a shop: looks, sends, waits, orders, events, opt-outs, a standstill, a new version."""
    shop.node = shop.new_node(rules=RULES)
    shop.publish(SCRIPT)
    shop.run()
    lapsed = [f"c{number}" for number in range(every, contacts, every)]
    shop.order(lapsed[0], "back")
    shop.event(lapsed[1], "page.viewed", "2", url="/back")
    shop.consent(lapsed[2], "sms", "unsubscribed")
    shop.consent(lapsed[3], "*", "unsubscribed")
    shop.contact(lapsed[4], mobile="+17175550199", tier="Gold", lists=())
    shop.contact(lapsed[5], birthday="1990-03-05", lists=())
    shop.event(lapsed[5], "clicked", "2", conversation="Days", step="email")
    shop.pass_time("5d")
    shop.publish(SCRIPT.replace("Last call", "The last call").replace("window", "in_flight move window"))
    shop.pass_time("2h")
    assert sum(run.awaits is not None for key in lapsed[5:9] for run in shop.runs(key)) > 1
    shop.event(lapsed[5], "page.viewed", "3", url="/there")
    shop.event(lapsed[6], "clicked", conversation="Winback", step="Last")
    shop.pass_time("5d")
    assert len(shop.sms.accepted) > 100
    shop.event(lapsed[7], "page.viewed", "4", url="/back")
    shop.run()
    shop.clock.move_to(shop.now + DAY + 2 * HOUR)
    shop.run()
    text = Inbound("SM1", "sms", "+17175550199", "34567", "SALE")
    by_key, by_name = Receipt(shop.sms.accepted[0].key, Verdict.DELIVERED), Receipt("", Verdict.DELIVERED, "7F")
    listener(shop.engine, shop.clock, lambda: None)(Heard((by_key, by_name), (text,)))
    shop.run()


def is_first_look(statement: str) -> bool:
    """Whether it is the work of a statement to go through all contacts, by their ids.

    That is the first look at a thread, and an occurrence of a recurring one.
    """
    return statement.startswith("INSERT INTO candidate") and "updated_at" not in statement


def is_digest(statement: str) -> bool:
    """Whether a statement counts what happened in a day, for the staff: once a day everything is gone through."""
    return statement.startswith("SELECT") and "GROUP BY" in statement and "count(*)" in statement


def problems(engine: sa.Engine, statements: Mapping[str, Statement], explain: Explain) -> list[str]:
    """The statements that go through a hot table from end to end, with the step of the plan that does."""
    found = []
    with engine.connect() as connection:
        # PostgreSQL does this by itself at some moment; the plans shall not depend on when.
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
        for statement in statements.values():
            if not is_first_look(statement[0]) and not is_digest(statement[0]):
                found += [f"{step}\n    in: {statement[0]}" for step in explain(connection, statement)]
    return found


def explain_sqlite(connection: sa.Connection, statement: Statement) -> list[str]:
    """Steps such as `SCAN contact`."""
    rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement[0], statement[1])
    scans = [step for step in (str(row[3]) for row in rows) if re.match(rf"SCAN ({HOT})(_\d+)?\b", step)]
    return [step for step in scans if not re.search(rf"USING (COVERING )?INDEX ({WAITING})\b", step)]


def explain_postgresql(connection: sa.Connection, statement: Statement) -> list[str]:
    """Steps such as `Seq Scan on contact`, or a scan of a whole index, where no index can do better.

    50,000 rows are few to PostgreSQL, and it would rather read them all; so it is told that this is dear.
    """
    for method in ("seqscan", "hashjoin", "mergejoin", "bitmapscan", "material"):
        connection.exec_driver_sql(f"SET LOCAL enable_{method} = off")
    rows = [str(row[0]) for row in connection.exec_driver_sql("EXPLAIN " + statement[0], statement[1])]
    scans = re.compile(rf"(Seq Scan on|Scan using (?!{WAITING})\w+ on) ({HOT})\b")
    return [step for step, following in pairwise([*rows, ""]) if scans.search(step) and not is_led(step, following)]


def is_led(step: str, condition: str) -> bool:
    """Whether a scan of an index goes by the column with which the index begins."""
    index = re.search(r"Scan using (\w+) on", step)
    column = LEADING.get(index[1]) if index else None
    return column is not None and re.search(rf"Index Cond: .*\b{column}\b", condition) is not None


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[tuple[sa.Engine, Explain]]:
    """A database, and how to read its plans."""
    kinds = {"sqlite": ("sqlite_url", explain_sqlite), "postgresql": ("postgres_url", explain_postgresql)}
    fixture, explain = kinds[request.param]
    engine = connect(request.getfixturevalue(fixture))
    yield engine, explain
    engine.dispose()


def test_no_statement_of_the_engine_goes_through_a_large_table(database: tuple[sa.Engine, Explain]) -> None:
    engine, explain = database
    fill(engine)
    with recorded(engine) as statements:
        live(Shop(engine))
    assert len(statements) > 50
    assert any("superseded" in str(values) for _, values in statements.values())
    assert problems(engine, statements, explain) == []


def test_what_leaves_next_is_read_off_the_index_lane_by_lane(database: tuple[sa.Engine, Explain]) -> None:
    """No sorting, and nothing is passed over that waits for later, or in another lane."""
    engine, _ = database
    fill(engine, 5_000)
    with engine.begin() as connection:
        waiting = sa.update(t.intent).where(t.intent.c.contact_id > 100)
        connection.execute(waiting.values(state="ready", settled_at=None, not_before=NOW, lane=2))
        connection.exec_driver_sql("ANALYZE")
    with recorded(engine) as statements, engine.begin() as connection:
        assert len(claim_ready(connection, lease=Lease("n", NOW + DAY), now=NOW, limit=10)) == 10
        assert connection.execute(sa.select(*NEXT_READY)).one()[Lane.MARKETING] == NOW
    [claims] = [each for each in statements.values() if each[0].startswith("UPDATE intent")]
    with engine.connect() as connection:
        plan = plan_of(connection, claims)
    if engine.dialect.name == "sqlite":
        assert "INDEX intent_open (state=? AND lane=? AND not_before<?)" in plan
    else:
        assert re.search(r"using intent_open on.*\n *Index Cond: .*state.*lane.*not_before", plan)
    assert not re.search(r"TEMP B-TREE|Sort", plan)


def plan_of(connection: sa.Connection, statement: Statement) -> str:
    """The plan of a statement, in the words of its database."""
    explain = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement[0], statement[1]))


def predicates() -> Iterator[Expression]:
    """Every predicate, in every form and with and without its options."""
    chance = Random(1)
    for signature in host().vocabulary.predicates.values():
        yield from (as_condition(a_call(chance, signature, 1)) for _ in range(8))


def as_condition(call: Call) -> Expression:
    return call if call.type is ValueType.BOOLEAN else Known(call)


def test_every_predicate_finds_what_belongs_to_a_contact_by_an_index(database: tuple[sa.Engine, Explain]) -> None:
    engine, explain = database
    fill(engine, 5_000)
    three = sa.select(t.contact.c.id).where(t.contact.c.id.in_([1, 2, 3]))
    facts = [SqlFacts(t.metadata.tables, at, host().predicates) for at in (NOW - DAY, NOW)]
    with recorded(engine) as statements, engine.connect() as connection:
        for expression in predicates():
            connection.execute(three.where(condition_to_sql(expression, facts[1])))
            for crossed in condition_to_crossings(expression, *facts) or ():
                connection.execute(sa.select(t.contact.c.id).where(crossed))
    assert len(statements) > 50
    assert problems(engine, statements, explain) == []


def test_a_statement_that_goes_through_a_large_table_is_noticed(database: tuple[sa.Engine, Explain]) -> None:
    engine, explain = database
    with recorded(engine) as statements, engine.connect() as connection:
        connection.execute(sa.select(t.contact.c.id).where(t.contact.c.first_name == "Ada"))
        connection.execute(sa.select(t.run.c.entry_no).where(t.run.c.conversation_id == 1))
        connection.execute(sa.select(t.run.c.entry_no).where(t.run.c.contact_id == 1))
    assert len(problems(engine, statements, explain)) == 2


def test_postgresql_looks_contacts_up_even_if_it_believes_that_there_are_few(postgres_url: str) -> None:
    """As a join it would go through all messages, runs and memberships of an audience to find those of a batch."""
    engine = connect(postgres_url)
    fill(engine, 5_000, 50)
    shop = Shop(engine)
    shop.publish(
        'conversation "C" { reentry after 9d thread "T" when no_order_within 60d check every 1d { wait 1d -> end } }'
    )
    with recorded(engine) as statements:
        shop.run()
    begin = ("INSERT INTO crossing", "INSERT INTO run", "UPDATE batch SET state=%(state)s::VARCHAR WHERE")
    asked = [each for text, each in statements.items() if text.startswith(begin)]
    assert len(asked) == len(begin) + 1  # who leaves is looked for, too
    with engine.connect() as connection:
        assert all(looks_up(connection, statement, "audience|run|intent") for statement in asked)
    engine.dispose()


def looks_up(connection: sa.Connection, statement: Statement, tables: str) -> bool:
    """Whether PostgreSQL, as it is, looks into the tables for one contact after the other."""
    rows = [str(row[0]) for row in connection.exec_driver_sql("EXPLAIN " + statement[0], statement[1])]
    scans = [each for each in pairwise(rows) if re.search(rf"Scan.* on ({tables})\b", each[0])]
    return bool(scans) and all(re.search("Index Cond: .*contact_id", following) for _, following in scans)


def test_postgresql_meets_runs_contact_by_contact_even_if_it_believes_that_few_are_open(postgres_url: str) -> None:
    engine = connect(postgres_url)
    fill(engine, 5_000, 50)
    shop = Shop(engine)
    trigger = "when no_order_within 60d check every 1d"
    shop.publish(f'event seen {{}} conversation "C" {{ exit on seen thread "T" {trigger} {{ wait 9d -> end }} }}')
    shop.run()
    with recorded(engine) as statements:
        shop.event("c50", "seen")
    assert "exit on seen" in [run.reason for run in shop.runs("c50")]
    [met] = [each for text, each in statements.items() if text.startswith("INSERT INTO concerned")]
    with engine.connect() as connection:
        assert looks_up(connection, met, "run")
    engine.dispose()


def test_temporary_tables_of_postgresql_give_their_space_back(postgres_url: str) -> None:
    engine = connect(postgres_url)
    size = sa.text("SELECT pg_relation_size('crossing') + pg_relation_size('crossing_pkey')")
    sizes = []
    with engine.connect() as connection:
        for _ in range(5):
            fill_batch(connection, crossing, [(number, None) for number in range(10_000)])
            connection.commit()
            sizes.append(connection.scalar(size))
        empty(connection, crossing)
        assert connection.scalar(size) < sizes[0] // 10
    assert max(sizes) == sizes[0]
    engine.dispose()


def test_small_batches_of_postgresql_are_emptied_without_a_new_file(postgres_url: str) -> None:
    """A new one costs milliseconds at each commit, and lets every statement be planned anew."""
    engine = connect(postgres_url)
    file = sa.text("SELECT pg_relation_filenode('candidate')")
    with engine.connect() as connection:
        first = connection.scalar(file)
        for _ in range(100):
            fill_batch(connection, candidate, [(number,) for number in range(50)])
            connection.commit()
        assert connection.scalar(file) == first
        assert connection.scalar(sa.text("SELECT pg_relation_size('candidate')")) <= GROWN
    engine.dispose()
