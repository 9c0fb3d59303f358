"""CDX105: a text that does not say what happens to those without a valid number."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import SMS
from conductor_dsl.language.checks.walk import is_bare
from conductor_dsl.language.diagnostics import Diagnostic, info
from conductor_dsl.language.vocabulary import Context

OUTCOME = "invalid"


def check_unhandled_outcome(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every such text of a conversation with a head; a bare chain is meant to be short."""
    for conversation in file.conversations:
        for step in conversation.steps() if not is_bare(conversation) else ():
            signature = step.signature
            if (
                step.name == SMS
                and signature
                and OUTCOME in signature.outcomes
                and not step.phrase.option("on_invalid")
            ):
                message = "nothing is said about those whose number is not valid: they go on without the text"
                hint = "write `on_invalid pass` if that is meant, or `on_invalid end`, or `on_invalid { ... }`"
                yield info("CDX105", step.name_span, message, hint)
