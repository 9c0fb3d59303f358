"""The lines of a test that say what must come of it: `expect`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conductor_dsl.language.signatures import Kind, Option, Param, StatementSignature
from conductor_dsl.language.statement_parts import CONSENT, EVENT, FOR, IN, LIST, STEP, WHEN

CHANNELS = ("sms", "email", "webhook")
MESSAGE_WORDS = (*CHANNELS, "message", "messages")
SKIPPED: Mapping[str, str] = MappingProxyType(
    {
        "invalid": "the address is not a valid one",
        "missing": "there is no address",
        "unsubscribed": "the contact may not be written to on the list",
        "capped": "the contact had enough messages already",
    }
)
"""Why a step may send nothing, as a test says it."""

_CHANNEL = Param("channel", (Kind.WORD,), words=MESSAGE_WORDS)
_OF = Param("of", (Kind.REF,), refs=("saved", "step"))
_MESSAGE = (
    Option(("contains", Param("contains", (Kind.TEXT,))), "what can be read in it", once=False),
    Option(("lacks", Param("lacks", (Kind.TEXT,))), "what cannot be read in it", once=False),
    Option(("subject", Param("subject", (Kind.TEXT,))), "its subject"),
    Option(("from", Param("sender", (Kind.TEXT, Kind.REF), refs=("code",))), "who it comes from"),
    Option(("to", Param("to", (Kind.TEXT,))), "the address it goes to"),
    *WHEN,
    IN,
    FOR,
)
_RUN = (*WHEN, IN, FOR)

EXPECTED = (
    StatementSignature(
        "expect",
        "message",
        "At least one message goes out of which all of this is true.",
        ((_CHANNEL, _OF), (_CHANNEL,)),
        _MESSAGE,
        'expect sms contains "Reply STOP" after 0m',
        "sms",
    ),
    StatementSignature(
        "expect",
        "no message",
        "No message goes out of which all of this is true.",
        (("no", _CHANNEL, _OF), ("no", _CHANNEL)),
        _MESSAGE,
        "expect no email",
        "no email",
    ),
    StatementSignature(
        "expect",
        "messages",
        "Just so many messages go out of which all of this is true.",
        ((Param("count", (Kind.NUMBER,)), _CHANNEL, _OF), (Param("count", (Kind.NUMBER,)), _CHANNEL)),
        _MESSAGE,
        "expect 2 sms",
        "2 sms",
    ),
    StatementSignature(
        "expect",
        "nothing",
        "No message goes out, or none any more later than this.",
        (("nothing",),),
        (WHEN[0], IN, FOR),
        "expect nothing after 5d",
        "nothing",
    ),
    StatementSignature(
        "expect",
        "order",
        "The messages that are expected go out in the order in which they stand here.",
        (("in", "order"),),
        (),
        "expect in order",
        "in order",
    ),
    StatementSignature(
        "expect",
        "skipped",
        "A step sends nothing, perhaps for this reason.",
        ((STEP, "skipped"),),
        (*(Option((reason,), doc) for reason, doc in SKIPPED.items()), *_RUN),
        'expect step:"sms" skipped invalid',
        'step:"..." skipped',
    ),
    StatementSignature(
        "expect",
        "step",
        "The message of a step goes out, is refused by the provider, or has to wait for its window.",
        ((STEP, Param("outcome", (Kind.WORD,), words=("sent", "failed", "deferred"))),),
        _RUN,
        'expect step:"sms" sent after 0m',
        'step:"..."',
    ),
    StatementSignature(
        "expect",
        "entered",
        "Somebody enters, perhaps by a thread, perhaps several times.",
        (
            ("entered", Param("thread", (Kind.REF,), refs=("thread",)), Param("count", (Kind.NUMBER,)), "times"),
            ("entered", Param("count", (Kind.NUMBER,)), "times"),
            ("entered", Param("thread", (Kind.REF,), refs=("thread",))),
            ("entered",),
        ),
        _RUN,
        "expect entered after 0m",
        "entered",
    ),
    StatementSignature(
        "expect",
        "not entered",
        "Nobody enters.",
        (("not", "entered"),),
        (IN, FOR),
        "expect not entered",
        "not entered",
    ),
    StatementSignature(
        "expect",
        "end",
        "The run comes to an end step, perhaps with this reason.",
        (("end", Param("reason", (Kind.TEXT,))), ("end",)),
        _RUN,
        'expect end "reminded" after 3d',
        "end",
    ),
    StatementSignature(
        "expect",
        "exit",
        "The run is ended early: by an event, or for a reason.",
        (("exit", "on", EVENT), ("exit", Param("reason", (Kind.TEXT,))), ("exit",)),
        _RUN,
        "expect exit on order.placed after 1d",
        "exit",
    ),
    StatementSignature(
        "expect",
        "waiting",
        "Somebody waits, at the end of the test or at a moment before.",
        (("waiting", "at", STEP), ("waiting",)),
        (WHEN[0], IN, FOR),
        'expect waiting at step:"wait" after 1d',
        "waiting",
    ),
    StatementSignature(
        "expect",
        "group",
        "The way that a split sends the contact.",
        (("group", Param("group", (Kind.TEXT,))),),
        (Option(("of", Param("split", (Kind.TEXT,))), "which split"), IN, FOR),
        'expect group "A"',
        "group",
    ),
    StatementSignature(
        "expect",
        "field",
        "The value of a field at the end of the test.",
        (
            ("field", Param("field", (Kind.FIELD,)), "=", Param("value", (Kind.VALUE,))),
            ("field", Param("field", (Kind.FIELD,)), "missing"),
        ),
        (FOR,),
        'expect field first_name = "Ada"',
        "field",
    ),
    StatementSignature(
        "expect",
        "consent",
        "The latest word of the contact about a list.",
        ((CONSENT, LIST),),
        (FOR,),
        'expect subscribed list:"News"',
        'subscribed list:"..."',
    ),
    StatementSignature(
        "expect",
        "event",
        "An event happens that a step lets happen.",
        (("event", EVENT),),
        (WHEN[0], FOR),
        "expect event order.placed",
        "event",
    ),
    StatementSignature(
        "expect",
        "notice",
        "A member of the staff is told.",
        (("notice", Param("address", (Kind.TEXT,))),),
        (Option(("contains", Param("contains", (Kind.TEXT,))), "what can be read in it", once=False),),
        'expect notice "crm@shop.example"',
        "notice",
    ),
)
