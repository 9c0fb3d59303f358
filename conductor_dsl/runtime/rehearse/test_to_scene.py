"""From a bound test to a scene: who is there, what has happened, and what reaches the engine when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from conductor_dsl.language.bound import Reference
from conductor_dsl.language.bound_tests import ONLY, BoundStatement, BoundTest, value_text, value_texts
from conductor_dsl.language.flow import Flow
from conductor_dsl.runtime.rehearse.nouns import Happening, Scene
from conductor_dsl.runtime.rehearse.statement_to_happening import Telling, products, statement_to_happenings
from conductor_dsl.runtime.rehearse.values import fields_to_row
from conductor_dsl.shared.clock import DAY, Instant, to_iso
from conductor_dsl.shared.duration import Duration, wall_to_instant
from conductor_dsl.store.consents import CONFIRMED, UNSUBSCRIBED
from conductor_dsl.store.tables import EVERY_LIST

HORIZON = Duration.parse("400d")
"""How far the clock goes at most, where people are still inside."""
AGREED, TOOK_BACK = Duration.parse("1y"), Duration.parse("1d")
"""How long ago the contacts of a test agreed to lists, and took that back."""
ALONE = "contact"
"""The key of a contact without a name."""


@dataclass(frozen=True, slots=True)
class World:
    """What a scene has to know of the project: what is published, and on which lists it writes."""

    flows: tuple[Flow, ...]
    lists: frozenset[str]

    @property
    def zone(self) -> str:
        """By whose clock a test begins: that of the first conversation."""
        return self.flows[0].settings.zone

    def zone_of(self, zone: object) -> str:
        """By whose clock a contact with this zone lives."""
        return str(zone) if zone and self.flows[0].settings.contact_zone else self.zone

    @property
    def steps(self) -> Mapping[str, str]:
        """The conversation of each step, by the step's name."""
        return {step.name: flow.name for flow in reversed(self.flows) for step in flow.steps}


def beginning(test: BoundTest, zone: str) -> Instant:
    """When a test begins; `zone` is that of its conversation."""
    [at] = test.of("at")
    written = datetime.fromisoformat(f"{at.text('date')}T{at.text('clock')}")
    return wall_to_instant(written, at.text("zone") or zone)


def test_to_scene(test: BoundTest, world: World, now: Instant) -> Scene:
    """Everything that a test says, but for what it expects; it begins at `now`."""
    rows = {name: _row(statement, now, world.zone) for name, statement in _contacts(test)}
    keys = {name: str(row["key"]) for name, row in rows.items()}
    zones = {name: world.zone_of(row.get("zone")) for name, row in rows.items()}
    telling = Telling(test, now, world.zone, keys, zones, world.steps, products(test, now, world.zone))
    given = [Happening(now, "contacts", row) for row in rows.values()]
    for name, statement in _contacts(test):
        given += _consents(statement, keys[name], world.lists - _told_later(test, name), now)
        given += _orders(statement, name, telling)
    given += [each for statement in test.of("given") for each in statement_to_happenings(statement, telling)]
    happenings = [each for statement in test.of("when") for each in statement_to_happenings(statement, telling)]
    moments = {name: list(_moments(test, name, now, zone)) for name, zone in zones.items()}
    waiting = {at for name, zone in zones.items() for at in _moments(test, name, now, zone, "waiting")}
    end = max([_until(test, now, world.zone), *(at for each in moments.values() for at in each)])
    return Scene(
        test=test,
        begins=now,
        until=end,
        horizon=max(HORIZON.after(now, world.zone), end),
        zone=world.zone,
        keys=keys,
        zones=zones,
        given=tuple(given),
        happenings=tuple(sorted(happenings, key=lambda each: each.at)),
        refused=frozenset((keys[test.whom(each)], each.text("step") or "") for each in test.of("when", "failed")),
        moments=tuple(sorted(waiting)),
    )


def _contacts(test: BoundTest) -> Iterator[tuple[str, BoundStatement]]:
    for statement in test.of("given", "contact"):
        yield statement.text("name") or ONLY, statement


def _row(statement: BoundStatement, now: Instant, zone: str) -> dict[str, object]:
    """A contact as a file would tell it; its name is its key, where it has no other."""
    return {"key": statement.text("name") or ALONE} | fields_to_row(statement.fields, now, zone)


def _until(test: BoundTest, now: Instant, zone: str) -> Instant:
    [at] = test.of("at")
    return Duration.parse(at.text("until") or "0m").after(now, zone)


def _moments(test: BoundTest, who: str, now: Instant, zone: str, name: str = "") -> Iterator[Instant]:
    """The points in time that expectations about a contact name."""
    for statement in test.of("expect", name):
        if test.whom(statement) == who:
            after, day = statement.text("after"), statement.text("date")
            if after:
                yield Duration.parse(after).after(now, zone)
            if day:
                yield wall_to_instant(datetime.fromisoformat(day), zone) + DAY


def _told_later(test: BoundTest, who: str) -> frozenset[str]:
    """The lists that a contact agrees to only in the course of the test."""
    told = (statement for statement in test.of("when", "consent") if test.whom(statement) == who)
    return frozenset(each.text("list") or "" for each in told if each.text("action") == "subscribed")


def _consents(statement: BoundStatement, key: str, agreed: frozenset[str], now: Instant) -> Iterator[Happening]:
    """The words of a contact about lists: a yes to every one that is written to, but for what the test says."""
    never, left = _lists(statement, "never_subscribed"), _lists(statement, "unsubscribed")
    wanted = frozenset() if EVERY_LIST in never else agreed - never
    for name in sorted((wanted | left | _lists(statement, "subscribed")) - {EVERY_LIST}):
        yield _consent(key, name, CONFIRMED, AGREED.before(now))
    for name in sorted(left):
        yield _consent(key, name, UNSUBSCRIBED, TOOK_BACK.before(now))


def _lists(statement: BoundStatement, keyword: str) -> frozenset[str]:
    return frozenset(
        value.name
        for option in statement.phrase.options
        if option.keyword == keyword
        for value in option.arguments.values()
        if isinstance(value, Reference)
    )


def _consent(key: str, name: str, action: str, at: Instant) -> Happening:
    return Happening(at, "consent", {"contact": key, "list": name, "action": action, "at": to_iso(at)})


def _orders(statement: BoundStatement, name: str, telling: Telling) -> Iterator[Happening]:
    """The orders of a contact; `total` and `items` belong to the one before them."""
    key, zone, now = telling.keys[name], telling.zones[name], telling.now
    orders: list[dict[str, object]] = []
    for option in statement.phrase.options:
        values = option.arguments
        match option.keyword:
            case "ordered":
                at = Duration.parse(value_text(values["ago"])).before(now, zone)
                number = f"{key} {len(orders) + 1}"
                orders.append({"order_id": number, "contact": key, "placed_at": to_iso(at), "total": "0"})
            case "total" if orders:
                orders[-1]["total"] = value_text(values["total"])
            case "items" if orders:
                orders[-1]["items"] = telling.items(value_texts(values["items"]))
    yield from (Happening(now, "orders", row) for row in orders)
