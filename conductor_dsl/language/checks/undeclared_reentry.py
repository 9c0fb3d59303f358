"""CDX109: a conversation that something lets in again and again, and that does not say whether it may."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.checks.walk import is_bare, watches
from conductor_dsl.language.diagnostics import Diagnostic, info
from conductor_dsl.language.vocabulary import Context


def check_undeclared_reentry(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every conversation that sends, with a trigger that can come again at any time, and without `reentry`."""
    for conversation in file.conversations:
        written = any(setting.name == "reentry" for setting in conversation.written)
        if not written and not is_bare(conversation) and _sends(conversation) and _comes_again(conversation):
            message = f"`{conversation.name}` does not say whether a contact may come in again: it may, at once"
            hint = "write `reentry after 30d`, `reentry never`, or `reentry always` if that is meant"
            yield info("CDX109", conversation.name_span, message, hint)


def _sends(conversation: BoundConversation) -> bool:
    return any(step.name in (SMS, EMAIL) for step in conversation.steps())


def _comes_again(conversation: BoundConversation) -> bool:
    """Whether something other than a standing audience lets in: an audience has to be left before."""
    return any(thread.trigger and not watches(thread.trigger) for thread in conversation.threads)
