"""Every template that a conversation can send, with a way to point into the script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conductor_dsl.language.bound import BoundConversation, BoundStep, Scalar
from conductor_dsl.language.checks.walk import named_values, references
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context, SavedMessage, TemplateReading, VariableUse

CONSTANTS = ("brand", "shop_url", "unsubscribe_url", "postal_address")
"""What every project can set for all templates, in `[brand]` of conductor.toml."""
EVENT = "event"


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template as a step sends it: `where` says so in words where it does not stand in the script."""

    step: BoundStep
    reading: TemplateReading
    span: Span
    where: str
    origins: tuple[int, ...] = ()

    def place(self, offset: int, length: int) -> Span:
        """A stretch of the template in the script; for a saved message, its reference."""
        if offset >= len(self.origins):
            return self.span
        last = min(offset + max(length, 1), len(self.origins)) - 1
        return Span(self.origins[offset], self.origins[last] + 1)


def template_uses(conversation: BoundConversation, context: Context) -> Iterator[TemplateUse]:
    """Every template, in the order of the text; a saved message once for each step that sends it."""
    for step in conversation.steps():
        yield from _written(step, context)
        for reference in references(step.phrase, "saved"):
            message = context.catalogue.saved.get(reference.name)
            for part, text in _parts(message).items():
                where = f" in the {part} of `{reference.name}`"
                yield TemplateUse(step, context.read_template(text), reference.span, where)


def _written(step: BoundStep, context: Context) -> Iterator[TemplateUse]:
    for _, value in named_values(step.phrase):
        if isinstance(value, Scalar) and value.kind is Kind.TEMPLATE:
            yield TemplateUse(step, context.read_template(str(value.value)), value.span, "", value.origins)


def _parts(message: SavedMessage | None) -> Mapping[str, str]:
    if message is None:
        return {}
    return {"subject": message.subject, "preheader": message.preheader, "body": message.body}


def root(use: VariableUse) -> str:
    """The first name of a path: `event` of `event.items[0].sku`."""
    return use.path.partition(".")[0].partition("[")[0]


def event_field(use: VariableUse) -> str:
    """The second name of a path."""
    return use.path.partition(".")[2].partition(".")[0].partition("[")[0]
