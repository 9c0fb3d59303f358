"""CDX208: texts at hours at which the law forbids them. CDX209: a window by one clock for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.sendings import SMS
from conductor_dsl.language.checks.walk import is_bare
from conductor_dsl.language.complete_text import MARKETING
from conductor_dsl.language.diagnostics import Diagnostic, info, warning
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context

EARLIEST, LATEST = "08:00", "21:00"
"""Between these hours, by the recipient's clock, the USA let advertisements out by text (47 CFR 64.1200)."""


def check_quiet_hours(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every conversation with a head that sends marketing texts."""
    for conversation in file.conversations:
        texts = any(step.name == SMS for step in conversation.steps())
        if texts and not is_bare(conversation) and conversation.settings.message_class == MARKETING:
            yield from _check(conversation, context.catalogue.country)


def _check(conversation: BoundConversation, country: str) -> Iterator[Diagnostic]:
    settings = conversation.settings
    if settings.opens is None or settings.closes is None:
        message = f"`{conversation.name}` has no `window`: its texts go out as early and as late as the law allows"
        yield warning("CDX208", conversation.name_span, message, "write `window 09:00-20:00` into its head")
        return
    span = _place(conversation, "window")
    if country == "US" and (settings.opens < EARLIEST or settings.closes > LATEST):
        message = (
            f"texts may go out from {settings.opens} to {settings.closes}, and the law wants {EARLIEST} to {LATEST}"
        )
        yield warning("CDX208", span, message, f"write `window {EARLIEST}-{LATEST}`; some states allow less")
    if not settings.contact_zone:
        message = f"the window is by the clock of `{settings.zone}` for everybody, wherever they are"
        hint = f'write `timezone contact else "{settings.zone}"`, if your customers live in other zones'
        yield info("CDX209", span, message, hint)


def _place(conversation: BoundConversation, name: str) -> Span:
    return next((each.span for each in conversation.written if each.name == name), conversation.name_span)
