"""A message as somebody will see it, ready to be drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """One message: `step` sends it, `note` says what stands in its way, if anything does.

    `text` is the body of a text message, or the text part of an e-mail, whose `html` may be empty.
    """

    step: str
    channel: str
    sender: str
    to: str
    subject: str
    preheader: str
    text: str
    html: str
    note: str = ""
