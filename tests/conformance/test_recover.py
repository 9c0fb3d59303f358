"""Recovering: a database that was put back from a backup sends nothing twice, and loses nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from conductor_dsl.plugin.channels import ChannelProvider, Outgoing, ProviderSetting, ProviderType, Receipt, Verdict
from conductor_dsl.runtime.carry.recall import Recalling, Wary
from conductor_dsl.runtime.open_project import Carrier as CarrierSetting
from conductor_dsl.runtime.programs import Shelf
from conductor_dsl.runtime.recover import Recovered, insist_on_recovered, prepare_recovery, recover, wary_until
from conductor_dsl.runtime.verify.verify import verify
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Instant, VirtualClock
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.store.connect import connect
from conductor_dsl.store.recoveries import latest_recovery
from tests.backups import back_up, put_back
from tests.conformance.shop import NOW, Carrier, Shop, host

SERIES = """
event shop.signup { }
event shop.paid { }
conversation "Series" {
  class transactional
  thread "Lapsed" when no_order_within 60d check every 1h {
    sms "One" -> wait 1h -> sms "Two" -> wait 1h -> sms "Three" -> wait 3d -> sms "Four" -> end
  }
}
conversation "Welcome" {
  class transactional
  reentry always
  thread "Signed" on shop.signup { sms "Welcome" -> wait for shop.paid up to 9d -> sms "Paid" -> end }
}
"""


class World:
    """A shop whose database can be lost; its carriers go on whatever becomes of it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.shop = Shop(connect(url))
        self.copy = Path()

    def back_up(self) -> Instant:
        """Make a backup; returns when."""
        self.shop.engine.dispose()
        self.copy = back_up(self.url, self.folder)
        return self.shop.now

    def put_back(self) -> None:
        """Lose the database, and put the backup in its place."""
        lost = self.shop
        lost.engine.dispose()
        put_back(self.url, self.copy)
        self.shop = Shop(connect(self.url), lost.now)
        self.shop.sms, self.shop.email = lost.sms, lost.email
        self.shop.node = self.shop.new_node()

    def recover(self, since: Instant, until: Instant | None = None) -> Recovered:
        """Go through the lost time; from then on a node asks about old runs first, as `conductor serve` does."""
        shop = self.shop
        lost = prepare_recovery(shop.engine, since, shop.now if until is None else until)
        clock = VirtualClock(lost.since)
        carriers: dict[str, ChannelProvider] = {"sms": shop.sms, "email": shop.email}
        asking = {name: Recalling(carrier, clock, lost.since, lost.until) for name, carrier in carriers.items()}
        recovered = recover(replace(shop.node, providers=asking, clock=clock), clock, lost, shop.now)
        with shop.engine.connect() as connection:
            ended = latest_recovery(connection)
        assert ended is not None and ended.era is not None
        until = wary_until(ended)
        wary = {
            name: Wary(carrier, shop.clock, asked=carrier, since=ended.since_at, until=until, era=ended.era)
            for name, carrier in carriers.items()
        }
        shop.shelf = Shelf(host())  # it was another process that recovered
        shop.node = replace(shop.node, shelf=shop.shelf, providers=wary)
        return recovered

    def texts(self, key: str) -> list[str]:
        """The texts that somebody has got, in order."""
        return [out.text for out in self.shop.sms.accepted if out.contact == str(self.shop.id(key))]

    def sent_twice(self) -> list[str]:
        """The keys that were accepted more than once."""
        return [key for key, count in Counter(out.key for out in self.shop.sms.accepted).items() if count > 1]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A shop with three contacts, each in the series."""
    with _peopled(database_url, tmp_path) as world:
        yield world


@pytest.fixture
def small_world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    """The same, where only the engine has a say and not the kind of the database."""
    with _peopled(sqlite_url, tmp_path) as world:
        yield world


@contextmanager
def _peopled(url: str, folder: Path) -> Iterator[World]:
    world = World(url, folder)
    for key in ("a", "b", "c"):
        world.shop.contact(key)
    world.shop.publish(SERIES)
    yield world
    world.shop.engine.dispose()


def test_without_it_everything_that_was_due_since_the_backup_is_sent_again(small_world: World) -> None:
    small_world.shop.run()
    small_world.back_up()
    small_world.shop.pass_time("3h")
    small_world.put_back()
    small_world.shop.pass_time("3h")
    assert small_world.texts("a") == ["One", "Two", "Three", "Two", "Three"]
    assert len(small_world.sent_twice()) == 6


def test_nothing_of_a_chain_of_messages_and_waits_is_sent_twice_and_the_rest_comes(world: World) -> None:
    world.shop.run()
    made = world.back_up()
    world.shop.pass_time("3h")
    world.put_back()
    recovered = world.recover(made)
    assert (recovered.settled, recovered.waiting, recovered.unknown) == ({"accepted": 9}, 0, 0)
    world.shop.pass_time("4d")
    assert [world.texts(key) for key in "abc"] == [["One", "Two", "Three", "Four"]] * 3
    assert verify(world.shop.engine, host()).holds


def test_what_did_not_leave_before_the_database_was_lost_leaves_now(small_world: World) -> None:
    small_world.shop.contact("d")
    made = small_world.back_up()
    takes = {str(small_world.shop.id("a")), str(small_world.shop.id("b"))}
    # Two are sent to, then the machine stops.
    small_world.shop.run()
    small_world.shop.sms.accepted = [out for out in small_world.shop.sms.accepted if out.contact in takes]
    small_world.shop.clock.move_to(small_world.shop.now + HOUR // 2)
    small_world.put_back()
    recovered = small_world.recover(made)
    assert (recovered.settled, recovered.waiting, recovered.unknown) == ({"accepted": 2}, 2, 0)
    small_world.shop.pass_time("4d")
    assert [small_world.texts(key) for key in "abcd"] == [["One", "Two", "Three", "Four"]] * 4
    assert verify(small_world.shop.engine, host()).holds


def test_what_nobody_can_tell_is_held_for_people_and_what_was_not_due_goes_on(world: World) -> None:
    world.shop.run()
    made = world.back_up()
    world.shop.pass_time("90m")
    world.put_back()
    world.shop.sms.can_tell = False
    assert world.recover(made).unknown == 3
    world.shop.pass_time("4d")
    assert world.shop.messages("a") == [("accepted", None), ("ambiguous", world.shop.intents("a")[1].reason)]
    world.shop.event("b", "shop.signup")
    world.shop.run()
    assert world.texts("b") == ["One", "Two", "Welcome"]


def test_what_happened_in_the_lost_time_and_is_told_once_more_lets_nobody_in_and_wakes_nobody(world: World) -> None:
    world.shop.event("a", "shop.signup")
    world.shop.run()
    made = world.back_up()
    world.shop.pass_time("30m")
    at = world.shop.now
    for name, who in (("shop.signup", "b"), ("shop.paid", "a")):
        world.shop.event(who, name)
    world.shop.pass_time("10m")
    world.put_back()
    world.recover(made)
    for name, who in (("shop.signup", "b"), ("shop.paid", "a")):
        world.shop.event(who, name, at=at)
    world.shop.pass_time("10m")
    assert [world.texts(key).count("Welcome") for key in "abc"] == [1, 1, 0]
    assert world.texts("a").count("Paid") == 1
    # What happens from now on counts, and its messages have keys that none had before.
    world.shop.event("b", "shop.signup", "2")
    world.shop.event("a", "shop.paid", "2")
    world.shop.run()
    assert world.texts("b").count("Welcome") == 2
    assert not world.sent_twice()
    assert verify(world.shop.engine, host()).holds


def test_a_run_that_comes_to_a_message_by_another_way_is_asked_for_first(small_world: World) -> None:
    small_world.shop.event("a", "shop.signup")
    small_world.shop.run()
    made = small_world.back_up()
    small_world.shop.pass_time("30m")
    small_world.shop.event("a", "shop.paid")
    small_world.shop.pass_time("20m")
    small_world.put_back()
    small_world.recover(made)
    # The payment is forgotten; another leads to the same message, which had left.
    small_world.shop.event("a", "shop.paid", "2")
    small_world.shop.run()
    assert small_world.texts("a").count("Paid") == 1
    assert small_world.shop.messages("a")[-1][0] == "accepted"


class Forgetful(Carrier):
    """A carrier whose look-up is from the database that was lost; only `recall` still knows."""

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        return {}

    def recall(self, batch: Sequence[Outgoing], since: int) -> Mapping[str, Receipt]:
        assert since <= NOW
        return {key: Receipt(key, Verdict.ACCEPTED) for key in {out.key for out in self.accepted}}


def test_a_provider_that_remembers_in_the_database_is_asked_by_the_message(small_world: World) -> None:
    small_world.shop.sms = Forgetful()
    small_world.shop.node = small_world.shop.new_node()
    small_world.shop.event("a", "shop.signup")
    small_world.shop.run()
    made = small_world.back_up()
    small_world.shop.pass_time("90m")
    small_world.shop.event("a", "shop.paid")
    small_world.shop.run()
    small_world.put_back()
    small_world.recover(made)
    assert not small_world.sent_twice()
    # As `conductor serve` would build it, with whatever stands before the provider.
    shop = small_world.shop
    kind = ProviderType("forgetful", ("sms",), lambda _: shop.sms)
    carrier = CarrierSetting(kind, ProviderSetting({}, ".", shop.engine, print))
    shop.node = replace(shop.node, providers={"sms": carrier.open(shop.clock, {})})
    shop.event("a", "shop.paid", "2")
    shop.run()
    assert small_world.texts("a").count("Paid") == 1
    assert not small_world.sent_twice()


def test_until_says_when_the_lost_database_last_ran(small_world: World) -> None:
    small_world.shop.run()
    made = small_world.back_up()
    small_world.shop.pass_time("90m")
    stopped = small_world.shop.now
    small_world.shop.clock.move_to(stopped + 2 * DAY)
    small_world.put_back()
    recovered = small_world.recover(made, stopped)
    assert (recovered.settled, recovered.waiting) == ({"accepted": 6}, 0)
    small_world.shop.pass_time("4d")
    assert not small_world.sent_twice()
    # The third was due two days ago, and came too late, as after any standstill.
    assert small_world.texts("a") == ["One", "Two", "Four"]
    assert small_world.shop.reasons("a") == ["expired_ttl"]


def test_one_that_is_broken_off_goes_on_and_meanwhile_nothing_is_served(small_world: World) -> None:
    small_world.shop.run()
    made = small_world.back_up()
    small_world.shop.pass_time("3h")
    small_world.put_back()
    lost = prepare_recovery(small_world.shop.engine, made, small_world.shop.now)
    with pytest.raises(ConductorError, match="has not come to its end"):
        insist_on_recovered(small_world.shop.engine)
    clock = VirtualClock(lost.since)
    half = Recalling(small_world.shop.sms, clock, lost.since, lost.until)
    clock.move_to(lost.since + HOUR)
    replace(small_world.shop.node, providers={"sms": half}, clock=clock).run_due()
    assert small_world.recover(made).settled == {"accepted": 9}
    insist_on_recovered(small_world.shop.engine)
    small_world.shop.pass_time("1d")
    assert not small_world.sent_twice()


def test_a_database_that_went_on_after_the_backup_is_refused(small_world: World) -> None:
    small_world.shop.run()
    with pytest.raises(ConductorError, match="which is after 2026-03-02T15:00:00Z"):
        prepare_recovery(small_world.shop.engine, small_world.shop.now - HOUR, small_world.shop.now)
    prepare_recovery(small_world.shop.engine, small_world.shop.now - MINUTE, small_world.shop.now)
