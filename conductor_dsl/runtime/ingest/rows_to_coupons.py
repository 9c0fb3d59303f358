"""From rows to coupon codes of a pool."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from conductor_dsl.runtime.ingest.cell_to_value import key_in, shown, text_in, text_to_date, text_to_instant
from conductor_dsl.runtime.ingest.nouns import BadRow, ImportOptions
from conductor_dsl.shared.clock import Instant, from_datetime, to_datetime
from conductor_dsl.store.coupons import add_coupons
from conductor_dsl.store.tables import NEVER

REQUIRED = ("code",)
KNOWN = (*REQUIRED, "expires_at")
LONGEST_CODE = 64
_CODE = re.compile(rf"[!-~]{{1,{LONGEST_CODE}}}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Coupon(NamedTuple):
    """A code as a row tells it; a tuple, for there are many.

    `expires_at` is the first instant at which it is worth nothing, `last_day` the day before that, by the shop's clock.
    """

    code: str
    pool: str
    expires_at: Instant
    last_day: str | None


def row_to_coupon(values: dict[str, object], options: ImportOptions, now: Instant) -> Coupon:
    """A code from the columns of a row; raises BadRow.

    A code has to survive being read out, typed and put into a text message, so it is plain letters, digits and signs
    without a space. It expires at an instant, or at the end of a day.
    """
    code, expires = key_in(values, "code"), text_in(values, "expires_at")
    if _CODE.fullmatch(code) is None:
        what = f"longer than {LONGEST_CODE} characters" if len(code) > LONGEST_CODE else "not one plain word"
        raise BadRow(f"`code` {shown(code)} is {what}; letters, digits and signs fit, without spaces")
    if not expires:
        return Coupon(code, options.pool, NEVER, None)
    expires_at = _end(expires, options.zone)
    if expires_at <= now:
        raise BadRow(f"`code` {shown(code)} has expired already, at {shown(expires)}")
    last_day = to_datetime(expires_at - 1).astimezone(ZoneInfo(options.zone)).date()
    return Coupon(code, options.pool, expires_at, last_day.isoformat())


def _end(text: str, zone: str) -> Instant:
    """The instant from which on a code is worth nothing."""
    if _DAY.fullmatch(text) is None:
        return text_to_instant("expires_at", text, zone)
    after = date.fromisoformat(text_to_date("expires_at", text)) + timedelta(days=1)
    return from_datetime(datetime.combine(after, time(), ZoneInfo(zone)))


def store_coupons(
    connection: sa.Connection,
    numbered: list[tuple[int, Coupon]],
    now: Instant,  # noqa: ARG001 - as for the other kinds
) -> tuple[int, dict[int, str]]:
    """Add to the pool; how many codes were new or have another expiry, and the reasons for rejected ones by number."""
    last = {each.code: (number, each) for number, each in numbered}
    stored, taken = add_coupons(connection, [(number, *each) for number, each in last.values()])
    pools = {each.code: taken[number] for number, each in last.values() if number in taken}
    reason = "the code belongs to the pool {} already"
    return stored, {n: reason.format(shown(pools[each.code])) for n, each in numbered if each.code in pools}
