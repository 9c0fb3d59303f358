"""CDX031: a split, or a way of one, that a test or a condition names and that is nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conductor_dsl.language.bound import Arms, BoundConversation, BoundFile, BoundOption, Formula, Scalar
from conductor_dsl.language.bound_tests import BoundStatement
from conductor_dsl.language.checks.walk import calls, named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.nearest import did_you_mean


def check_unknown_group(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every name of a split or a group in a test that no split of the file has, and in a condition, of its own."""
    for conversation in file.conversations:
        yield from _in_conditions(conversation)
    splits = {name: ways for conversation in file.conversations for name, ways in _splits(conversation)}
    for test in file.tests:
        for statement in test.statements:
            for group, split in _named(statement):
                yield from _examine(group, split, splits)


def _in_conditions(conversation: BoundConversation) -> Iterator[Diagnostic]:
    splits = dict(_splits(conversation))
    for phrase in phrases(conversation):
        for _, value in named_values(phrase):
            for call in calls(value.expression) if isinstance(value, Formula) else ():
                match call.arguments:
                    case {"split": str(split), "group": str(group)}:
                        named = [Scalar(Kind.TEXT, name, value.span) for name in (group, split)]
                        yield from _examine(named[0], named[1], splits)


def _splits(conversation: BoundConversation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names of every split's ways, by the name of the split."""
    for step in conversation.steps():
        for value in step.phrase.arguments.values():
            if isinstance(value, Arms):
                name = step.phrase.get("name")
                yield str(name.value) if isinstance(name, Scalar) else "", tuple(arm.name for arm in value.items)


def _named(statement: BoundStatement) -> Iterator[tuple[Scalar, Scalar | None]]:
    """Every group with its split, if that is named."""
    of = statement.phrase.option("of")
    alone = statement.phrase.arguments.get("group")
    if isinstance(alone, Scalar):
        yield alone, _scalar(of, "split")
    for option in statement.phrase.options:
        group = _scalar(option, "group")
        if group:
            yield group, _scalar(option, "split")


def _scalar(option: BoundOption | None, name: str) -> Scalar | None:
    value = option.arguments.get(name) if option else None
    return value if isinstance(value, Scalar) else None


def _examine(group: Scalar, split: Scalar | None, splits: Mapping[str, tuple[str, ...]]) -> Iterator[Diagnostic]:
    if split and split.value not in splits:
        yield _finding("split", split.span, str(split.value), tuple(splits))
        return
    groups = splits[str(split.value)] if split else tuple(name for ways in splits.values() for name in ways)
    if group.value not in groups:
        yield _finding("group", group.span, str(group.value), groups)


def _finding(what: str, span: Span, name: str, known: tuple[str, ...]) -> Diagnostic:
    listed = f"there are: {', '.join(f'`{each}`' for each in known)}" if known else "no conversation here has a split"
    return error("CDX031", span, f"there is no {what} `{name}`", did_you_mean(name, known) or listed)
