"""The verdict: what the history checker says, who held what when, and what the nodes said."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import dispatch_key
from conductor_dsl.store.connect import secret_of

APART = 500
"""Milliseconds that the witness's clock may be behind the database's, by which leases go."""
_PLACE = "contact_id, conversation_id, entry_no, step, visit"
_TWICE_HELD = f"""
SELECT {_PLACE} FROM hold_record
WHERE node IS NOT NULL AND before_node IS NOT NULL AND before_node <> node AND before_until > until - {LEASE}
"""
"""Claims at an instant at which another node had the message still; a claim is for a lease from the clock's now."""
_ENDS = "SELECT before_node, at FROM hold_record WHERE before_node IS NOT NULL"
_CLAIMS = f"SELECT node, until, {_PLACE} FROM hold_record WHERE node IS NOT NULL"


def twice_held(connection: sa.Connection) -> list[str]:
    """The messages that a node claimed while another held them."""
    return [str(tuple(row)) for row in connection.execute(sa.text(_TWICE_HELD))]


def take_overs(
    connection: sa.Connection, deaths: Mapping[str, Instant], downs: Sequence[tuple[Instant, Instant]]
) -> list[tuple[int, int]]:
    """For each node that died with messages in its hands: after how many milliseconds others had the last of them.

    Without the time in which the database was down, and with it.
    """
    latest: dict[str, Instant] = {}
    for node, at in connection.execute(sa.text(_ENDS)):
        if node in deaths and at > deaths[node]:
            latest[node] = max(latest.get(node, 0), at)
    spans = [(deaths[node], at) for node, at in latest.items()]
    return sorted((end - begin - _down(begin, end, downs), end - begin) for begin, end in spans)


def _down(begin: Instant, end: Instant, downs: Sequence[tuple[Instant, Instant]]) -> int:
    """For how much of a span the database was down."""
    return sum(max(0, min(end, up) - max(begin, down)) for down, up in downs)


def strays(connection: sa.Connection, log: Path, nodes: Mapping[str, str]) -> list[str]:
    """The attempts of nodes at messages that they did not hold then; `nodes` are their names by those of lives."""
    claims: dict[tuple[str, str], list[int]] = defaultdict(list)
    secret = secret_of(connection)
    for node, until, *place in connection.execute(sa.text(_CLAIMS)):
        claims[node, dispatch_key(secret, *place)].append(until)
    for ends in claims.values():
        ends.sort()
    found = []
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            key, _, _, at, _, life = json.loads(line)
            ends = claims.get((nodes.get(life, ""), key), [])
            first = bisect_right(ends, at - 1)
            if first == len(ends) or ends[first] - LEASE > at + APART:
                found.append(f"{key} by life {life} at {at}")
    return found


def complaints(files: Iterable[Path]) -> tuple[dict[str, int], list[str]]:
    """How often the nodes told of trouble with the database and of its end, and the lines that must not be."""
    told: Counter[str] = Counter()
    wrong = []
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            told["trouble"] += line.startswith("error: the database failed")
            told["relief"] += line.startswith("it works again")
            if "Traceback" in line or line.startswith(("error: conductor itself", "Exception", "Fatal")):
                wrong.append(f"{path.name}: {line}")
    return dict(told), wrong
