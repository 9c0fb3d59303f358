"""Expectations about passes through a conversation, and what they leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conductor_dsl.program.states import HistoryKind, RunState
from conductor_dsl.runtime.rehearse.evidence import Evidence
from conductor_dsl.runtime.rehearse.nouns import Pass
from conductor_dsl.runtime.rehearse.values import formula_to_value
from conductor_dsl.runtime.words import in_words


def judge_entered(evidence: Evidence) -> str | None:
    """Somebody who entered, perhaps so often, perhaps by this thread."""
    thread, count = evidence.line.text("thread"), evidence.line.number("count")
    found = [each for each in evidence.passes if thread in (None, each.thread) and evidence.is_time(each.entered_at)]
    if found if count is None else len(found) == count:
        return None
    return _entries(evidence)


def judge_not_entered(evidence: Evidence) -> str | None:
    """Nobody who entered."""
    return _entries(evidence) if evidence.passes else None


def _entries(evidence: Evidence) -> str:
    entries = [
        f"entered `{each.conversation}` by thread `{each.thread}` {evidence.when(each.entered_at)}"
        for each in evidence.passes
    ]
    return "; ".join(entries) or "did not enter"


def judge_end(evidence: Evidence) -> str | None:
    """A pass that came to an end step."""
    return _judge_over(evidence, RunState.COMPLETED, evidence.line.text("reason"))


def judge_exit(evidence: Evidence) -> str | None:
    """A pass that was ended early."""
    event = evidence.line.text("event")
    return _judge_over(evidence, RunState.EXITED, f"exit on {event}" if event else evidence.line.text("reason"))


def _judge_over(evidence: Evidence, state: RunState, reason: str | None) -> str | None:
    for each in evidence.passes:
        if each.state == state and reason in (None, each.reason) and evidence.is_time(each.ended_at):
            return None
    return _ends(evidence, evidence.passes)


def _ends(evidence: Evidence, passes: Sequence[Pass]) -> str:
    """How passes came to their ends, or where they stand."""
    return "; ".join(_end(evidence, each) for each in passes) or "the contact did not enter"


def _end(evidence: Evidence, each: Pass) -> str:
    if each.ended_at is None:
        return f"still inside at `{each.step}`"
    return f"{in_words(each.state, each.reason)} {evidence.when(each.ended_at)}"


def judge_waiting(evidence: Evidence) -> str | None:
    """Somebody who waits, at a moment or at the end of the test."""
    after, step = evidence.after, evidence.line.text("step")
    passes = evidence.passes if after is None else evidence.here(evidence.seen.stood.get(after, ()))
    waiting = [each for each in passes if each.ended_at is None and step in (None, each.step)]
    return None if waiting else _ends(evidence, passes)


def judge_group(evidence: Evidence) -> str | None:
    """The way of a split."""
    group, split = evidence.line.text("group"), evidence.line.text("split")
    drawn = [note for note in evidence.notes if note.kind == HistoryKind.SPLIT and split in (None, note.step)]
    if any(note.reason == group for note in drawn):
        return None
    ways = (f"`{note.reason}` of `{note.step}`" for note in drawn)
    return "; ".join(dict.fromkeys(ways)) or "no split was reached"


def judge_field(evidence: Evidence) -> str | None:
    """The value of a field at the end."""
    name, wanted = evidence.line.text("field") or "", evidence.line.formula("value")
    found = evidence.seen.fields[evidence.key].get(name)
    if wanted is None:
        return None if found is None else f"`{name}` is {_shown(found)}"
    value = formula_to_value(wanted, evidence.scene.begins, evidence.zone)
    return None if found == value and isinstance(found, bool) == isinstance(value, bool) else _field(name, found)


def _field(name: str, found: Any) -> str:
    return f"`{name}` is missing" if found is None else f"`{name}` is {_shown(found)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def judge_consent(evidence: Evidence) -> str | None:
    """The latest word about a list."""
    name, action = evidence.line.text("list") or "", evidence.line.text("action")
    found = evidence.seen.lists.get((evidence.key, name))
    return None if found == action else f"{found or 'never agreed'} to `{name}`"


def judge_event(evidence: Evidence) -> str | None:
    """An event that a step let happen."""
    name = evidence.line.text("event")
    events = [(at, each) for at, key, each in evidence.seen.events if key == evidence.key]
    if any(each == name and evidence.is_time(at) for at, each in events):
        return None
    return "; ".join(f"`{each}` {evidence.when(at)}" for at, each in events) or "no event"
