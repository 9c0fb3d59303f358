"""From an intent to the message that a provider gets.

A pure function of the template's version and the values stored beside the intent, so every attempt has the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json import JSONDecoder, JSONEncoder
from typing import Any, NamedTuple

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.template_filter import Filters
from conductor_dsl.language.vocabulary import CONFIRM_URL
from conductor_dsl.messages.html_to_text import html_to_text, is_html
from conductor_dsl.messages.inline_css import inline_rendered, inline_template
from conductor_dsl.messages.list_headers import list_headers, quoted, unsubscribe_header
from conductor_dsl.messages.mime import mail_date
from conductor_dsl.messages.template_to_renderer import compile_positional
from conductor_dsl.plugin.channels import NO_HEADERS, WEBHOOK, Outgoing
from conductor_dsl.runtime.programs import LoadedMessage, Programs
from conductor_dsl.runtime.values import CONFIRM_LINK, EMAIL, UNSUBSCRIBE_TO, UNSUBSCRIBE_URL
from conductor_dsl.shared.clock import SECOND, Instant, to_iso
from conductor_dsl.shared.ids import dispatch_keys
from conductor_dsl.shared.links import confirm_token, link_token
from conductor_dsl.store.intents import Claimed

Fill = Callable[[Sequence[object]], str]
_Make = Callable[[Claimed, str, Any, Instant], Outgoing]
"""From an intent, its key, its stored values and the time to its message."""
_decode = JSONDecoder().raw_decode
_encode = JSONEncoder(ensure_ascii=False).encode
_tuple = tuple.__new__
"""Makes a named tuple of all its parts. Its own constructor is a function in Python, and costs twice as much."""


class Made(NamedTuple):
    """What a batch of intents has become: one whose template raises must not keep back the others.

    `messages` are those of `rows`, in this order; `failed` are the other intents, with what was raised.
    """

    rows: Sequence[Claimed]
    messages: list[Outgoing]
    failed: list[tuple[Claimed, Exception]]


Maker = Callable[[Sequence[Claimed], Instant], Made]


@dataclass(frozen=True, slots=True)
class Templates:
    """The parts of a message as functions of the stored values; a part that it does not have gives the empty text."""

    subject: Fill
    preheader: Fill
    text: Fill
    html: Fill
    unsubscribe_at: int | None
    unsubscribe_url: str
    unsubscribe_to: str
    confirm_at: int | None
    confirm_url: str

    @property
    def is_signed(self) -> bool:
        """Whether the address at which contacts unsubscribe shows by a token that it is of our making."""
        return "{token}" in self.unsubscribe_url


def message_maker(programs: Programs, intent: Claimed, begin_by: Instant = 0) -> Maker:
    """What turns a batch of intents of the same version, step and template as this one into messages.

    `begin_by` is when their provider has to have them.
    """
    make, secret = _maker(programs, intent, begin_by), programs.secret

    def make_all(rows: Sequence[Claimed], now: Instant) -> Made:
        messages: list[Outgoing] = []
        failed: list[tuple[Claimed, Exception]] = []
        keys = dispatch_keys(secret, [row[:5] for row in rows])
        # One text for all: to read a thousand of them one by one takes four times as long.
        stored = _decode(f"[{','.join([row.values for row in rows])}]")[0]
        for row, key, values in zip(rows, keys, stored, strict=True):
            try:
                messages.append(make(row, key, values, now))
            except Exception as problem:  # noqa: BLE001  (a template is the shop's, and may raise anything)
                failed.append((row, problem))
        lost = {row.key for row, _ in failed}
        return Made([row for row in rows if row.key not in lost] if lost else rows, messages, failed)

    return make_all


def _maker(programs: Programs, intent: Claimed, begin_by: Instant) -> _Make:
    message, loaded = programs.messages[intent.message_id], programs.by_version.get(intent.version_id)
    # A version whose plugin is gone stands still, but what it has written already is sent.
    conversation, step = (loaded.flow.name, loaded.flow.steps[intent.step].name) if loaded else ("", message.name)
    if message.channel == WEBHOOK:
        return _call_maker(message, (conversation, step), begin_by)
    templates, secret = compile_message(message, programs.host.vocabulary.filters), programs.secret
    subject, text, html, channel = templates.subject, templates.text, templates.html, intent.channel
    has_subject, has_html, is_mail = subject is not _nothing, html is not _nothing, message.channel == EMAIL
    unsubscribe_at, confirm_at, is_signed = templates.unsubscribe_at, templates.confirm_at, templates.is_signed
    has_key, headers = "{key}" in templates.unsubscribe_url, _header_maker(message.reply_to)

    def make(row: Claimed, key: str, values: list[object], now: Instant) -> Outgoing:
        contact = url = ""
        if unsubscribe_at is not None:
            contact = str(values[unsubscribe_at])
            url = templates.unsubscribe_url
            if has_key:
                url = url.replace("{key}", quoted(contact))
            if is_signed:
                url = url.replace("{token}", link_token(secret, row.contact_id, row.list))
            values[unsubscribe_at] = url
        if confirm_at is not None:
            token = confirm_token(secret, row.contact_id, str(values[confirm_at]))
            values[confirm_at] = templates.confirm_url.replace("{token}", token)
        parts = (
            key,
            channel,
            row.address,
            row.sender,
            subject(values) if has_subject else "",
            text(values),
            html(values) if has_html else "",
            row.expires_at - now,
            str(row.contact_id),
            conversation,
            step,
            headers(row, contact, unsubscribe_header(url, templates.unsubscribe_to, contact))
            if is_mail
            else NO_HEADERS,
            message.media,
            begin_by,
        )
        return _tuple(Outgoing, parts)

    return make


def _header_maker(reply_to: str) -> Callable[[Claimed, str, str], dict[str, str]]:
    """What gives the headers of an e-mail beside those that every e-mail has.

    It takes the intent, the key of its contact and the ways out of its list. Without the key of its contact an e-mail
    belongs to no list that its reader could leave.
    """
    shared: tuple[Instant, str, str] | None = None
    common: dict[str, str] = {}

    def headers(row: Claimed, contact: str, ways_out: str) -> dict[str, str]:
        nonlocal shared, common
        sharing = (row.created_at, row.list, row.sender) if contact else (row.created_at, "", "")
        if sharing != shared:  # it seldom differs from the message before
            shared, second = sharing, row.created_at // SECOND * SECOND
            common = _common_headers(second, reply_to, (row.list, row.sender) if contact else None)
        own = common.copy()
        if ways_out:
            own["List-Unsubscribe"] = ways_out
        return own

    return headers


@lru_cache(maxsize=1_000)
def _common_headers(second: Instant, reply_to: str, of_list: tuple[str, str] | None) -> dict[str, str]:
    """The headers that the e-mails of a batch share.

    Their date is that of the decision, for a retry has the same bytes.
    """
    headers = {"Date": mail_date(second)}
    if reply_to:
        headers["Reply-To"] = reply_to
    return {**headers, **list_headers(*of_list)} if of_list else headers


def _call_maker(message: LoadedMessage, place: tuple[str, str], begin_by: Instant) -> _Make:
    """What turns intents of a webhook into calls: a JSON object with its members in the order of the script."""
    types: dict[str, str] = _decode(message.body)[0]

    def make(row: Claimed, key: str, values: dict[str, object], now: Instant) -> Outgoing:
        told = {name: _told(values[name], type_) for name, type_ in types.items() if name in values}
        text, contact, left = _encode(told), str(row.contact_id), row.expires_at - now
        return Outgoing(key, WEBHOOK, row.address, "", "", text, "", left, contact, *place, begin_by=begin_by)

    return make


def _told(value: object, type_: str) -> object:
    """A value as other programs read it: an instant as ISO 8601, a whole number without a point, on every database."""
    if type_ == ValueType.INSTANT and isinstance(value, int | float):
        return to_iso(int(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


@lru_cache(maxsize=1_000)
def compile_message(message: LoadedMessage, filters: Filters) -> Templates:
    """Compile every part of a message once.

    The text part of an HTML e-mail is made from the template, not from each rendered message: that is a thousand times
    less work, and `{{ name }}` survives it.
    """
    constants, paths = dict(message.constants), message.paths
    has_html = message.channel == "email" and is_html(message.body)
    plain = html_to_text(message.body) if has_html else message.body
    return Templates(
        subject=compile_positional(message.subject, paths, constants, filters) if message.subject else _nothing,
        preheader=compile_positional(message.preheader, paths, constants, filters) if message.preheader else _nothing,
        text=compile_positional(plain, paths, constants, filters),
        html=_compile_html(message, constants, filters) if has_html else _nothing,
        unsubscribe_at=paths.index(UNSUBSCRIBE_URL) if UNSUBSCRIBE_URL in paths else None,
        unsubscribe_url=constants.get(UNSUBSCRIBE_URL, ""),
        unsubscribe_to=constants.get(UNSUBSCRIBE_TO, ""),
        confirm_at=paths.index(CONFIRM_URL) if CONFIRM_URL in paths else None,
        confirm_url=constants.get(CONFIRM_LINK, ""),
    )


def _compile_html(message: LoadedMessage, constants: Mapping[str, str], filters: Filters) -> Fill:
    """The HTML with the style sheets in its elements: of the template if that is safe, else of each message."""
    inlined = inline_template(message.body)
    if inlined is not None:
        return compile_positional(inlined, message.paths, constants, filters, html=True)
    fill = compile_positional(message.body, message.paths, constants, filters, html=True)
    return lambda values: inline_rendered(fill(values))


def _nothing(_values: Sequence[object]) -> str:
    return ""
