"""Every message that a conversation can send, whole: for the checks of what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.bound import BoundConversation, BoundStep, Scalar
from conductor_dsl.language.checks.walk import named_values, references
from conductor_dsl.language.complete_text import MARKETING, complete_text
from conductor_dsl.language.signatures import Effect, Kind
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context, SavedMessage

SMS, EMAIL = "sms", "email"
BODY = "body"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message as a step sends it: its templates by part, and what of them stands in the script.

    `full` is the body with what conductor.toml puts round it. `origins` gives for each part written in the script the
    places of its characters; a saved message has none.
    """

    conversation: BoundConversation
    step: BoundStep
    parts: Mapping[str, str]
    full: str
    span: Span
    origins: Mapping[str, tuple[int, ...]]
    spans: Mapping[str, Span]
    saved: SavedMessage | None = None

    @property
    def where(self) -> str:
        """What a finding adds where the message does not stand in the script."""
        return f" in `{self.saved.name}`" if self.saved else ""

    @property
    def channel(self) -> str:
        """`sms` or `email`."""
        return self.step.name

    @property
    def is_marketing(self) -> bool:
        """Whether the law of advertisements holds for it."""
        return self.conversation.settings.message_class == MARKETING

    def place(self, part: str, start: int, end: int) -> Span:
        """A stretch of a part in the script; for a saved message, its reference."""
        origins = self.origins.get(part, ())
        if not start < end <= len(origins):
            return self.spans.get(part, self.span)
        return Span(origins[start], origins[end - 1] + 1)

    def find(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Span]]:
        """Every match in any part, with its place."""
        for part, text in self.parts.items():
            for match in pattern.finditer(text):
                yield match, self.place(part, *match.span())


def sendings(conversation: BoundConversation, context: Context, channel: str = "") -> Iterator[Sending]:
    """Every message of a channel, or of both, in the order of the text; what does not exist is left out."""
    for step in conversation.steps():
        wanted = (channel,) if channel else (SMS, EMAIL)
        if step.name in wanted and step.signature and step.signature.effect is Effect.SENDS:
            sending = _sending(step, conversation, context)
            if sending:
                yield sending


def _sending(step: BoundStep, conversation: BoundConversation, context: Context) -> Sending | None:
    for reference in references(step.phrase, "saved"):
        message = context.catalogue.saved.get(reference.name)
        if message:
            parts = _saved_parts(message)
            full = _full(parts, step, conversation, context)
            return Sending(conversation, step, parts, full, reference.span, {}, {}, message)
        return None
    written = {
        name: value
        for name, value in named_values(step.phrase)
        if isinstance(value, Scalar) and value.kind is Kind.TEMPLATE
    }
    if BODY not in written:
        return None
    parts = {name: str(value.value) for name, value in written.items()}
    origins = {name: value.origins for name, value in written.items()}
    spans = {name: value.span for name, value in written.items()}
    full = _full(parts, step, conversation, context)
    return Sending(conversation, step, parts, full, spans[BODY], origins, spans)


def _saved_parts(message: SavedMessage) -> dict[str, str]:
    if message.channel == SMS:
        return {BODY: message.body}
    return {"subject": message.subject, "preheader": message.preheader, BODY: message.body}


def _full(parts: Mapping[str, str], step: BoundStep, conversation: BoundConversation, context: Context) -> str:
    if step.name != SMS:
        return parts[BODY]
    return complete_text(parts[BODY], conversation.settings.message_class, context.catalogue)
