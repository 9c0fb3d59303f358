"""Pace: whatever arrives, no sender sends more in any second than it may, on all nodes together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import NOT_ACCEPTED, Outgoing, Verdict
from conductor_dsl.runtime.carry.pace import Paced
from conductor_dsl.shared.clock import SECOND, VirtualClock
from conductor_dsl.store.connect import connect
from conductor_dsl.store.paces import AHEAD
from tests.runtime.carry.fakes import OUT, Fake, outs


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty database."""
    opened = connect(f"sqlite:///{tmp_path / 'pace.db'}")
    yield opened
    opened.dispose()


def play(engine: sa.Engine, rate: int, waiting: list[Outgoing], nodes: int = 1) -> Counter[int]:
    """Send all that waits, each when it is told to come again; how many slots were used at each instant."""
    clock, fake = VirtualClock(1_000_000), Fake()
    paced = [Paced(fake, engine, clock, {"34567": rate}) for _ in range(nodes)]
    due = [(clock.now(), out) for out in waiting]
    sizes = {out.key: 2 if len(out.text) > 160 else 1 for out in waiting}
    used: Counter[int] = Counter()
    while due:
        clock.move_to(min(at for at, _ in due))
        now, later = clock.now(), [pair for pair in due if pair[0] > clock.now()]
        batch = [out for at, out in due if at <= now]
        for number, node in enumerate(paced):
            for receipt in node.send(batch[number::nodes]):
                if receipt.verdict is Verdict.ACCEPTED:
                    used[now] += sizes[receipt.key]
                else:
                    later.append((now + receipt.retry_after, next(o for o in batch if o.key == receipt.key)))
        due = later
    return used


@pytest.mark.parametrize(("rate", "count", "nodes"), [(1, 6, 1), (7, 40, 1), (100, 400, 2), (1000, 3000, 3)])
def test_no_second_has_more_than_the_rate_and_what_may_run_ahead(
    engine: sa.Engine, rate: int, count: int, nodes: int
) -> None:
    used = play(engine, rate, outs(count), nodes)
    ahead = rate * AHEAD // SECOND + nodes
    for start in used:
        assert sum(n for at, n in used.items() if start <= at < start + SECOND) <= rate + ahead
    assert sum(used.values()) == count


def test_a_backlog_leaves_at_the_full_rate(engine: sa.Engine) -> None:
    used = play(engine, 100, outs(1_000))
    assert max(used) - min(used) <= 1_000 * SECOND // 100 / 0.95


def test_a_long_text_takes_a_slot_for_each_segment(engine: sa.Engine) -> None:
    long = [out._replace(text="a" * 200) for out in outs(50)]
    used = play(engine, 10, long)
    assert sum(used.values()) == 100
    assert max(used) - min(used) >= 9 * SECOND


def test_senders_without_a_rate_are_let_through_and_do_not_wait_for_others(engine: sa.Engine) -> None:
    fake = Fake()
    paced = Paced(fake, engine, VirtualClock(1_000_000), {"34567": 1})
    other = [OUT._replace(key=f"o{number}", sender="99999") for number in range(50)]
    receipts = {receipt.key: receipt for receipt in paced.send([*outs(3), *other])}
    assert sum(receipt.verdict is Verdict.ACCEPTED for receipt in receipts.values()) == 51
    assert (receipts["k1"].code, receipts["k1"].retry_after) == ("sender_pace", SECOND)


def test_nothing_is_sent_where_nothing_may_leave(engine: sa.Engine) -> None:
    fake = Fake()
    paced = Paced(fake, engine, VirtualClock(1_000_000), {"34567": 1})
    paced.send(outs(1))
    paced.send(outs(2)[1:])
    assert fake.calls == [["k0"]]


def test_who_was_kept_waiting_for_slots_sends_nothing(engine: sa.Engine) -> None:
    clock, fake = VirtualClock(1_000_000), Fake()
    # Another writer, an import say, has the database to itself for a while.
    sa.event.listen(engine, "begin", lambda _: clock.move_to(clock.now() + SECOND))
    receipts = Paced(fake, engine, clock, {"34567": 100}).send([OUT])
    # By now another node may have the message: it goes back, and is nobody's failure.
    assert [(each.key, each.verdict, each.code) for each in receipts] == [(OUT.key, Verdict.TRANSIENT, NOT_ACCEPTED)]
    assert fake.calls == []
