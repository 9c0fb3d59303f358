"""From messages to drawings for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from conductor_dsl.messages.phone_preview import card_preview, email_preview, sms_preview
from conductor_dsl.messages.seen import Seen


def seen_to_terminal(messages: Iterable[Seen], *, price: Decimal | None = None) -> str:
    """One drawing below the other, each with the name of its step above it."""
    return "\n\n".join(_drawing(message, price) for message in messages) + "\n"


def _drawing(message: Seen, price: Decimal | None) -> str:
    note = f"\n  {message.note}" if message.note else ""
    title = f"{message.step}, to {message.to}{note}\n"
    if message.channel == "sms":
        return title + sms_preview(message.sender, message.text, price=price)
    if message.channel != "email":
        return title + card_preview(message.subject or message.sender, message.text)
    return title + email_preview(message.sender, message.subject, message.text, preheader=message.preheader)
