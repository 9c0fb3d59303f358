"""Nodes on machines with wrong clocks: what counts is the time of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from conductor_dsl.plugin.channels import Outgoing, Verdict
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.engine_clock import RIGHT_FOR, EngineClock
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import HOUR, MINUTE, SECOND, Clock, Instant, VirtualClock
from conductor_dsl.store.clocks import database_now, kept_since
from conductor_dsl.store.connect import connect
from tests.conformance.shop import NOW, Shop, host

SERIES = """
conversation "Series" {
  class transactional
  thread "All" when no_order_within 60d check every 1d { sms "One" -> wait 30m -> sms "Two" -> end }
}
"""


@dataclass
class Machine:
    """A machine with a clock that may show another time than it is; its counter is right, but begins anywhere."""

    true: VirtualClock
    off: int = 0
    told: list[str] = field(default_factory=list)
    asked: int = 0

    def wall(self) -> Instant:
        """What its clock shows."""
        return self.true.now() + self.off

    def steady(self) -> int:
        """Its counter."""
        return self.true.now() - NOW + 77

    def clock(self, engine: sa.Engine, *, of_database: bool = True) -> EngineClock:
        """The clock of a node on it, where the database knows the true time."""

        def ask(_connection: sa.Connection) -> Instant | None:
            self.asked += 1
            return self.true.now() if of_database else None

        return EngineClock(engine, self.told.append, wall=self.wall, steady=self.steady, ask=ask)


class Wrong:
    """The clock of a machine as it is: what a node would go by that did not ask the database."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def now(self) -> Instant:
        """What it shows."""
        return self._machine.wall()


@pytest.fixture
def shop(database_url: str) -> Iterator[Shop]:
    """A shop with a few contacts; its own clock is the true time."""
    shop = Shop(connect(database_url))
    for number in range(6):
        shop.contact(f"c{number}")
    shop.publish(SERIES)
    yield shop
    shop.engine.dispose()


def node_on(shop: Shop, clock: Clock, **changes: Any) -> Node:
    """A node that goes by a clock, in small batches."""
    node = replace(shop.new_node(batch=2, **changes), clock=clock)
    return replace(node, minder=clock) if isinstance(clock, EngineClock) else node


def watch(shop: Shop) -> dict[str, list[Instant]]:
    """Let the carrier note the true time of all that it takes, by text."""
    taken: dict[str, list[Instant]] = {"One": [], "Two": []}

    def note(out: Outgoing) -> Verdict:
        taken[out.text].append(shop.now)
        return Verdict.ACCEPTED

    shop.sms.answer = note
    return taken


def live(shop: Shop, machines: list[Machine], clocks: list[Clock], jumps: list[int]) -> None:
    """Let the nodes work by turns, every five minutes, while the first machine's clock is set anew."""
    nodes = [node_on(shop, clock) for clock in clocks]
    for turn in range(8):
        machines[0].off = jumps[turn % len(jumps)]
        for node in nodes:
            node.run_due()
        shop.clock.move_to(shop.now + 5 * MINUTE)


def test_nodes_ten_minutes_ahead_and_behind_send_once_and_nothing_early(shop: Shop) -> None:
    taken = watch(shop)
    machines = [Machine(shop.clock, 10 * MINUTE), Machine(shop.clock, -10 * MINUTE), Machine(shop.clock)]
    live(shop, machines, [each.clock(shop.engine) for each in machines], [10 * MINUTE, -10 * MINUTE, 0, 5 * HOUR])
    assert [len(times) for times in taken.values()] == [6, 6]
    assert set(taken["One"]) == {NOW}
    assert set(taken["Two"]) == {NOW + 30 * MINUTE}
    assert verify(shop.engine, host(), slack=0).holds


def test_by_their_own_clocks_they_would_send_early(shop: Shop) -> None:
    taken = watch(shop)
    machines = [Machine(shop.clock), Machine(shop.clock, 10 * MINUTE)]
    live(shop, machines, [Wrong(each) for each in machines], [0])
    assert min(taken["Two"]) < NOW + 30 * MINUTE


