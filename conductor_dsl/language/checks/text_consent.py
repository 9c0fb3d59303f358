"""CDX201: a text whose consent is that of a list for something else, or of no list at all."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundStep, Reference
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.checks.walk import is_bare
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context


def check_text_consent(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first such text of each conversation with a head; the engine asks the list at every text in any case."""
    for conversation in file.conversations if context.catalogue.has_settings else ():
        texts = [step for step in conversation.steps() if step.name == SMS]
        problems = (_problem(step, conversation, context) for step in texts if not is_bare(conversation))
        yield from [problem for problem in problems if problem][:1]


def list_of(step: BoundStep, conversation: BoundConversation) -> str:
    """The list whose consent counts for a message."""
    named = step.phrase.get("list")
    return named.name if isinstance(named, Reference) else conversation.settings.list or step.name


def _problem(step: BoundStep, conversation: BoundConversation, context: Context) -> Diagnostic | None:
    asked, lists = list_of(step, conversation), context.catalogue.lists
    if asked == SMS and lists and SMS not in lists:
        message = "nobody can have agreed to this text: it names no list, and conductor.toml has none called `sms`"
        return warning("CDX201", step.name_span, message, f'write `list list:"..."` behind it: {_listed(lists)}')
    mails = {list_of(other, conversation) for other in conversation.steps() if other.name == EMAIL}
    if asked in mails and step.phrase.get("list") is None:
        message = f"the text goes to all who agreed to `{asked}`, the list of the e-mails"
        hint = 'write `list list:"..."` behind it, if texts have a list of their own: the law asks for a yes to texts'
        return warning("CDX201", step.name_span, message, hint)
    return None


def _listed(lists: object) -> str:
    return ", ".join(f"`{name}`" for name in lists) if isinstance(lists, dict) else ""
