"""From what is known of a contact to where it may be: the zones, and the countries and states whose hours count.

A number says where it was given out. Its owner may have moved, so it is one clue among others, and all of them count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS
from phonenumbers.tzdata import TIMEZONE_DATA

from conductor_dsl.program.calendar import zone_named
from conductor_dsl.shared.hour_book import HourBook

NORTH_AMERICA = "1"
AREA = len("+1717")
"""How much of a number with the country code 1 tells its area."""
PREFIX = len("+52664")
"""How much of any other number tells where it is from."""
MOBILES_HAVE_AREAS = ("52", "54", "55", "62")
"""Country codes where a mobile number, too, begins with the code of its area."""
NO_ZONE = "Etc/Unknown"


class Clues(NamedTuple):
    """What is known of a contact, each perhaps empty: how its number begins, its zone, its country and its state."""

    prefix: str
    zone: str
    country: str
    state: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contact may be; no `zones` if nothing tells. `regions` are countries (`US`) and states (`US-FL`)."""

    zones: tuple[str, ...]
    regions: frozenset[str]


def clues_to_place(clues: Clues, book: HourBook) -> Place:
    """Every zone and region that a clue speaks for.

    A contact may be in its own zone, else in those of its state, and where its number belongs. A number that belongs to
    a whole country tells nothing more where any of these is known.
    """
    area, named = _states_of_area(clues.prefix, book), _named_states(clues, book)
    own = (clues.zone,) if zone_named(clues.zone) else _zones_of_states(named - area, book)
    nearest = (*own, *area_zones(clues.prefix)) or _zones_of_states(named, book) or country_zones(clues.prefix)
    return Place(tuple(sorted(set(nearest))), area | named | _countries(clues, area | named))


def _named_states(clues: Clues, book: HourBook) -> frozenset[str]:
    """The states that the contact's field may mean."""
    told, country = clues.state.strip().lower(), clues.country.upper()
    found = book.states.get(told.removeprefix("us-").removeprefix("ca-"), ())
    return frozenset(state for state in found if country in ("", state[:2]))


def _states_of_area(prefix: str, book: HourBook) -> frozenset[str]:
    return frozenset(book.area_codes.get(prefix[2:AREA], ()) if prefix.startswith("+1") else ())


def _countries(clues: Clues, states: Iterable[str]) -> frozenset[str]:
    """The countries of the states, of the field and of the number."""
    told, code = clues.country.upper(), _country_code(clues.prefix)
    found = {state[:2] for state in states} | ({told} & SUPPORTED_REGIONS)
    if code and not (code == NORTH_AMERICA and found):
        found.add(COUNTRY_CODE_TO_REGION_CODE[int(code)][0])
    return frozenset(found)


def _country_code(prefix: str) -> str:
    """The country code with which a number begins; empty for what is no number."""
    digits = prefix.removeprefix("+") if prefix.startswith("+") else ""
    starts = (digits[:length] for length in (1, 2, 3) if len(digits) >= length)
    return next((start for start in starts if start.isdigit() and int(start) in COUNTRY_CODE_TO_REGION_CODE), "")


@cache
def area_zones(prefix: str) -> tuple[str, ...]:
    """The zones of the area to which a number that begins so belongs; none where mobile numbers have no area."""
    code, digits = _country_code(prefix), prefix[1:]
    if code == NORTH_AMERICA:
        return _zones_under(digits[: AREA - 1], code)
    return _zones_under(digits, code) if code in MOBILES_HAVE_AREAS else ()


def country_zones(prefix: str) -> tuple[str, ...]:
    """The zones of the whole country of a number."""
    return tuple(zone for zone in TIMEZONE_DATA.get(_country_code(prefix), ()) if zone != NO_ZONE)


def _zones_under(digits: str, code: str) -> tuple[str, ...]:
    """The zones of every number that begins with these digits; none if nothing longer than a country code tells."""
    lengths = range(len(digits), len(code), -1)
    above = next((TIMEZONE_DATA[digits[:length]] for length in lengths if digits[:length] in TIMEZONE_DATA), ())
    below = (zone for start, zones in TIMEZONE_DATA.items() if start.startswith(digits) for zone in zones)
    return tuple(sorted({*above, *below} - {NO_ZONE}))


def _zones_of_states(states: frozenset[str], book: HourBook) -> tuple[str, ...]:
    areas = (area for area, found in book.area_codes.items() if states.intersection(found)) if states else ()
    return tuple({zone for area in areas for zone in area_zones(f"+1{area}")})
