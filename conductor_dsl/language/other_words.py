"""Words that people bring along from other tools, with what to write here instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_STEPS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("send", "message"), "write `sms` or `email`"),
        **dict.fromkeys(("text", "mms"), "write `sms`"),
        **dict.fromkeys(("mail", "newsletter"), "write `email`"),
        **dict.fromkeys(("delay", "pause", "sleep"), "write `wait`"),
        **dict.fromkeys(("stop", "exit", "finish", "done"), "write `end`"),
        "jump": "write `goto`",
        "else": "`else` stands behind the `if` and its way, without an arrow",
    }
)
_BRANCHES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("continue", "skip", "ignore", "next", "nothing", "none"), "write `pass` to go on"),
        "then": "leave `then` out; several steps stand in a block `{ ... }`",
    }
)
_JOINS = ("then", "do", "next", "and_then", "followed")


def other_step(word: str) -> str | None:
    """The hint for a word of another tool where a step should begin."""
    return _STEPS.get(word.lower())


def other_branch(word: str) -> str | None:
    """The hint for a word of another tool where a branch should begin."""
    return _BRANCHES.get(word.lower()) or other_step(word)


def other_join(word: str) -> str | None:
    """The hint for a word that joins steps elsewhere."""
    return "write `->` before the next step" if word.lower() in _JOINS else None
