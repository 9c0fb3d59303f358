"""A contact file for people: who it is, what it agreed to, what is closed, what was sent, and why something was not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conductor_dsl.language.report.look import printable
from conductor_dsl.runtime.words import in_words

Row = Mapping[str, Any]


def contact_in_words(held: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a contact file, see `runtime.contact_file`."""
    own = held["contact"]
    yield printable(str(own["key"]))
    blocks = {
        "is": [(name, str(own[name])) for name in ("first_name", "last_name", "zone") if own[name]]
        + [(name, f"{own[name]} ({own[f'{name}_state']})") for name in ("email", "mobile") if own[name]]
        + [(name, str(value)) for name, value in own["fields"].items() if value is not None],
        "lists": [(row["list"], f"{row['state']} since {row['since_at']}") for row in _rows(held, "membership")],
        "has said": [(row["at"], _said(row)) for row in _rows(held, "consent", "at")],
        "is closed": [(row["channel"], f"since {row['at']}: {row['reason']}") for row in _rows(held, "suppression")],
        "addresses": [(row["at"], f"{row['channel']}: {row['mark']}") for row in _rows(held, "address_mark", "at")],
        "conversations": [(row["entered_at"], _passed(row)) for row in _rows(held, "run", "entered_at")],
        "messages": [(row["created_at"], _sent(row)) for row in _rows(held, "intent", "created_at")],
        "history": [(row["at"], _told(row)) for row in _rows(held, "history", "at")],
    }
    for title, rows in blocks.items():
        yield from _block(title, rows)


def _rows(held: Mapping[str, Any], table: str, order: str = "") -> list[Row]:
    rows: list[Row] = held.get(table, [])
    return sorted(rows, key=lambda row: str(row[order])) if order else rows


def _block(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    told = list(rows)
    if told:
        width = max(len(first) for first, _ in told)
        yield from ("", title)
        yield from (f"    {printable(first):<{width}}  {printable(second)}" for first, second in told)


def _said(row: Row) -> str:
    """A word of the ledger with where it comes from, what was shown, and the proof."""
    parts = [f"by {row['source']}"] if row["source"] else []
    parts += [f"shown: {row['shown_text']}"] if row["shown_text"] else []
    parts += [f"proof: {row['proof']}"] if row["proof"] else []
    return "; ".join([f"{row['action']} {row['list']}", *parts])


def _passed(row: Row) -> str:
    ended = f", until {row['ended_at']}: {row['reason']}" if row["ended_at"] else ""
    return f"{_place(row)}: {in_words(row['state'])}{ended}"


def _sent(row: Row) -> str:
    what = row.get("subject") or row.get("text", "")
    return f"{_place(row)}, {row['channel']} to {row['address']}: {in_words(row['state'], row['reason'])}: {what}"


def _told(row: Row) -> str:
    return f"{_place(row)}: {in_words(row['kind'], row['reason'])}"


def _place(row: Row) -> str:
    """The conversation and the step; the engine's own answers have neither."""
    return ", ".join(row[name] for name in ("conversation", "step_name") if name in row) or "Conductor"
