"""A message becomes the form that Twilio wants."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from conductor_dsl.api import Outgoing, header_problem

SHORTEST, LONGEST = 1, 36_000
"""Seconds that Twilio may be told to keep a message."""


def message_to_form(message: Outgoing, service: str, callback_url: str, elapsed: int) -> str:
    """The body of the request; `elapsed` is how many milliseconds of `valid_for` have passed already."""
    fields = [("To", message.to)]
    if message.sender:
        fields.append(("From", message.sender))
    if service:
        fields.append(("MessagingServiceSid", service))
    if message.text:
        fields.append(("Body", message.text))
    fields += [("MediaUrl", url) for url in message.media]
    fields.append(("ValidityPeriod", str(min(LONGEST, max(SHORTEST, (message.valid_for - elapsed) // 1000)))))
    if callback_url:
        # A callback proves that the message was accepted, even if the answer to the request was lost.
        fields.append(("StatusCallback", f"{callback_url}?key={quote(message.key, safe='')}"))
    return urlencode(fields)


def unusable(message: Outgoing, service: str) -> str | None:
    """Why a message cannot be sent at all, or None."""
    if not message.sender and not service:
        return "the message has no sender, and there is no `messaging_service_sid`"
    if not message.text and not message.media:
        return "the message is empty"
    if any("\ud800" <= char <= "\udfff" for char in message.text):
        return "the text has half a character in it"
    return header_problem(message)
