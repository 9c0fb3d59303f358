"""The states of runs and intents, written once.

A run goes `active`, perhaps `held` or `quarantined` and `active` again, then `completed` or `exited`. An intent goes

    ready -> sending -> accepted | delivered | undelivered | rejected
             sending -> ready (later) -> ... -> dead
             sending -> (no answer; looked up when the lease is over) -> accepted | ready | ambiguous
             accepted -> delivered | undelivered     (told later)
    ready -> expired | cancelled
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class RunState(StrEnum):
    """Where one contact's pass through a conversation stands."""

    ACTIVE = "active"
    """It has a due instant."""
    HELD = "held"
    """It waits for the verdict on a message that was sent."""
    COMPLETED = "completed"
    """It came to an end step."""
    EXITED = "exited"
    """It was ended early, for the reason given."""
    QUARANTINED = "quarantined"
    """The function of its step fails at its contact, for the reason given; it waits for a person."""


AWAITING = "awaiting"
"""In counts: an active run that waits for an event."""


class IntentState(StrEnum):
    """Where one message stands."""

    READY = "ready"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DEAD = "dead"


class Lane(IntEnum):
    """By the class of a conversation, which messages leave first where several may."""

    TRANSACTIONAL = 0
    ALERT = 1
    MARKETING = 2


UNSETTLED = (IntentState.READY, IntentState.SENDING, IntentState.AMBIGUOUS)
"""An intent in one of these keeps the next step of its run from starting."""

FAILED = (IntentState.UNDELIVERED, IntentState.REJECTED, IntentState.EXPIRED, IntentState.DEAD)
"""The outcome `failed`."""


class Reason(StrEnum):
    """Why something was not sent, or not yet; the column `reason` of history and intents."""

    MISSING = "address_missing"
    INVALID = "address_invalid"
    NO_CONSENT = "no_consent"
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    UNDECIDED = "undecided"
    UNCONFIRMED = "unconfirmed"
    TOO_YOUNG = "too_young"
    QUIET_HOURS = "quiet_hours"
    """Outside of the script's window, or of the hours of the country."""
    STATE_WINDOW = "state_window"
    HOLIDAY = "holiday"
    ZONE_UNKNOWN = "zone_unknown_safe_window"
    VALIDITY_TOO_SHORT = "validity_too_short"
    """The window closes within a minute."""
    NO_WINDOW = "no_window"
    """The rules for where the contact may be have no hour in common."""
    FREQUENCY_CAP = "frequency_cap"
    EXPIRED = "expired_ttl"
    SUPERSEDED = "superseded"
    """A newer message to the contact was due as well, after the engine had stood still."""
    RENDER_ERROR = "render_error"
    RUN_EXITED = "run_exited"
    ADDRESS_CHANGED = "address_changed"


OUTCOME_OF = {
    Reason.MISSING: "missing",
    Reason.INVALID: "invalid",
    Reason.NO_CONSENT: "unsubscribed",
    Reason.OPTED_OUT: "unsubscribed",
    Reason.SUPPRESSED: "unsubscribed",
    Reason.UNDECIDED: "unsubscribed",
    Reason.UNCONFIRMED: "unsubscribed",
    Reason.TOO_YOUNG: "unsubscribed",
    Reason.FREQUENCY_CAP: "capped",
    Reason.NO_WINDOW: "capped",
    Reason.SUPERSEDED: "capped",
    Reason.EXPIRED: "failed",
}
"""The outcome by which an author may route each reason; `capped` always goes on."""


HELD_BY = (
    Reason.QUIET_HOURS,
    Reason.STATE_WINDOW,
    Reason.HOLIDAY,
    Reason.ZONE_UNKNOWN,
    Reason.VALIDITY_TOO_SHORT,
)
"""Why a message waits for its window."""


class Closure(StrEnum):
    """Why nothing is sent to an address, or what was heard of it; the first five are `Mark`s of receipts."""

    INVALID = "invalid"
    DEAD = "dead"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    BY_HAND = "by_hand"
    """The shop has said so."""
    REASSIGNED = "reassigned"
    """The number has another owner since then: what was agreed to before counts no more."""
    ERASED = "erased"
    """Its owner wanted to be forgotten: no import brings the contact back."""
    LIFTED = "lifted"
    """The shop has opened it again."""


class HistoryKind(StrEnum):
    """What a row of history tells."""

    SKIPPED = "skipped"
    """A message was not sent, for the reason given."""
    DEFERRED = "deferred"
    """A message waits for the window to open."""
    SPLIT = "split"
    """An arm of a split was taken; the reason is its name."""
    HELD_OUT = "held_out"
    """The contact belongs to those to whom nothing is sent, for comparison."""
    CAME = "came"
    """The event that was waited for came; the reason is its name."""
    LATE = "late"
    """The event that was waited for did not come in time."""
    COUPON = "coupon"
    """A code was given; the reason is the pool."""
    NO_COUPON = "no_coupon"
    """The pool was empty; the reason is the pool."""
    ENLISTED = "enlisted"
    """A list was joined or left; the reason is the action and the list."""
    STARTED = "started"
    """Another conversation was begun; the reason is its name."""
    NOT_STARTED = "not_started"
    """Another conversation did not take the contact in, who is or was inside; the reason is its name."""
    NOTED = "noted"
    """The staff is to be told; the reason is the text."""
    DECIDED = "decided"
    """People have decided about a message; the reason says what."""
    STOP_RECEIVED = "stop_received"
    """A text was a keyword for no more texts; the reason is the code it went to."""
    STOP_INFERRED = "stop_inferred"
    """A text asked for no more texts in other words; the reason is the code."""
    STOP_UNDECIDED = "stop_undecided"
    """A text may have asked for no more texts; nothing is sent until a person has read it."""
    HELP_RECEIVED = "help_received"
    START_RECEIVED = "start_received"
    ANSWER_TOO_LATE = "answer_too_late"
    """A text was heard of so late that no answer was sent; the reason is what it was."""
    WAITING = "waiting"
    MOVED = "moved"
    QUARANTINED = "quarantined"
    """The function of a step failed at the contact, while it passed others; the reason is what it told."""
