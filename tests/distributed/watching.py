"""Hears every statement before it is executed, and notes which bring rows of different contacts together."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tests.distributed.crossings import crossings

ALLOWED: Mapping[str, str] = {
    "store/incoming.py: take_for_contacts": "an import knows people by the key of the shop, and asks every part for it",
    "store/runs.py: steps_in_use": "the agenda: which steps have runs that wait, and since when; each part has its own",
}
"""Where that is as it should be, and why. What reads one table by its due instant, as claims do, crosses nothing: each
part of the table answers for itself."""

Found = dict[str, set[str]]
"""By the function that executes it, what crosses."""


@contextmanager
def watched(engine: type[sa.Engine] | sa.Engine = sa.Engine) -> Iterator[tuple[Found, set[str]]]:
    """What crosses, while this is open, and the functions that executed anything; of one engine, or of all."""
    found: Found = defaultdict(set)
    heard: dict[tuple[str, Any], None] = {}
    functions: set[str] = set()

    def hear(_connection: object, statement: Any, *_: object) -> None:
        function = _executing()
        if function is None:
            return
        functions.add(function)
        key = statement._generate_cache_key() if isinstance(statement, sa.sql.ClauseElement) else None
        if key is None or (function, key.key) not in heard:
            if key is not None:
                heard[function, key.key] = None
            crossed = crossings(statement)
            if crossed:
                found[function].update(crossed)

    sa.event.listen(engine, "before_execute", hear)
    yield found, functions
    sa.event.remove(engine, "before_execute", hear)


def unexpected(found: Found) -> Found:
    """What crosses where nothing should."""
    return {function: crossed for function, crossed in found.items() if function not in ALLOWED}


def _executing() -> str | None:
    """The function of Conductor that executes the statement, with its module."""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        _, ours, module = frame.f_code.co_filename.rpartition("/conductor_dsl/")
        if ours and not module.endswith("insert_missing.py"):
            return f"{module}: {frame.f_code.co_name}"
        frame = frame.f_back
    return None
