"""States and reasons in the words of people who send messages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conductor_dsl.program.states import AWAITING, HistoryKind, IntentState, Reason, RunState

WORDS: Mapping[str, str] = MappingProxyType(
    {
        IntentState.READY: "about to be sent",
        IntentState.SENDING: "on their way",
        IntentState.ACCEPTED: "sent",
        IntentState.DELIVERED: "delivered",
        IntentState.UNDELIVERED: "accepted by the provider, and not delivered",
        IntentState.REJECTED: "refused by the provider",
        IntentState.AMBIGUOUS: "outcome unknown, held",
        IntentState.EXPIRED: "too late, not sent",
        IntentState.CANCELLED: "called back before sending",
        IntentState.DEAD: "given up after several tries",
        HistoryKind.SKIPPED: "not sent",
        HistoryKind.DEFERRED: "had to wait first",
        HistoryKind.WAITING: "began to wait",
        HistoryKind.QUARANTINED: "were set aside, for the step failed",
        HistoryKind.SPLIT: "went the way",
        HistoryKind.CAME: "what they waited for came",
        HistoryKind.LATE: "waited in vain",
        HistoryKind.HELD_OUT: "kept out for comparison",
        HistoryKind.ENLISTED: "said of the list",
        HistoryKind.STARTED: "began the conversation",
        HistoryKind.NOT_STARTED: "was not taken into the conversation",
        HistoryKind.NOTED: "the staff is told",
        HistoryKind.DECIDED: "decided",
        HistoryKind.COUPON: "got a code of the pool",
        HistoryKind.NO_COUPON: "found no code left in the pool",
        HistoryKind.STOP_RECEIVED: "texted that they want no more texts, to",
        HistoryKind.STOP_INFERRED: "said that they want no more texts, to",
        HistoryKind.STOP_UNDECIDED: "may have said that they want no more texts, to",
        HistoryKind.HELP_RECEIVED: "asked for help, at",
        HistoryKind.START_RECEIVED: "asked for texts again, at",
        HistoryKind.ANSWER_TOO_LATE: "were not answered, for it was too late",
        Reason.MISSING: "no address",
        Reason.INVALID: "address is not valid",
        Reason.NO_CONSENT: "never agreed to the list",
        Reason.OPTED_OUT: "opted out",
        Reason.SUPPRESSED: "suppressed after a bounce or complaint",
        Reason.UNDECIDED: "a person has to read what they have texted",
        Reason.UNCONFIRMED: "have not confirmed that they want the list",
        Reason.TOO_YOUNG: "too young for the list, or nobody knows their age",
        Reason.QUIET_HOURS: "quiet hours",
        Reason.STATE_WINDOW: "the hours of their state",
        Reason.HOLIDAY: "a holiday",
        Reason.ZONE_UNKNOWN: "nobody knows their zone, so only safe hours count",
        Reason.VALIDITY_TOO_SHORT: "the window was about to close",
        Reason.NO_WINDOW: "no hour is allowed everywhere they may be",
        Reason.FREQUENCY_CAP: "had enough messages already",
        Reason.EXPIRED: "time to live was over",
        Reason.SUPERSEDED: "a newer message took its place",
        Reason.RENDER_ERROR: "the template failed",
        Reason.RUN_EXITED: "the run had ended",
        Reason.ADDRESS_CHANGED: "the contact has another address now",
        RunState.ACTIVE: "are still inside",
        AWAITING: "wait for something to happen",
        RunState.HELD: "wait for what becomes of a message",
        RunState.COMPLETED: "came to the end",
        RunState.EXITED: "left early",
    }
)


_REASONS = frozenset(reason.value for reason in Reason)


def in_words(what: str, reason: str | None = None) -> str:
    """What happened, with the reason if there is one; what is not known is said as it is."""
    told = WORDS.get(what, what)
    if reason is None:
        return told
    # The reason of an end is the author's, who may use any word.
    return f"{told}: {WORDS[reason] if reason in _REASONS else reason}"
