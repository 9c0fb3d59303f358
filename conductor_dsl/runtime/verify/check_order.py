"""Promises about order: a step begins when the one before it is settled, and nothing leaves before its wait ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from conductor_dsl.program.states import HistoryKind
from conductor_dsl.runtime.operate.hold import end_of_wait
from conductor_dsl.runtime.verify.nouns import MessagePast, Past, Rules, Wait, WaitPast
from conductor_dsl.shared.clock import HOUR, Instant

SHIFT = 2 * HOUR
"""The most by which daylight saving shortens a wait."""


def steps_are_in_order(past: Past, _rules: Rules) -> Iterator[str]:
    """A message of a run is written only after the one before it has its verdict."""
    by_run: dict[tuple[int, int], list[MessagePast]] = defaultdict(list)
    for message in past.messages:
        if not past.was_decided(message):
            by_run[message.conversation, message.entry].append(message)
    for messages in by_run.values():
        ordered = sorted(messages, key=lambda each: (each.created_at, each.visit, each.step))
        for earlier, later in pairwise(ordered):
            if earlier.settled_at is None or earlier.settled_at > later.created_at:
                yield f"{later}: it was written before the message of step {earlier.step} was settled"


def waits_are_kept(past: Past, rules: Rules) -> Iterator[str]:
    """No message is written while its run waits, and no run waits for an event in vain before its time is up."""
    for begun in past.waits:
        awaited = rules.awaited.get((begun.conversation, begun.step))
        if awaited:
            yield from _awaited(begun, past, awaited, rules.slack)
            continue
        end = _earliest_end(begun, past, rules.waits.get((begun.conversation, begun.step), ()))
        for message in past.messages:
            if (message.conversation, message.entry) == (begun.conversation, begun.entry) and (
                begun.at < message.created_at < end
                or (message.created_at == begun.at < end and message.step > begun.step)
            ):
                yield f"{message}: it was written {end - message.created_at} ms before its wait was over"


def _awaited(begun: WaitPast, past: Past, waits: Sequence[Wait], slack: int) -> Iterator[str]:
    """What is wrong with a wait for an event; an edit may have moved it to a step of another number."""
    run = (begun.conversation, begun.entry)
    answers = (each for each in past.answers if (each.conversation, each.entry) == run)
    # Who told of the event may have asked for the time a little earlier than the node that began to wait.
    near = (each for each in answers if begun.at - slack < each.at or begun.at == each.at)
    later = (each for each in near if begun.at < each.at or begun.step <= each.step)
    answer = min(later, key=lambda each: (each.at, each.step), default=None)
    for message in past.messages:
        is_later = (message.conversation, message.entry) == run and message.created_at > begun.at
        if is_later and (answer is None or message.created_at < answer.at):
            yield f"{message}: it was written while its run waited for an event"
    if answer is not None and answer.kind == HistoryKind.LATE:
        early = _earliest_end(begun, past, waits) - answer.at
        if early > 0:
            name = f"contact {begun.contact}, conversation {begun.conversation}, entry {begun.entry}, step {begun.step}"
            yield f"{name}: it gave up {early} ms before its time was up"


def _earliest_end(begun: WaitPast, past: Past, waits: Sequence[Wait]) -> Instant:
    """When a wait ended: the earliest of what any version says, for histories do not tell versions apart."""
    return min((_end(wait, begun.at, past) for wait in waits), default=begun.at)


def _end(wait: Wait, at: Instant, past: Past) -> Instant:
    if wait.hold.moment is not None:
        return at  # nobody knows any more which day the contact had
    if wait.zone is not None or past.updated_at <= at:
        return end_of_wait(wait.hold, at, wait.zone or past.zone or wait.fallback)
    # The contact has changed since, perhaps its zone too: a length of time differs little between zones, a time of day
    # differs by any length.
    return at if wait.hold.duration is None else end_of_wait(wait.hold, at, "UTC") - SHIFT
