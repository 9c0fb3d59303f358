"""Promises about runs: none is lost, none is counted twice, a contact has one at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from conductor_dsl.program.states import RunState
from conductor_dsl.runtime.verify.nouns import MessagePast, Past, Rules, RunPast
from conductor_dsl.store.tables import SYSTEM

ENDED = (RunState.COMPLETED, RunState.EXITED)
STATES = tuple(state.value for state in RunState)


def no_run_is_lost(past: Past, _rules: Rules) -> Iterator[str]:
    """An open run has something to wake it: a due instant, or an open message that holds it."""
    for run in past.runs:
        if run.state == RunState.ACTIVE and run.due_at is None:
            yield f"{_name(run)}: nothing will ever make it go on"
        if run.state == RunState.HELD and not any(message.settled_at is None for message in _messages(past, run)):
            yield f"{_name(run)}: it is held, though none of its messages is open"
    known = {(run.conversation, run.entry) for run in past.runs}
    for message in past.messages:
        if message.conversation != SYSTEM and (message.conversation, message.entry) not in known:
            yield f"{message}: there is a message, but no run"


def counts_add_up(past: Past, rules: Rules) -> Iterator[str]:
    """Every entry is in exactly one state, and the columns say the same as the state.

    The first ones may have been deleted, if anything ever was.
    """
    for entries in _by_conversation(past).values():
        first = 1 if rules.horizon is None else entries[0].entry
        if [run.entry for run in entries] != list(range(first, first + len(entries))):
            yield f"{_name(entries[-1])}: of entries {first} to {entries[-1].entry} there are {len(entries)}"
    for run in past.runs:
        if run.state not in STATES:
            yield f"{_name(run)}: `{run.state}` is no state"
        elif (run.state in ENDED) != (run.ended_at is not None):
            yield f"{_name(run)}: it is `{run.state}`, and has {'an' if run.ended_at else 'no'} end"
        elif run.state != RunState.ACTIVE and run.due_at is not None:
            yield f"{_name(run)}: it is `{run.state}`, yet due"


def one_run_at_a_time(past: Past, rules: Rules) -> Iterator[str]:
    """A run of a conversation begins only after the one before has ended, by the clocks of those who wrote so."""
    for entries in _by_conversation(past).values():
        for earlier, later in pairwise(entries):
            if earlier.ended_at is None or earlier.ended_at > later.entered_at + rules.slack:
                yield f"{_name(later)}: it began before entry {earlier.entry} had ended"


def _by_conversation(past: Past) -> dict[int, list[RunPast]]:
    found: dict[int, list[RunPast]] = defaultdict(list)
    for run in sorted(past.runs, key=lambda run: run.entry):
        found[run.conversation].append(run)
    return found


def _messages(past: Past, run: RunPast) -> Iterator[MessagePast]:
    for message in past.messages:
        if (message.conversation, message.entry) == (run.conversation, run.entry):
            yield message


def _name(run: RunPast) -> str:
    return f"contact {run.contact}, conversation {run.conversation}, entry {run.entry}"


def missing_entries(past: Past) -> dict[int, int]:
    """How many runs of each conversation came before the first one that is there."""
    return {conversation: entries[0].entry - 1 for conversation, entries in _by_conversation(past).items()}
