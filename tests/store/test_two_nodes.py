"""Two nodes at one PostgreSQL wait for each other where they must, and lose nothing by it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Heard, Mark, Outgoing, Receipt, Verdict
from conductor_dsl.runtime.advance import advance
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.inbox import listener
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.errors import DatabaseError
from conductor_dsl.store.connect import connect
from tests.conformance.shop import Answer, Shop

SCRIPT = 'when no_order_within 60d check every 1d -> sms "One" ttl 2d -> wait 1h -> email saved:"Hello" -> end'


def impatient(url: str) -> sa.Engine:
    """An engine that would rather fail than wait for a lock."""
    return connect(sa.make_url(url).update_query_dict({"options": "-c lock_timeout=50"}).render_as_string(False))


def test_a_verdict_waits_for_the_pass_that_is_about_to_hold_its_run(postgres_url: str) -> None:
    """Otherwise the run is held for a verdict that has come already, and stays so for ever."""
    engine = impatient(postgres_url)
    shop = Shop(engine)
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.sms.answer = lambda _: Verdict.TRANSIENT
    shop.pass_time("10m")
    passing = engine.connect()

    def answer(_: Outgoing) -> Answer:
        [run] = shop.runs("a")
        shop.clock.move_to(run.due_at)
        programs = shop.programs()
        assert advance(Frame(passing, programs, programs.by_version[run.version_id], shop.now), run.step, 10)
        return Verdict.ACCEPTED

    shop.sms.answer = answer
    due = shop.node.run_due()
    assert due is not None
    shop.clock.move_to(due)
    with pytest.raises(DatabaseError, match="lock timeout"):
        shop.node.run_due()
    passing.commit()
    passing.close()
    assert shop.state("a") == "held"
    shop.clock.move_to(shop.now + LEASE)
    shop.run()
    assert shop.state("a") == "completed: end"
    assert (len(shop.sms.accepted), len(shop.email.accepted)) == (1, 1)
    engine.dispose()


def test_a_run_that_one_node_has_in_hand_is_passed_over_by_the_other(postgres_url: str) -> None:
    engine = impatient(postgres_url)
    shop = Shop(engine)
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.run()
    [run] = shop.runs("a")
    shop.clock.move_to(run.due_at)
    loaded = shop.programs().by_version[run.version_id]
    with engine.begin() as one, engine.begin() as two:
        assert advance(Frame(one, shop.programs(), loaded, shop.now), run.step, 10)
        assert advance(Frame(two, shop.programs(), loaded, shop.now), run.step, 10) is None
    shop.run()
    assert len(shop.email.accepted) == 1
    engine.dispose()


def test_a_receipt_that_closes_an_address_locks_runs_before_messages(postgres_url: str) -> None:
    """As a verdict does; in another order the two would wait for each other, and one would be lost."""
    engine, asked = connect(postgres_url), list[str]()
    shop = Shop(engine)
    shop.contact("a")
    shop.publish(SCRIPT)
    shop.run()
    key = shop.sms.accepted[0].key
    receipt = Receipt(key, Verdict.UNDELIVERED, mark=Mark.INVALID)
    listener(engine, shop.clock, lambda: None)(Heard((receipt,)))
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    shop.run()
    [cancels, *_] = [number for number, each in enumerate(asked) if each.startswith("UPDATE intent")]
    [locks, *_] = [number for number, each in enumerate(asked) if "FOR UPDATE OF run" in each]
    [meets, *_] = [number for number, each in enumerate(asked) if "FOR NO KEY UPDATE" in each]
    assert meets < locks < cancels
    engine.dispose()
