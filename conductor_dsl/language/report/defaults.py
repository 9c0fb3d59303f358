"""What a conversation takes for granted, in words: every line that is not written, with what holds instead."""

from __future__ import annotations

from collections.abc import Iterable

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.defaults import Default, conversation_defaults
from conductor_dsl.language.report.look import printable

SETTING_WIDTH = 10


def defaults_in_words(conversation: BoundConversation) -> str:
    """A heading and one line for each default, the meaning behind it; settings first."""
    defaults = conversation_defaults(conversation)
    heading = f"\nconversation `{printable(conversation.name)}` in {printable(conversation.source.name)}"
    if not defaults:
        return f"{heading} takes nothing for granted\n"
    settings = _columns((default for default in defaults if not default.place), SETTING_WIDTH)
    options = _columns((default for default in defaults if default.place), 0)
    return "\n".join([f"{heading} takes for granted:", *settings, *options]) + "\n"


def _columns(defaults: Iterable[Default], width: int) -> list[str]:
    rows = [(f"{each.place} {each.name}".strip(), each.value, each.meaning) for each in defaults]
    cells = [tuple(map(printable, row)) for row in rows]
    first, second = (max((len(row[at]) for row in cells), default=0) for at in (0, 1))
    return [f"  {name:<{max(first, width)}} {value:<{second}}  # {meaning}" for name, value, meaning in cells]
