"""One message of each sending step, drawn as a phone or an inbox shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from conductor_dsl.messages.phone_preview import card_preview, email_preview, sms_preview
from conductor_dsl.plugin.channels import WEBHOOK, Outgoing
from conductor_dsl.runtime.intent_to_message import message_maker
from conductor_dsl.runtime.programs import Loaded, Programs
from conductor_dsl.shared.clock import to_datetime
from conductor_dsl.store.connect import Connection
from conductor_dsl.store.intents import sample_sent

LINES = 12
"""How much of an e-mail is drawn."""


def sample_messages(connection: Connection, programs: Programs, loaded: Loaded) -> Iterator[str]:
    """A drawing for each step of a version that has sent anything, with the step's name above it."""
    zone = ZoneInfo(loaded.flow.settings.zone)
    for step, template in sorted(loaded.messages.items()):
        found = sample_sent(connection, loaded.version_id, step)
        if found is not None:
            intent, settled_at = found
            made = message_maker(programs, intent)([intent], settled_at)
            for _, problem in made.failed:
                raise problem
            [message] = made.messages
            at = to_datetime(settled_at).astimezone(zone)
            yield f"{message.step}, to {message.to}\n" + _drawing(message, template.preheader, at)


def _drawing(message: Outgoing, preheader: str, at: datetime) -> str:
    if message.channel == WEBHOOK:
        return message.text
    if message.channel == "sms":
        return sms_preview(message.sender, message.text, at=f"{at:%H:%M}")
    if message.channel != "email":
        return card_preview(message.subject or message.sender, message.text, at=f"{at:%H:%M}")
    return email_preview(
        message.sender, message.subject, _beginning(message.text), preheader=preheader, at=f"{at:%H:%M}"
    )


def _beginning(text: str) -> str:
    lines = text.splitlines()
    return text if len(lines) <= LINES else "\n".join([*lines[:LINES], "…"])
