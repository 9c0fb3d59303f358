"""CDX007: two conversations, threads or steps of one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context


def check_duplicate_names(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every name but its first use."""
    yield from _repeated("conversation", ((each.name, each.name_span) for each in file.conversations))
    for conversation in file.conversations:
        yield from _repeated("thread", ((thread.name, thread.name_span) for thread in conversation.threads))
        labels = (step.label for step in conversation.steps())
        yield from _repeated("step", ((str(label.value), label.span) for label in labels if label))


def _repeated(what: str, names: Iterable[tuple[str, Span]]) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for name, span in names:
        if name in seen:
            yield error("CDX007", span, f"there is another {what} named `{name}`", "give each a name of its own")
        seen.add(name)
