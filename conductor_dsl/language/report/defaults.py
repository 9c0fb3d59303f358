"""What a conversation takes for granted: every setting that its head leaves out, with what holds instead."""

from __future__ import annotations

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.report.look import printable
from conductor_dsl.language.settings import SETTINGS


def defaults_in_words(conversation: BoundConversation) -> str:
    """A heading and one line for each setting that is not written, the meaning behind it."""
    written = {setting.name for setting in conversation.written}
    rows = [(name, _default(name, conversation), SETTINGS[name].summary) for name in SETTINGS if name not in written]
    width = max((len(default) for _, default, _ in rows), default=0)
    heading = f"\nconversation `{printable(conversation.name)}` in {printable(conversation.source.name)}"
    if not rows:
        return f"{heading} takes nothing for granted\n"
    lines = [f"  {name:<10} {default:<{width}}  # {summary}" for name, default, summary in rows]
    return "\n".join([f"{heading} takes for granted:", *lines]) + "\n"


def _default(name: str, conversation: BoundConversation) -> str:
    if name == "timezone":
        return f'contact else "{conversation.settings.zone}"'
    return SETTINGS[name].default
