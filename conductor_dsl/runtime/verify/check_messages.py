"""Promises about messages, judged by what the providers say they were given: once, the same bytes, in time."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.program.states import UNSETTLED, IntentState
from conductor_dsl.runtime.verify.nouns import Past, Rules

TAKEN = (IntentState.ACCEPTED, IntentState.DELIVERED, IntentState.UNDELIVERED)
UNKNOWN = (IntentState.SENDING, IntentState.AMBIGUOUS)
"""Whether such a message was accepted is not known yet, so either is right."""


def no_message_is_stuck(past: Past, _rules: Rules) -> Iterator[str]:
    """An open message is waiting to leave, on its way under a lease, or known to be ambiguous."""
    for message in past.messages:
        if (message.settled_at is None) != (message.state in UNSETTLED):
            yield f"{message}: it is `{message.state}`, and {'not ' if message.settled_at is None else ''}settled"
        if message.state == IntentState.SENDING and message.lease_until is None:
            yield f"{message}: it is being sent, but by nobody"


def what_was_accepted_is_known(past: Past, _rules: Rules) -> Iterator[str]:
    """The database and the provider tell the same story."""
    for message in past.messages:
        if past.was_decided(message):
            continue
        accepted = bool(past.acceptances(message))
        if message.state in TAKEN and not accepted:
            yield f"{message}: it is `{message.state}`, but its provider never accepted it"
        if accepted and message.state not in (*TAKEN, *UNKNOWN):
            yield f"{message}: its provider accepted it, but it is `{message.state}`"


def nothing_is_doubled(past: Past, _rules: Rules) -> Iterator[str]:
    """A key is accepted at most once; nothing is excused but what people have sent once more."""
    for message in past.messages:
        count = len(past.acceptances(message))
        if count > 1 and not past.was_decided(message):
            yield f"{message}: its provider accepted it {count} times"


def every_attempt_is_the_same(past: Past, _rules: Rules) -> Iterator[str]:
    """Every attempt at a message has the same bytes, and goes where the intent says."""
    for message in past.messages:
        attempts = (past.log or {}).get(message.key, ())
        if len({attempt.digest for attempt in attempts}) > 1:
            yield f"{message}: its {len(attempts)} attempts were not the same message"
        # Of somebody who was erased the address is not kept.
        if message.address and any(attempt.address != message.address for attempt in attempts):
            yield f"{message}: it went to another address than was decided"


def nothing_is_late(past: Past, _rules: Rules) -> Iterator[str]:
    """Nothing is accepted after its time to live, or after the window has closed."""
    for message in past.messages:
        for attempt in past.acceptances(message):
            if attempt.at > message.expires_at:
                yield f"{message}: it was accepted {attempt.at - message.expires_at} ms after it had expired"
