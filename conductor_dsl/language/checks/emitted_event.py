"""CDX025: a step lets an event happen that comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import EVENTS, Context

PARAMETER = "emits"


def check_emitted_event(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every event that all projects have, in a step that lets it happen: nobody has ordered or clicked by that."""
    for conversation in file.conversations:
        for step in conversation.steps():
            for name, value in named_values(step.phrase):
                if name == PARAMETER and isinstance(value, Scalar) and value.value in EVENTS:
                    hint = "declare one of your own: `event points.earned { points number }`"
                    message = f"`{value.value}` happens by itself, and a step cannot let it happen"
                    yield error("CDX025", value.span, message, hint)
