"""CDX024: a conversation that the project does not have, or that is the one the step stands in."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundStep, Reference, Scalar
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean

STARTS, THREAD = "starts", "thread"
MOST_NAMES = 10


def check_unknown_conversation(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a conversation that cannot be begun there, and every thread that one does not have."""
    own = {conversation.name: conversation for conversation in file.conversations}
    known = [*own, *(name for name in context.conversations if name not in own)]
    for conversation in file.conversations:
        for step in conversation.steps():
            for name, reference in named_values(step.phrase):
                if name != STARTS or not isinstance(reference, Reference):
                    continue
                if reference.name == conversation.name:
                    hint = 'go on at one of its threads: `goto thread:"..."`'
                    message = f"`{step.name}` cannot begin the conversation that it stands in"
                    yield error("CDX024", reference.span, message, hint)
                elif reference.name not in known:
                    yield _unknown(reference, [name for name in known if name != conversation.name])
                else:
                    yield from _check_thread(step, own.get(reference.name))


def _unknown(reference: Reference, known: list[str]) -> Diagnostic:
    listed = ", ".join(f"`{name}`" for name in known[:MOST_NAMES])
    hint = did_you_mean(reference.name, known) or (f"there are: {listed}" if known else "the project has no other")
    return error("CDX024", reference.span, f"there is no conversation `{reference.name}`", hint)


def _check_thread(step: BoundStep, target: BoundConversation | None) -> Iterator[Diagnostic]:
    """Whether a conversation of the same file has the thread; of those in other files only the names are known here."""
    thread = step.phrase.get(THREAD)
    if target is None or not isinstance(thread, Scalar):
        return
    names = [each.name for each in target.threads]
    if thread.value not in names:
        hint = did_you_mean(str(thread.value), names) or "there are: " + ", ".join(f"`{name}`" for name in names)
        yield error("CDX024", thread.span, f"`{target.name}` has no thread `{thread.value}`", hint)
