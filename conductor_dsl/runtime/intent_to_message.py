"""From an intent to the message that a provider gets.

A pure function of the template's version and the values stored beside the intent, so every attempt has the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from conductor_dsl.messages.html_to_text import html_to_text, is_html
from conductor_dsl.messages.template_to_renderer import compile_positional
from conductor_dsl.plugin.contracts import Outgoing
from conductor_dsl.runtime.programs import LoadedMessage, Programs
from conductor_dsl.runtime.values import UNSUBSCRIBE_URL
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.ids import dispatch_key

Fill = Callable[[Sequence[object]], str]


@dataclass(frozen=True, slots=True)
class Templates:
    """The parts of a message as functions of the stored values; a part that it does not have gives the empty text."""

    subject: Fill
    text: Fill
    html: Fill
    unsubscribe_at: int | None
    unsubscribe_url: str


def intent_to_message(intent: sa.Row[Any], programs: Programs, now: Instant) -> Outgoing:
    """The message of one claimed intent; raises whatever its template raises."""
    loaded = programs.by_version[intent.version_id]
    message = programs.messages[intent.message_id]
    templates = compile_message(message)
    values = json.loads(intent.values)
    headers = {"Reply-To": message.reply_to} if message.reply_to else {}
    if templates.unsubscribe_at is not None:
        values[templates.unsubscribe_at] = _personal(templates.unsubscribe_url, values[templates.unsubscribe_at])
        headers["List-Unsubscribe"] = f"<{values[templates.unsubscribe_at]}>"
    return Outgoing(
        key=key_of(intent),
        channel=intent.channel,
        to=intent.address,
        sender=intent.sender,
        subject=templates.subject(values),
        text=templates.text(values),
        html=templates.html(values),
        valid_for=intent.expires_at - now,
        contact=str(intent.contact_id),
        conversation=loaded.flow.name,
        step=loaded.flow.steps[intent.step].name,
        headers=headers,
    )


def key_of(intent: sa.Row[Any]) -> str:
    """The key under which the provider sees the message."""
    return dispatch_key(intent.contact_id, intent.conversation_id, intent.entry_no, intent.step, intent.visit)


def _personal(url: str, key: object) -> str:
    return url.replace("{key}", quote(str(key), safe=""))


@lru_cache(maxsize=1_000)
def compile_message(message: LoadedMessage) -> Templates:
    """Compile every part of a message once.

    The text part of an HTML e-mail is made from the template, not from each rendered message: that is a thousand times
    less work, and `{{ name }}` survives it.
    """
    constants, paths = dict(message.constants), message.paths
    has_html = message.channel == "email" and is_html(message.body)
    plain = html_to_text(message.body) if has_html else message.body
    return Templates(
        subject=compile_positional(message.subject, paths, constants) if message.subject else _nothing,
        text=compile_positional(plain, paths, constants),
        html=compile_positional(message.body, paths, constants, html=True) if has_html else _nothing,
        unsubscribe_at=paths.index(UNSUBSCRIBE_URL) if UNSUBSCRIBE_URL in paths else None,
        unsubscribe_url=constants.get(UNSUBSCRIBE_URL, ""),
    )


def _nothing(_values: Sequence[object]) -> str:
    return ""
