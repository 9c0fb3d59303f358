"""What Conductor itself writes: answers to STOP, HELP and START, and requests to confirm.

In the words of the settings, or as carriers want it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_dsl.language.vocabulary import ListRule

ANSWERED = ("stop", "help", "start")
_BY = {"stop": "You get no more texts from us.", "start": "You get our texts again.", "help": "These are our texts."}
_ON = {
    "stop": "Reply START to get them again, HELP for help.",
    "start": "Msg & data rates may apply. Reply HELP for help, STOP to end.",
    "help": "Msg & data rates may apply. Reply STOP to end.",
}


def answers(code: Mapping[str, Any], brand: Mapping[str, Any]) -> dict[str, str]:
    """The answers by what they answer, as templates; an empty text in the settings stands for no answer."""
    given = {name: code.get(name, _default(name, code, brand)) for name in ANSWERED}
    return {name: text for name, text in given.items() if text}


def _default(name: str, code: Mapping[str, Any], brand: Mapping[str, Any]) -> str:
    """Who writes, what is so now, where help is to be found, how often, and which words to reply."""
    who = "{{ brand }}: " if brand.get("name") else ""
    where = "For help see {{ shop_url }}." if name == "help" and brand.get("shop_url") else ""
    often = "" if name == "stop" else _often(code.get("frequency", ""))
    return who + " ".join(part for part in (_BY[name], where, often, _ON[name]) if part)


def _often(frequency: str) -> str:
    """`4 per 1mo` in a sentence; a period that has no name of its own is left out."""
    count, _, period = frequency.partition(" per ")
    names = {"1d": "a day", "1w": "a week", "7d": "a week", "1mo": "a month", "30d": "a month"}
    return f"Up to {count} messages {names[period]}." if period in names else ""


def list_rules(lists: Mapping[str, Any], codes: Mapping[str, Any], brand: Mapping[str, Any]) -> tuple[ListRule, ...]:
    """What lists ask of those who want to join, beside a yes; a list that asks nothing has no rule."""
    rules = {name: table for name, table in lists.items() if isinstance(table, Mapping)}
    return tuple(_rule(name, table, codes, brand) for name, table in rules.items())


def _rule(name: str, table: Mapping[str, Any], codes: Mapping[str, Any], brand: Mapping[str, Any]) -> ListRule:
    who = "{{ brand }}: " if brand.get("name") else ""
    return ListRule(
        name=name,
        double=table.get("double", ""),
        code=table.get("code", next(iter(codes), "")),
        subject=table.get("subject", ""),
        confirm=table.get("confirm", f"{who}Reply YES to get our texts. {_ON['start']}"),
        min_age=table.get("min_age", 0),
        birth=table.get("birth", ""),
    )
