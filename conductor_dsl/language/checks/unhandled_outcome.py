"""CDX105: a text that does not say what happens to those without a valid number. CDX106: a call that may fail."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, BoundStep
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.checks.walk import is_bare
from conductor_dsl.language.diagnostics import Diagnostic, info
from conductor_dsl.language.vocabulary import Context


def check_unhandled_outcome(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every such text of a conversation with a head; a bare chain is meant to be short."""
    for conversation in file.conversations:
        for step in conversation.steps() if not is_bare(conversation) else ():
            if step.name == SMS and _is_open(step, "invalid"):
                message = "nothing is said about those whose number is not valid: they go on without the text"
                hint = "write `on_invalid pass` if that is meant, or `on_invalid end`, or `on_invalid { ... }`"
                yield info("CDX105", step.name_span, message, hint)
            elif step.name not in (SMS, EMAIL) and _is_open(step, "failed"):
                message = f"nothing is said about those for whom `{step.name}` fails: they go on as if it had not"
                hint = "write `on_failed pass` if that is meant, or `on_failed end`, or `on_failed { ... }`"
                yield info("CDX106", step.name_span, message, hint)


def _is_open(step: BoundStep, outcome: str) -> bool:
    """Whether a step has an outcome for which no branch is written."""
    return bool(step.signature and outcome in step.signature.outcomes and not step.phrase.option(f"on_{outcome}"))
