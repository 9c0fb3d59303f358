"""Windows: from when and until when a message may go out, once for each place or zone of the batch.

A text that advertises goes out only where all agree: the script's window, the hours of the country and of the state, by
the clock of every zone in which the contact may be. Other messages know the script's window alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from conductor_dsl.language.flow import Settings
from conductor_dsl.program.calendar import known_zone
from conductor_dsl.program.json_sql import json_word
from conductor_dsl.program.operations import Send
from conductor_dsl.program.states import Lane, Reason
from conductor_dsl.runtime.clues_to_place import AREA, PREFIX, Clues, Place, clues_to_place
from conductor_dsl.runtime.operate.frame import Frame
from conductor_dsl.shared.clock import DAY, Instant
from conductor_dsl.shared.hour_book import UNKNOWN
from conductor_dsl.shared.hours import Rule, daily, next_opening
from conductor_dsl.shared.rules import Rules
from conductor_dsl.shared.wall_clock import window_at
from conductor_dsl.store.batches import batch, fill, led_by, opening
from conductor_dsl.store.tables import contact

FAR = 3_650 * DAY
SEPARATOR = "|"
Window = tuple[str, Instant, Instant, str | None]
"""A row of `opening`: never is from now until now."""


def find_windows(frame: Frame, step: int, send: Send, address: sa.ColumnElement[str]) -> sa.Column[Any]:
    """Fill `opening` for the rows at the step; returns the column of the batch by which they find theirs."""
    if is_bound(frame, send):
        if frame.noted != step:
            noted = sa.update(batch).where(frame.standing_at(step), contact.c.id == led_by(batch.c.contact_id))
            frame.connection.execute(noted.values(place=clues_of(address)))
        fill(frame.connection, opening, [_window_of(frame, place) for place in frame.values_of(batch.c.place, step)])
        return batch.c.place
    fill(frame.connection, opening, [_own_window(frame, send, zone) for zone in frame.zones])
    return batch.c.zone


def is_bound(frame: Frame, send: Send) -> bool:
    """Whether the hours of the law hold for a message: texts that were not asked for one by one."""
    is_text = send.channel == "sms" and send.url is None
    return is_text and frame.loaded.lane is not Lane.TRANSACTIONAL and bool(frame.rules.hours.regions)


def _own_window(frame: Frame, send: Send, zone: str) -> Window:
    """The script's window in a zone; a program may be called at any hour."""
    settings, now = frame.loaded.flow.settings, frame.now
    if settings.opens is None or settings.closes is None or send.url is not None:
        return zone, now, now + FAR, None
    at, until = window_at(now, settings.opens, settings.closes, zone)
    return zone, at, until, Reason.QUIET_HOURS.value if at > now else None


def clues_of(address: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """What is known of where a contact is, as one text, the fields of `Clues` in order."""
    north_american = sa.func.substr(address, 1, 2) == "+1"
    prefix = sa.case((north_american, sa.func.substr(address, 1, AREA)), else_=sa.func.substr(address, 1, PREFIX))
    fields = sa.case((contact.c.fields != "{}", contact.c.fields))
    told = [json_word(fields, sa.literal(name, sa.Text)) for name in ("country", "state")]
    first, *rest = (sa.func.coalesce(clue, "") for clue in (prefix, contact.c.zone, *told))
    joined: sa.ColumnElement[str] = first
    for clue in rest:
        joined = joined + SEPARATOR + clue
    return joined


def _window_of(frame: Frame, place: str) -> Window:
    clues = Clues(*place.split(SEPARATOR, 3))
    for rules in _ways(clues, frame.rules, frame.loaded.flow.settings):
        found = next_opening(rules, frame.now)
        if found is not None:
            return place, *found, _held_by(rules, frame.now) if found[0] > frame.now else None
    return place, frame.now, frame.now, Reason.NO_WINDOW.value


def _held_by(rules: tuple[Rule, ...], now: Instant) -> str:
    """Which rule is closed now, the script's own first."""
    for rule in rules:
        if not rule.is_open(now):
            return Reason.HOLIDAY.value if rule.is_holiday(now) else rule.reason
    return Reason.VALIDITY_TOO_SHORT.value


@lru_cache(maxsize=20_000)
def _ways(clues: Clues, rules: Rules, settings: Settings) -> tuple[tuple[Rule, ...], ...]:
    """What must agree for a contact; a second way, for safe hours only, where nobody knows the zone and none does."""
    place, book = clues_to_place(clues, rules.hours), rules.hours
    substitute = known_zone(clues.zone, settings.zone) if settings.contact_zone else settings.zone
    anywhere = Place((substitute,), place.regions or frozenset({rules.country}))
    safe = (Rule(book.regions[UNKNOWN], substitute, Reason.ZONE_UNKNOWN.value),) if UNKNOWN in book.regions else ()
    ways = [tuple(_rules(place, rules, settings))] if place.zones else []
    if not clues.zone or not place.zones:
        ways.append((*_rules(anywhere, rules, settings), *safe))
    return tuple(ways)


def _rules(place: Place, rules: Rules, settings: Settings) -> Iterator[Rule]:
    if settings.opens is not None and settings.closes is not None:
        own = daily(*(int(clock[:2]) * 60 + int(clock[3:]) for clock in (settings.opens, settings.closes)))
        for zone in place.zones if settings.contact_zone else (settings.zone,):
            yield Rule(own, zone, Reason.QUIET_HOURS.value)
    for region, hours in rules.hours.of(place.regions):
        for zone in place.zones:
            yield Rule(hours, zone, (Reason.STATE_WINDOW if "-" in region else Reason.QUIET_HOURS).value)
