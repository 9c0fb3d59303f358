"""CDX014: a saved message for another channel than the step's."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.walk import references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_message_channel(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every step that is named like a channel and sends a message of another."""
    saved = context.catalogue.saved
    channels = {message.channel for message in saved.values()} | {"sms", "email"}
    for conversation in file.conversations:
        for step in conversation.steps():
            for reference in references(step.phrase, "saved"):
                message = saved.get(reference.name)
                if message and step.name in channels and message.channel != step.name:
                    fitting = [name for name, other in saved.items() if other.channel == step.name]
                    hint = f"saved messages for `{step.name}`: {', '.join(fitting)}" if fitting else None
                    text = f"`{reference.name}` is a message for `{message.channel}`, not for `{step.name}`"
                    yield error("CDX014", reference.span, text, hint)
