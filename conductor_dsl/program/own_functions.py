"""SQL functions of our own, for what databases do each in their way: calendars, zones and the case of letters.

SQLite calls `program.calendar` and `program.fold`; PostgreSQL has the same written out below, as temporary functions
of each connection, so that nothing stays behind in the database. Tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from conductor_dsl.program.arithmetic import LARGEST, calculate
from conductor_dsl.program.calendar import (
    DAY_FORM,
    EARLIEST,
    FIRST_YEAR,
    LAST_YEAR,
    LATEST,
    day_of,
    gap,
    known_zone,
    moved_day,
    moved_instant,
)
from conductor_dsl.program.fold import capitals, fold


class cdx_day(GenericFunction[str]):  # noqa: N801  (SQL function names are lower case)
    """The date of an instant in a zone: `cdx_day(at, zone)`."""

    type = sa.Text()
    inherit_cache = True


class cdx_zone(GenericFunction[str]):  # noqa: N801
    """A zone, or another where nobody knows it: `cdx_zone(zone, fallback)`."""

    type = sa.Text()
    inherit_cache = True


class cdx_moved_day(GenericFunction[str]):  # noqa: N801
    """A date some time later: `cdx_moved_day(day, months, days)`."""

    type = sa.Text()
    inherit_cache = True


class cdx_moved_instant(GenericFunction[int]):  # noqa: N801
    """An instant some time later by a clock: `cdx_moved_instant(at, months, days, zone)`."""

    type = sa.BigInteger()
    inherit_cache = True


class cdx_gap(GenericFunction[int]):  # noqa: N801
    """Whole units between two dates: `cdx_gap(unit, start, end)`."""

    type = sa.Integer()
    inherit_cache = True


class cdx_calc(GenericFunction[float]):  # noqa: N801
    """Two numbers put together: `cdx_calc(op, left, right)`."""

    type = sa.Float()
    inherit_cache = True


class cdx_fold(GenericFunction[str]):  # noqa: N801
    """A text in small letters: `cdx_fold(text)`."""

    type = sa.Text()
    inherit_cache = True


class text_position(GenericFunction[int]):  # noqa: N801
    """Where a text begins inside another, from 1: `text_position(text, part)`; 0 where it does not."""

    type = sa.Integer()
    inherit_cache = True


SQLITE_FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "cdx_day": (2, day_of),
        "cdx_zone": (2, known_zone),
        "cdx_moved_day": (3, moved_day),
        "cdx_moved_instant": (4, moved_instant),
        "cdx_gap": (3, gap),
        "cdx_calc": (3, calculate),
        "cdx_fold": (1, fold),
    }
)
"""What a new connection to SQLite must learn: the number of arguments, and the function."""


def _temporary(function: Any) -> None:
    """Let PostgreSQL call a function by the schema in which temporary things are."""

    @compiles(function, "postgresql")
    def process(element: Any, compiler: Any, **options: Any) -> str:
        return f"pg_temp.{element.name}({compiler.process(element.clauses, **options)})"


for _function in (cdx_day, cdx_zone, cdx_moved_day, cdx_moved_instant, cdx_gap, cdx_calc, cdx_fold):
    _temporary(_function)


@compiles(text_position, "sqlite")
def _position_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(text_position, "postgresql")
def _position_pg(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def _function_pg(name: str, arguments: str, returns: str, declared: str, body: str) -> str:
    """A function whose answer is NULL where an argument is, or where anything fails."""
    return (
        f"CREATE OR REPLACE FUNCTION pg_temp.{name}({arguments}) RETURNS {returns} LANGUAGE plpgsql STABLE STRICT AS "
        f"$function$ DECLARE {declared} BEGIN {body} EXCEPTION WHEN OTHERS THEN RETURN NULL; END $function$"
    )


_IN_RANGE = f"BETWEEN {EARLIEST} AND {LATEST}"
_IS_DAY = f"~ '^{DAY_FORM}$'"

_CALENDAR_PG = (
    _function_pg(
        "cdx_day",
        "at double precision, zone text",
        "text",
        "",
        f"""
        IF at NOT {_IN_RANGE} THEN RETURN NULL; END IF;
        RETURN to_char(to_timestamp(floor(at) / 1000.0) AT TIME ZONE zone, 'YYYY-MM-DD');
        """,
    ),
    _function_pg(
        "cdx_moved_day",
        "day text, months integer, days integer",
        "text",
        "later timestamp;",
        f"""
        IF NOT day {_IS_DAY} THEN RETURN NULL; END IF;
        later := CAST(day AS date) + make_interval(months => months) + make_interval(days => days);
        IF extract(year FROM later) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN RETURN NULL; END IF;
        RETURN to_char(later, 'YYYY-MM-DD');
        """,
    ),
    # PostgreSQL takes the second of two times that read alike, we the first: that by the offset of the day before.
    _function_pg(
        "cdx_moved_instant",
        "at double precision, months integer, days integer, zone text",
        "bigint",
        "wall timestamp; later timestamptz; earlier timestamptz; result bigint;",
        f"""
        IF at NOT {_IN_RANGE} THEN RETURN NULL; END IF;
        wall := (to_timestamp(floor(at) / 1000.0) AT TIME ZONE zone)
            + make_interval(months => months) + make_interval(days => days);
        later := wall AT TIME ZONE zone;
        earlier := (wall - (((later - interval '1 day') AT TIME ZONE zone)
            - ((later - interval '1 day') AT TIME ZONE 'UTC'))) AT TIME ZONE 'UTC';
        IF earlier < later AND earlier AT TIME ZONE zone = wall THEN later := earlier; END IF;
        result := round(extract(epoch FROM later) * 1000);
        RETURN CASE WHEN result {_IN_RANGE} THEN result END;
        """,
    ),
    _function_pg(
        "cdx_gap",
        'unit text, start text, "end" text',
        "integer",
        "first date; last date; sign integer := 1; months integer;",
        f"""
        IF NOT start {_IS_DAY} OR NOT "end" {_IS_DAY} THEN RETURN NULL; END IF;
        first := least(CAST(start AS date), CAST("end" AS date));
        last := greatest(CAST(start AS date), CAST("end" AS date));
        IF CAST("end" AS date) < CAST(start AS date) THEN sign := -1; END IF;
        IF unit IN ('days', 'weeks') THEN
            RETURN sign * ((last - first) / CASE unit WHEN 'weeks' THEN 7 ELSE 1 END);
        END IF;
        months := (extract(year FROM last) - extract(year FROM first)) * 12
            + extract(month FROM last) - extract(month FROM first);
        IF first + make_interval(months => months) > last THEN months := months - 1; END IF;
        RETURN sign * (months / CASE unit WHEN 'years' THEN 12 ELSE 1 END);
        """,
    ),
)


_CALC_PG = (
    'CREATE OR REPLACE FUNCTION pg_temp.cdx_calc(op text, "left" double precision, "right" double precision) '
    "RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $function$ DECLARE result double precision; BEGIN "
    'IF "left" IS NULL AND "right" IS NULL THEN RETURN NULL; END IF; '
    "result := CASE op "
    """WHEN '+' THEN coalesce("left", 0) + coalesce("right", 0) """
    """WHEN '-' THEN coalesce("left", 0) - coalesce("right", 0) """
    """WHEN '*' THEN "left" * "right" """
    """WHEN '/' THEN "left" / nullif("right", 0) END; """
    f"RETURN CASE WHEN abs(result) <= {LARGEST} THEN result END; "
    "EXCEPTION WHEN OTHERS THEN RETURN NULL; END $function$"
)


def postgresql_functions() -> tuple[str, ...]:
    """The statements by which a new connection to PostgreSQL learns them."""
    large, small = capitals()
    # Most texts are of ASCII alone, which is quicker.
    folded = (
        "CREATE OR REPLACE FUNCTION pg_temp.cdx_fold(word text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS "
        '$function$ SELECT CASE WHEN octet_length(word) = length(word) THEN lower(word COLLATE "C") '
        f"ELSE translate(word, '{large}', '{small}') END $function$"
    )
    zone = (
        "CREATE OR REPLACE FUNCTION pg_temp.cdx_zone(zone text, fallback text) RETURNS text LANGUAGE plpgsql STABLE AS "
        "$function$ BEGIN RETURN CASE WHEN now() AT TIME ZONE zone IS NULL THEN fallback ELSE zone END; "
        "EXCEPTION WHEN OTHERS THEN RETURN fallback; END $function$"
    )
    return (*_CALENDAR_PG, _CALC_PG, folded, zone)
