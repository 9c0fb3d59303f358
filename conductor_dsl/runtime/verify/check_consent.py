"""Promises to people: after an opt-out no message is written, and after the end of a run none leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conductor_dsl.program.states import IntentState, RunState
from conductor_dsl.runtime.verify.nouns import MessagePast, Past, Rules, WordPast
from conductor_dsl.shared.clock import Instant
from conductor_dsl.store.consents import UNSUBSCRIBED
from conductor_dsl.store.tables import EVERY_LIST, EVERY_TEXT, NO_LIST, UNDECIDED_TEXT, texts_from


def opt_outs_are_kept(past: Past, rules: Rules) -> Iterator[str]:
    """No message is written after an opt-out was stored; what was on its way then is through within the lease."""
    for message in past.messages:
        if message.list == NO_LIST:
            continue
        if _stays_away(past.words, message, message.created_at, rules.slack):
            yield f"{message}: it was written after the contact had opted out"
        for attempt in past.acceptances(message):
            if _stays_away(past.words, message, attempt.at, rules.lease):
                yield f"{message}: it was accepted long after the contact had opted out"


def exits_are_kept(past: Past, rules: Rules) -> Iterator[str]:
    """Once a run has been ended from outside, what it had not sent yet stays."""
    exited = {(run.conversation, run.entry): run.ended_at for run in past.runs if run.state == RunState.EXITED}
    for message in past.messages:
        ended_at = exited.get((message.conversation, message.entry))
        # A run that ends by itself in the pass that wrote the message lets it go out.
        if ended_at is None or ended_at <= message.created_at:
            continue
        if message.state == IntentState.READY:
            yield f"{message}: it is still to leave, though its run was ended"
        if any(attempt.at > ended_at + rules.lease for attempt in past.acceptances(message)):
            yield f"{message}: it was accepted long after its run was ended"


def _stays_away(words: Sequence[WordPast], message: MessagePast, at: Instant, slack: int) -> bool:
    """Whether the contact had left well before an instant, and no yes was stored about then either."""
    return _has_left(words, message, at - slack) and _has_left(words, message, at + slack)


def _has_left(words: Sequence[WordPast], message: MessagePast, at: Instant) -> bool:
    """Whether by the words stored before an instant the contact has left the list, or what stands for many of them."""
    known = [word for word in words if _was_known(word, at)]
    own = _latest(known, message.list)
    if own is not None and own.action == UNSUBSCRIBED:
        return True
    texts = (EVERY_TEXT, UNDECIDED_TEXT, texts_from(message.sender)) if message.channel == "sms" else ()
    wholes = [_latest(known, whole) for whole in (EVERY_LIST, *texts)]
    left = [whole for whole in wholes if whole is not None and whole.action == UNSUBSCRIBED]
    return any(own is None or own.at <= whole.at for whole in left)


def _latest(words: Sequence[WordPast], list_: str) -> WordPast | None:
    said = [word for word in words if word.list == list_]
    return max(said, key=lambda word: (word.at, word.action == UNSUBSCRIBED), default=None)


def _was_known(word: WordPast, at: Instant) -> bool:
    return word.stored_at is not None and word.stored_at < at
