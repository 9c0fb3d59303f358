"""CDX501: a window that is never open, or that there is not; a length of time without length."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundPhrase, Scalar
from conductor_dsl.language.checks.walk import named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.duration import Duration


def check_impossible_time(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every window and every duration that cannot be meant."""
    for conversation in file.conversations:
        yield from _windows(conversation)
        yield from _waits_for_no_window(conversation)
        for phrase in phrases(conversation):
            yield from _empty_durations(phrase)


def _windows(conversation: BoundConversation) -> Iterator[Diagnostic]:
    for setting in conversation.written:
        opens, closes = setting.phrase.get("opens"), setting.phrase.get("closes")
        if isinstance(opens, Scalar) and isinstance(closes, Scalar) and str(opens.value) >= str(closes.value):
            message = f"the window closes at `{closes.value}`, before it opens"
            hint = "write the earlier time first; a window lies within one day"
            yield error("CDX501", opens.span.to(closes.span), message, hint)


def _waits_for_no_window(conversation: BoundConversation) -> Iterator[Diagnostic]:
    """Every `wait until window` of a conversation whose messages may go out at any hour."""
    for step in conversation.steps() if conversation.settings.opens is None else ():
        window = step.phrase.arguments.get("window")
        if isinstance(window, Scalar):
            hint = "write one into the head: `window 08:00-21:00`"
            yield error("CDX501", window.span, "the conversation has no `window` to wait for", hint)


def _empty_durations(phrase: BoundPhrase) -> Iterator[Diagnostic]:
    for _, value in named_values(phrase):
        if isinstance(value, Scalar) and value.kind is Kind.DURATION and _is_empty(Duration.parse(str(value.value))):
            hint = "write at least one: `1d`, `1h`, `1m`"
            yield error("CDX501", value.span, f"`{value.value}` is no time at all", hint)


def _is_empty(duration: Duration) -> bool:
    return not (duration.months or duration.days or duration.millis)
