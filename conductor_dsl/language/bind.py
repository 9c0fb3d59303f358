"""From a parsed file to a bound one: every word finds its declaration, or becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from conductor_dsl.language.ast import (
    Chain,
    Conversation,
    Element,
    FieldDeclaration,
    File,
    SegmentDeclaration,
    Step,
    TestDeclaration,
)
from conductor_dsl.language.bind_names import file_scope
from conductor_dsl.language.bind_scope import Scope
from conductor_dsl.language.bind_settings import bind_settings, fill_settings
from conductor_dsl.language.bind_steps import bind_chain
from conductor_dsl.language.bind_tests import bind_tests
from conductor_dsl.language.bind_triggers import bind_trigger, entry_fields, trigger_words
from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundSegment, BoundThread, BoundTrigger
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.flow import Settings
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Context

MAIN = "main"
"""The name of the thread that a bare chain makes."""


def bind(file: File, source: Source, context: Context) -> tuple[BoundFile, list[Diagnostic]]:
    """Bind a file as far as it can be bound; the findings are in no particular order."""
    findings: list[Diagnostic] = []
    scope = file_scope(file, source, context, findings)
    conversations = tuple(_conversations(file, scope, context.catalogue.zone))
    for conversation in conversations:
        _report_namesake(conversation, context, findings)
    declared = {item.name.text: item.name.span for item in file.items if isinstance(item, FieldDeclaration)}
    segments = {
        item.name.text: BoundSegment(item.name.text, item.name.span, scope.segments.get(item.name.text))
        for item in file.items
        if isinstance(item, SegmentDeclaration)
    }
    tests = bind_tests((item for item in file.items if isinstance(item, TestDeclaration)), scope)
    return BoundFile(source, conversations, declared, file.comments, segments, tests), findings


def _report_namesake(conversation: BoundConversation, context: Context, findings: list[Diagnostic]) -> None:
    """Note a conversation that another script of the project has too."""
    place = context.conversations.get(conversation.name)
    if place is None:
        return
    message = f"the conversation `{conversation.name}` is in `{place}` too"
    hint = "give one of them another name, for reports and `start` know conversations by their names"
    findings.append(error("CDX007", conversation.name_span, message, hint))


def _conversations(file: File, scope: Scope, zone: str) -> Iterator[BoundConversation]:
    bare = 0
    for item in file.items:
        if isinstance(item, Conversation):
            yield _conversation(item, scope, zone)
        elif isinstance(item, Chain):
            bare += 1
            if bare > 1:
                message = "a file holds at most one chain outside a conversation"
                hint = 'put each into its own `conversation "Name" { ... }`, or into its own file'
                scope.error("CDX009", item.steps[0].name.span, message, hint)
            stem = PurePath(scope.source.name).stem
            yield _bare_conversation(item, stem if bare == 1 else f"{stem} {bare}", scope, zone)


def _conversation(node: Conversation, scope: Scope, zone: str) -> BoundConversation:
    written = bind_settings(node.settings, scope)
    headers = [thread.header for thread in node.threads] + [_header(chain, scope) for chain in node.chains]
    inner = scope.entered_by(entry_fields(headers, scope))
    threads = [_chain_thread(chain, inner) for chain in node.chains]
    for thread in node.threads:
        trigger = bind_trigger(thread.header, inner)
        chain = bind_chain(thread.chain, inner) if thread.chain else None
        header = thread.header[0].span if thread.header else None
        threads.append(BoundThread(thread.name.text, thread.name.span, trigger, chain, thread.span, header))
    if not threads:
        message = f"the conversation `{node.name.text}` has no steps"
        scope.error("CDX009", node.name.span, message, 'write a `thread "Name" when CONDITION { ... }` into it')
    return BoundConversation(
        name=node.name.text,
        name_span=node.name.span,
        settings=fill_settings(written, zone),
        written=written,
        threads=tuple(sorted(threads, key=lambda thread: thread.span)),
        span=node.span,
        source=scope.source,
        fields=scope.fields,
        event_fields=inner.entry,
    )


def _bare_conversation(chain: Chain, name: str, scope: Scope, zone: str) -> BoundConversation:
    """A chain outside a conversation: one thread, named after the file, every setting at its default."""
    inner = scope.entered_by(entry_fields([_header(chain, scope)], scope))
    return BoundConversation(
        name=name,
        name_span=chain.steps[0].name.span,
        settings=Settings(zone=zone),
        written=(),
        threads=(_chain_thread(chain, inner),),
        span=chain.span,
        source=scope.source,
        fields=scope.fields,
        event_fields=inner.entry,
    )


def _header(chain: Chain, scope: Scope) -> tuple[Element, ...]:
    """The first step of a chain, read as the header of a thread; empty where it does not let anybody in."""
    first = chain.steps[0]
    return (first.name, *first.elements) if first.name.text in trigger_words(scope) else ()


def _chain_thread(chain: Chain, scope: Scope) -> BoundThread:
    header = _header(chain, scope)
    trigger: BoundTrigger | None = None
    steps: tuple[Step, ...] = chain.steps
    if header:
        trigger, steps = bind_trigger(header, scope), chain.steps[1:]
    else:
        name = chain.steps[0].name
        message = f"a chain starts with what lets contacts in, not with `{name.text}`"
        scope.error("CDX009", name.span, message, "start with `when CONDITION ->` or `on EVENT ->`")
    rest = Chain(steps, steps[0].span.to(steps[-1].span)) if steps else None
    bound = bind_chain(rest, scope) if rest else None
    return BoundThread(MAIN, chain.steps[0].name.span, trigger, bound, chain.span, chain.steps[0].span)
