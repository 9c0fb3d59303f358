"""A table of what happened at every step of a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.programs import Loaded
from conductor_dsl.runtime.words import in_words
from conductor_dsl.store.connect import Connection
from conductor_dsl.store.summaries import RunCount, StepCount, run_counts, step_counts


def conversation_table(connection: Connection, loaded: Loaded) -> str:
    """The conversation with its steps, what happened at each, and how its runs stand."""
    steps = step_counts(connection, loaded.conversation_id)
    runs = run_counts(connection, loaded.conversation_id)
    rows = [*_step_rows(loaded, steps), *_run_rows(loaded, runs)]
    entered = sum(count.count for count in runs)
    if not entered:
        return f"{loaded.flow.name}: nobody has entered yet\n"
    return table(f"{loaded.flow.name}: {entered:,} entered", rows)


def table(title: str, rows: list[tuple[str, str, str]]) -> str:
    """Rows of (name, count, what) in columns under a title, with an empty line behind them."""
    return "\n".join([title, "─" * len(title), *_aligned(rows), ""])


def _step_rows(loaded: Loaded, counts: Iterable[StepCount]) -> Iterator[tuple[str, str, str]]:
    """(step, count, what happened), a step's name only on its first row."""
    names = {step.number: step.name for step in loaded.flow.steps}
    shown = None
    # Who had to wait is among those who were sent to, and so stands behind what adds up.
    for count in sorted(counts, key=lambda each: (each.step, each.what == HistoryKind.DEFERRED, *_largest(each))):
        name = names.get(count.step, f"step {count.step}")
        yield ("" if name == shown else name, f"{count.count:,}", in_words(count.what, count.reason))
        shown = name


def _run_rows(loaded: Loaded, counts: Iterable[RunCount]) -> Iterator[tuple[str, str, str]]:
    for place, count in enumerate(sorted(counts, key=_largest)):
        yield ("in the end" if place == 0 else "", f"{count.count:,}", _ending(loaded, count))


def _ending(loaded: Loaded, count: RunCount) -> str:
    told = in_words(count.state, count.reason)
    if count.step is None or count.step >= len(loaded.flow.steps):
        return told
    return f"{told} at `{loaded.flow.steps[count.step].name}`"


def _largest(count: StepCount | RunCount) -> tuple[int, str]:
    """Sorts by size, and those of one size in the same way every time."""
    return -count.count, count.reason or ""


def _aligned(rows: list[tuple[str, str, str]]) -> list[str]:
    first = max((len(row[0]) for row in rows), default=0)
    second = max((len(row[1]) for row in rows), default=0)
    return [f"{name:<{first}}  {count:>{second}}  {what}".rstrip() for name, count, what in rows]
