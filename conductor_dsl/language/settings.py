"""The lines that a conversation's head may have, and what holds without them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from conductor_dsl.language.signatures import Kind, Param, SettingSignature, with_channels

CLASSES = ("marketing", "alert", "transactional")
"""Message classes, the least urgent first."""

PRIORITIES = ("high", "normal", "low")
"""Which conversation of a class goes first where several are due at once."""

_ALL = (
    SettingSignature(
        "campaign",
        "the campaign under which reports count the conversation",
        ((Param("campaign", (Kind.TEXT,)),),),
        default="none",
        example='campaign "Winback"',
    ),
    SettingSignature(
        "list",
        "the list whose consent counts, where a step names none",
        ((Param("list", (Kind.REF,), refs=("list",)),),),
        default="the list `sms` for texts, `email` for e-mails",
        example='list list:"Customers"',
    ),
    SettingSignature(
        "class",
        "what the messages are; it decides the sender and the time to live",
        ((Param("class", (Kind.WORD,), words=CLASSES),),),
        default="marketing",
        example="class marketing",
    ),
    SettingSignature(
        "timezone",
        "whose clock counts: the contact's with a substitute, or one zone for everybody",
        (
            ("contact", "else", Param("zone", (Kind.TEXT,))),
            ("contact",),
            (Param("only", (Kind.TEXT,)),),
        ),
        default="contact else the zone of conductor.toml",
        example='timezone contact else "America/New_York"',
    ),
    SettingSignature(
        "window",
        "when messages may go out, in the recipient's time",
        ((Param("opens", (Kind.CLOCK,)), "-", Param("closes", (Kind.CLOCK,))),),
        default="none: at any hour",
        example="window 09:00-20:00",
    ),
    SettingSignature(
        "cap",
        "at most so many messages of a channel to one contact in a time",
        (
            (
                Param("channel", (Kind.WORD,), words=("sms", "email")),
                Param("count", (Kind.NUMBER,)),
                "per",
                Param("period", (Kind.DURATION,)),
            ),
        ),
        default="none",
        repeats=True,
        example="cap sms 3 per 7d",
    ),
    SettingSignature(
        "priority",
        "whose messages go first where several conversations of a class are due at once, and a cap has room for one",
        ((Param("priority", (Kind.WORD,), words=PRIORITIES),),),
        default="normal",
        example="priority high",
    ),
    SettingSignature(
        "reentry",
        "whether a contact may come in again after leaving",
        (
            ("after", Param("after", (Kind.DURATION,))),
            (Param("mode", (Kind.WORD,), words=("never", "always", "restart")),),
        ),
        default="always",
        example="reentry after 30d",
    ),
    SettingSignature(
        "exit",
        "events that end a contact's run at once, even during a wait",
        (("on", Param("events", (Kind.EVENT,), many=True)),),
        default="none",
        repeats=True,
        example="exit on order.placed",
    ),
    SettingSignature(
        "expires",
        "the first day on which nobody enters any more",
        ((Param("date", (Kind.DATE,)),),),
        default="never",
        example="expires 2027-12-31",
    ),
    SettingSignature(
        "in_flight",
        "what happens to those inside when a new version is published",
        ((Param("mode", (Kind.WORD,), words=("keep", "move", "end")),),),
        default="keep",
        example="in_flight keep",
    ),
)

SETTINGS: Mapping[str, SettingSignature] = MappingProxyType({signature.name: signature for signature in _ALL})
"""Every setting by its name."""


@cache
def settings(channels: tuple[str, ...] = ()) -> Mapping[str, SettingSignature]:
    """Every setting by its name, with the channels of plugins among the words that name one."""
    return MappingProxyType({name: with_channels(signature, channels) for name, signature in SETTINGS.items()})
