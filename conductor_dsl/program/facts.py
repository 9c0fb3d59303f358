"""What predicates are asked about: the same facts for SQL and for plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from conductor_dsl.language.expressions import from_json
from conductor_dsl.language.signatures import PredicateSignature
from conductor_dsl.program.calendar import day_of, known_zone
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration

if TYPE_CHECKING:  # plugins import these nouns to give their words; only those who run SQL wait for SQLAlchemy
    import sqlalchemy as sa


class Meaning(Protocol):
    """A predicate as the interpreters need it; `plugin.contracts.Predicate` says what its parts are."""

    @property
    def signature(self) -> PredicateSignature:
        """How it is written."""

    @property
    def sql(self) -> Callable[[SqlFacts, Mapping[str, Any]], sa.ColumnElement[Any]]:
        """Its meaning in SQL."""

    @property
    def plain(self) -> Callable[[PlainFacts, Mapping[str, Any]], Any]:
        """Its meaning in plain Python."""

    @property
    def ages(self) -> tuple[tuple[str, str], ...] | None:
        """How its value changes by the mere passing of time."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The conversation that asks: its name, its list, its clock, and the arms of its splits with their shares.

    The clock is that of `zone`; with `contact_zone` the contact's own, and `zone` only for those who have none.
    """

    name: str = ""
    list: str | None = None
    zone: str = "UTC"
    contact_zone: bool = True
    splits: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SqlFacts:
    """What a predicate may read, as of the instant `now`.

    `tables` has every table by its name; `contact` is in the statement already, to the others a predicate correlates by
    `contact.c.id`. `payload` is the JSON text of the entry event, if there is one. `local_zone` is the zone whose clock
    counts, where the statement has it at hand.
    """

    tables: Mapping[str, sa.Table]
    now: Instant
    predicates: Mapping[str, Meaning]
    asking: Asking = field(default_factory=Asking)
    payload: sa.ColumnElement[str] | None = None
    local_zone: sa.ColumnElement[str] | None = None

    @property
    def contact(self) -> sa.Table:
        """The contacts."""
        return self.tables["contact"]

    @property
    def zone(self) -> sa.ColumnElement[str]:
        """The name of the zone whose clock counts for a contact."""
        import sqlalchemy as sa  # noqa: PLC0415

        from conductor_dsl.program.own_functions import cdx_zone  # noqa: PLC0415

        if self.local_zone is not None:
            return self.local_zone
        zone = sa.bindparam(None, self.asking.zone, sa.Text)
        return cdx_zone(self.contact.c.zone, zone) if self.asking.contact_zone else zone

    def ago(self, duration: str) -> sa.BindParameter[int]:
        """The instant a duration before now, by the calendar of UTC, as a bound value."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.bindparam(None, Duration.parse(duration).before(self.now), sa.BigInteger)

    def at_now(self) -> sa.BindParameter[int]:
        """Now, as a bound value."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.bindparam(None, self.now, sa.BigInteger)

    def within(self, duration: str, at: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether an instant is no older than a duration, and not in the future."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.and_(at > self.ago(duration), at <= self.at_now())

    def rows(self, table: str) -> sa.FromClause:
        """A table by a name of its own, to ask with `some` and `of` for the rows that belong to the contact."""
        return self.tables[table].alias()

    def of(self, rows: sa.FromClause, value: Any, *where: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        """A value, such as a count, over those of the rows that belong to the contact, or to nobody in particular."""
        import sqlalchemy as sa  # noqa: PLC0415

        own = [rows.c.contact_id == self.contact.c.id] if "contact_id" in rows.c else []
        return sa.select(value).select_from(rows).where(*own, *where).correlate_except(rows).scalar_subquery()

    def some(self, rows: sa.FromClause, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """Whether there is such a row."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.exists(self.of(rows, sa.literal_column("1"), *where))

    def value(self, expression: list[Any]) -> sa.ColumnElement[Any]:
        """A value that is an argument (`sku event.sku`)."""
        from conductor_dsl.program.condition_to_sql import value_to_sql  # noqa: PLC0415

        return value_to_sql(from_json(expression), self)

    def order_payload(self, orders: sa.FromClause) -> sa.ColumnElement[str]:
        """What the event `order.placed` carried, but for the items."""
        import sqlalchemy as sa  # noqa: PLC0415

        from conductor_dsl.program.json_sql import json_put, json_text  # noqa: PLC0415

        payload: Any = sa.literal("{}", sa.Text)
        total = sa.cast(orders.c.total_cents, sa.Double) / 100.0
        for name, value in {"order_id": orders.c.key, "total": total, "placed_at": orders.c.at}.items():
            payload = json_put(payload, sa.literal(name, sa.Text), json_text(value))
        member: sa.ColumnElement[str] = payload
        return member

    def where(self, condition: list[Any], payload: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """A condition that is an argument (`where event.total > 50`), over a payload of its own."""
        from conductor_dsl.program.condition_to_sql import condition_to_sql  # noqa: PLC0415

        return condition_to_sql(from_json(condition), replace(self, payload=payload))


@dataclass(frozen=True, slots=True)
class PlainFacts:
    """One contact's data as plain Python values, for the slow, obvious interpreter.

    `contact` maps column names to values, `fields` is its declared fields, `payload` the entry event. `rows` holds by
    the name of a table the rows there that belong to the contact, or to nobody in particular.
    """

    contact: Mapping[str, Any]
    now: Instant
    predicates: Mapping[str, Meaning] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    asking: Asking = field(default_factory=Asking)

    @property
    def zone(self) -> str:
        """The name of the zone whose clock counts."""
        own = self.contact.get("zone") if self.asking.contact_zone else None
        return known_zone(own, self.asking.zone)

    @property
    def today(self) -> str | None:
        """The date by that clock."""
        return day_of(self.now, self.zone)

    def ago(self, duration: str) -> Instant:
        """The instant a duration before now, by the calendar of UTC."""
        return Duration.parse(duration).before(self.now)

    def within(self, duration: str, at: Instant) -> bool:
        """Whether an instant is no older than a duration, and not in the future."""
        return self.ago(duration) < at <= self.now

    def value(self, expression: list[Any]) -> Any:
        """A value that is an argument (`sku event.sku`)."""
        from conductor_dsl.program.condition_to_plain import value_of  # noqa: PLC0415

        return value_of(from_json(expression), self)

    def where(self, condition: list[Any], payload: Mapping[str, Any]) -> bool:
        """Whether a condition that is an argument holds, over a payload of its own."""
        from conductor_dsl.program.condition_to_plain import holds  # noqa: PLC0415

        return holds(from_json(condition), replace(self, payload=payload))
