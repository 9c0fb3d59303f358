"""CDX114: a `goto` that leads nowhere; a trigger, a condition or a line of a test about no step."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundPhrase, BoundThread, Formula, Reference
from conductor_dsl.language.bound_to_flow import TARGETS
from conductor_dsl.language.checks.walk import calls, named_values, threaded_steps
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.source import Span
from conductor_dsl.language.step_names import Targets
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean

MOST_NAMES = 10


def check_unknown_target(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a step, a thread or a conversation that there is not."""
    conversations = (*(each.name for each in file.conversations), *context.conversations)
    for conversation in file.conversations:
        yield from _in_conversation(conversation)
        yield from _in_conditions(conversation, conversations)
    if file.tests:
        yield from _in_tests(file, conversations)


def _in_conversation(conversation: BoundConversation) -> Iterator[Diagnostic]:
    targets = Targets(conversation)
    for thread, phrase in _phrases(conversation):
        for _name, value in named_values(phrase):
            if not isinstance(value, Reference) or value.kind not in TARGETS:
                continue
            if not targets.find(value, thread):
                yield _finding(value, targets.names(value.kind, thread), "in this conversation")


def _in_conditions(conversation: BoundConversation, conversations: tuple[str, ...]) -> Iterator[Diagnostic]:
    """The steps that conditions ask for, and the conversations, which may have been in the project once."""
    targets = Targets(conversation)
    for thread, phrase in _phrases(conversation):
        for step, other in _asked(phrase):
            if other and other.name not in conversations:
                hint = did_you_mean(other.name, conversations) or "nobody is in it unless it was published once"
                yield warning("CDX114", other.span, f"there is no conversation `{other.name}` in this project", hint)
            elif step and (not other or other.name == conversation.name) and not targets.find(step, thread):
                yield _finding(step, targets.names("step", thread), "in this conversation")


def _asked(phrase: BoundPhrase) -> Iterator[tuple[Reference | None, Reference | None]]:
    """The steps and conversations that conditions name, with the span of their condition."""
    for _name, value in named_values(phrase):
        if isinstance(value, Formula):
            for call in calls(value.expression):
                step, other = (_reference(call.arguments.get(kind), value.span) for kind in ("step", "conversation"))
                yield step, other


def _reference(argument: object, span: Span) -> Reference | None:
    match argument:
        case {"ref": [str(kind), str(name)]}:
            return Reference(kind, name, span)
    return None


def _phrases(conversation: BoundConversation) -> Iterator[tuple[BoundThread, BoundPhrase]]:
    """The phrases that speak of steps and threads of this conversation."""
    for thread, step in threaded_steps(conversation):
        yield thread, step.phrase
    for thread in conversation.threads:
        if thread.trigger and not thread.trigger.phrase.option("of"):
            yield thread, thread.trigger.phrase


def _in_tests(file: BoundFile, conversations: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Steps and threads of the file, and conversations of the project, that a test names and that there are not."""
    known = {kind: _names(file, kind) for kind in TARGETS} | {"conversation": conversations}
    for test in file.tests:
        for statement in test.statements:
            for _name, value in named_values(statement.phrase):
                if isinstance(value, Reference) and value.name not in known.get(value.kind, (value.name,)):
                    where = "in this project" if value.kind == "conversation" else "in this file"
                    yield _finding(value, known[value.kind], where)


def _names(file: BoundFile, kind: str) -> tuple[str, ...]:
    """The steps, or the threads, of all conversations of a file."""
    found = (
        name
        for conversation in file.conversations
        for thread in conversation.threads
        for name in Targets(conversation).names(kind, thread)
    )
    return tuple(dict.fromkeys(found))


def _finding(target: Reference, known: tuple[str, ...], where: str) -> Diagnostic:
    listed = ", ".join(f"`{name}`" for name in known[:MOST_NAMES])
    hint = did_you_mean(target.name, known) or f"there are: {listed}"
    return error("CDX114", target.span, f"there is no {target.kind} `{target.name}` {where}", hint)
