"""From a new name for a step or a thread to every place where the old one stands."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.editor.nouns import OpenScript
from conductor_dsl.editor.token_at import text_of
from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.scan import ScanToken, TokenKind, scan, without_comments
from conductor_dsl.language.source import Span
from conductor_dsl.shared.errors import ConductorError

_KINDS = {"as": "step", "step": "step", "thread": "thread"}
_UNFIT = ('"', "\n", "\\")


def renamed_spans(script: OpenScript, offset: int) -> tuple[str, list[Span]] | None:
    """The name at an offset, and the spans of all texts that say it, quotes included; None where nothing has a name.

    Steps are named by `as "..."` and threads by `thread "..."`; both are referred to within their conversation.
    """
    around = next((each for each in script.checked.conversations if each.span.start <= offset <= each.span.end), None)
    if around is None:
        return None
    named = list(_named(script.source.text, around))
    found = next(((kind, name) for kind, name, span in named if span.start <= offset <= span.end), None)
    if found is None:
        return None
    return found[1], [span for kind, name, span in named if (kind, name) == found]


def check_new_name(script: OpenScript, offset: int, name: str) -> None:
    """Raise ConductorError for a name that cannot be given."""
    if not name.strip() or any(sign in name for sign in _UNFIT):
        raise ConductorError(f"`{name}` cannot be a name", hint="a name is a line of text without quotes")
    found = renamed_spans(script, offset)
    conversations = script.checked.conversations
    taken = {each for one in conversations for _, each, _ in _named(script.source.text, one)}
    if found and name != found[0] and name in taken:
        raise ConductorError(f"there is a `{name}` already", hint="choose another name")


def _named(text: str, conversation: BoundConversation) -> Iterator[tuple[str, str, Span]]:
    """(kind, name, span) of every name of a step or a thread in a conversation."""
    tokens = without_comments(scan(text))
    inside = [token for token in tokens if conversation.span.start <= token.start < conversation.span.end]
    for index, token in enumerate(inside):
        kind = _kind_before(inside, index) if token.kind is TokenKind.TEXT else None
        if kind:
            yield kind, text_of(token), token.span


def _kind_before(tokens: list[ScanToken], index: int) -> str | None:
    """What the text behind these words is the name of: `as "X"`, `step:"X"`, `thread "X"`, `thread:"X"`."""
    previous = [token.text for token in tokens[max(0, index - 2) : index]]
    if len(previous) == 2 and previous[1] == ":":
        return _KINDS.get(previous[0]) if previous[0] != "as" else None
    word = previous[-1] if previous else ""
    return _KINDS[word] if word in ("as", "thread") else None
