"""A table of what is left in the pools of coupon codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from conductor_dsl.cli.step_table import table
from conductor_dsl.language.vocabulary import CouponPool
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.connect import Connection
from conductor_dsl.store.coupons import PoolCount, known_pools, pool_counts


def pool_table(connection: Connection, pools: Mapping[str, CouponPool], now: Instant) -> str | None:
    """How many codes each pool has left, those of the settings and those that have codes; None where there are none."""
    names = {*pools, *known_pools(connection)}
    cutoffs = {name: pools[name].cutoff if name in pools else "0d" for name in names}
    counts = pool_counts(connection, {name: Duration.parse(each).after(now) for name, each in cutoffs.items()})
    return table("Coupon codes", list(_rows(counts))) if counts else None


def _rows(counts: Iterable[PoolCount]) -> Iterator[tuple[str, str, str]]:
    for count in counts:
        yield count.pool, f"{count.left:,}", "left"
        if count.given:
            yield "", f"{count.given:,}", "given"
        if count.expired:
            yield "", f"{count.expired:,}", "not given, and too old by now"