@pytest.mark.parametrize("off", [10 * MINUTE, -10 * MINUTE])
def test_a_lease_is_as_long_for_a_node_whose_clock_is_wrong(shop: Shop, off: int) -> None:
    one, other = Machine(shop.clock), Machine(shop.clock, off)
    clocks = one.clock(shop.engine), other.clock(shop.engine)
    seen: list[int] = []

    def look(point: str) -> None:
        if point == "dispatch.claimed" and not seen:
            # In the midst of the first one's lease the other looks for what is stale; then both go on.
            attempts = len(shop.sms.attempts)
            shop.clock.move_to(shop.now + LEASE - SECOND * 5)
            node_on(shop, clocks[1]).run_due()
            seen.append(len(shop.sms.attempts) - attempts)

    node_on(shop, clocks[0], reached=look).run_due()
    assert seen == [4]
    assert len(shop.sms.accepted) == len({out.key for out in shop.sms.accepted}) == 6


def test_it_tells_of_a_wrong_clock_once_and_when_it_is_right_again(shop: Shop) -> None:
    machine = Machine(shop.clock, 10 * MINUTE)
    clock = machine.clock(shop.engine)
    for off in (10 * MINUTE, 10 * MINUTE + SECOND, -HOUR, 0, SECOND):
        machine.off = off
        shop.clock.move_to(shop.now + RIGHT_FOR)
        with shop.engine.connect() as connection:
            clock.look(connection)
    assert machine.told == [
        "the clock of this machine is 600 s ahead of the database's, by which the engine goes",
        "the clock of this machine is 3,600 s behind the database's, by which the engine goes",
        "the clock of this machine is right again",
    ]


def test_the_database_is_not_asked_what_time_it_is_twice_in_a_moment(shop: Shop) -> None:
    machine = Machine(shop.clock)
    clock, asked = machine.clock(shop.engine), list[int]()
    with shop.engine.connect() as connection:
        for _ in range(6):
            shop.clock.move_to(shop.now + RIGHT_FOR // 2)
            clock.look(connection)
            asked.append(machine.asked)
            assert clock.now() == shop.now
    assert asked == [1, 2, 2, 3, 3, 4]


def test_a_clock_of_the_machine_that_is_set_back_stands_still_and_one_set_forward_counts(shop: Shop) -> None:
    machine = Machine(shop.clock)
    clock = machine.clock(shop.engine, of_database=False)
    seen = []
    for off in (0, -10 * MINUTE, 10 * MINUTE, 0):
        machine.off = off
        with shop.engine.connect() as connection:
            clock.look(connection)
        seen.append(clock.now() - NOW)
    assert seen == [0, 0, 10 * MINUTE, 10 * MINUTE]
    assert machine.told == [
        "the clock of this machine was set 600 s back while the engine ran",
        "the clock of this machine was set 600 s forward while the engine ran",
        "the clock of this machine is right again",
    ]


def test_nobody_who_begins_later_takes_it_for_earlier(shop: Shop) -> None:
    machine = Machine(shop.clock)
    node_on(shop, machine.clock(shop.engine, of_database=False)).run_due()
    late = Machine(shop.clock, -HOUR)
    clock = late.clock(shop.engine, of_database=False)
    assert clock.now() == NOW
    assert late.told == ["this database was used 3,600 s later than it is now; the engine stands still until then"]


def test_every_node_keeps_its_time_and_its_skew_in_one_row(shop: Shop) -> None:
    machines = [Machine(shop.clock, 10 * MINUTE), Machine(shop.clock)]
    live(shop, machines, [each.clock(shop.engine) for each in machines], [10 * MINUTE])
    with shop.engine.connect() as connection:
        rows = kept_since(connection, 0)
    assert sorted(row.skew for row in rows) == [0, 10 * MINUTE]
    assert all(row.at > NOW + 30 * MINUTE for row in rows)


def test_the_time_of_postgresql_is_its_own_and_sqlite_has_none(shop: Shop) -> None:
    with shop.engine.connect() as connection:
        told = database_now(connection)
        if connection.dialect.name == "sqlite":
            assert told is None
        else:
            shown = connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())"))
            assert told is not None and 0 <= float(shown) * 1000 - told < MINUTE
