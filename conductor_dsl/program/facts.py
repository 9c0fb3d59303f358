"""What predicates are asked about: the same facts for SQL and for plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration

if TYPE_CHECKING:  # plugins import these nouns to give their words; only those who run SQL wait for SQLAlchemy
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class SqlFacts:
    """The tables a predicate may read, already joined or to be correlated by `contact.c.id`, and the instant `now`.

    Columns: contact (id, email, mobile, zone, order_count, total_cents, first_order_at, last_order_at, fields),
    orders (contact_id, key, at, total_cents, items), membership (contact_id, list, state, since_at), intent
    (contact_id, step, state, settled_at). `payload` is the JSON text of the entry event, if there is one.
    """

    contact: sa.FromClause
    orders: sa.FromClause
    membership: sa.FromClause
    now: Instant
    payload: sa.ColumnElement[str] | None = None

    def ago(self, duration: str) -> sa.BindParameter[int]:
        """The instant a duration before now, by the calendar of UTC, as a bound value."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.bindparam(None, Duration.parse(duration).before(self.now), sa.BigInteger)

    def at_now(self) -> sa.BindParameter[int]:
        """Now, as a bound value."""
        import sqlalchemy as sa  # noqa: PLC0415

        return sa.bindparam(None, self.now, sa.BigInteger)


@dataclass(frozen=True, slots=True)
class PlainFacts:
    """One contact's data as plain Python values, for the slow, obvious interpreter.

    `contact` maps column names to values, `fields` is its declared fields, `orders` holds mappings with `at` and
    `total_cents`, `lists` maps a list to `subscribed` or `unsubscribed`, `payload` is the entry event.
    """

    contact: Mapping[str, Any]
    now: Instant
    fields: Mapping[str, Any] = field(default_factory=dict)
    orders: Sequence[Mapping[str, Any]] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)

    def ago(self, duration: str) -> Instant:
        """The instant a duration before now, by the calendar of UTC."""
        return Duration.parse(duration).before(self.now)
