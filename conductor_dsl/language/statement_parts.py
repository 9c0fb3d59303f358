"""What several lines of tests have in common: places and options."""

from __future__ import annotations

from conductor_dsl.language.signatures import Kind, Option, Param, Phrase

FOR = Option(("for", Param("who", (Kind.TEXT,))), "which contact, where the test has several")
AGO: Phrase = (Param("ago", (Kind.DURATION,)), "ago")
AFTER = Option(("after", Param("after", (Kind.DURATION,))), "how long after the beginning", default="0m")
WHEN = (
    Option(("after", Param("after", (Kind.DURATION,))), "how long after the beginning"),
    Option(("on", Param("date", (Kind.DATE,))), "on which day, by the clock of the contact"),
    Option(("at", Param("clock", (Kind.CLOCK,))), "at what time of day, by the clock of the contact"),
)
IN = Option(("in", Param("conversation", (Kind.REF,), refs=("conversation",))), "in which conversation")
ITEMS = Option(("items", Param("items", (Kind.TEXT,), many=True)), "what it holds, by `sku`")
PAYLOAD = Param("fields", (Kind.PAYLOAD,))
EVENT = Param("event", (Kind.EVENT,))
STEP = Param("step", (Kind.REF,), refs=("step",))
LIST = Param("list", (Kind.REF,), refs=("list",))
CONSENT = Param("action", (Kind.WORD,), words=("subscribed", "unsubscribed"))
ENGAGED = Param("engaged", (Kind.WORD,), words=("opened", "clicked"))
LINK = Option(("link", Param("link", (Kind.TEXT,))), "which link")
