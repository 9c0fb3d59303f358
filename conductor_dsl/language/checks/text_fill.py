"""A template of a text with something in its gaps: as it usually is, and as long as it can become."""

from __future__ import annotations

import re
from collections.abc import Mapping

from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.checks.template_uses import EVENT
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.template_filter import LONGEST_RESULT
from conductor_dsl.language.vocabulary import Context

_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_GAP = re.compile(r"\{\{-?\s*(?P<path>[\w.\[\]]+)?(?P<filters>.*?)-?\}\}", re.DOTALL)
_DEFAULT = re.compile(r"\bdefault:\s*(?:\"([^\"]*)\"|'([^']*)')")
_FILTER = re.compile(r"\|\s*(\w+)")
_TRUNCATE = re.compile(r"\btruncate:\s*(\d+)")
USUAL = 6
LONGEST: Mapping[ValueType, int] = {
    ValueType.TEXT: 25,
    ValueType.EMAIL: 60,
    ValueType.PHONE: 16,
    ValueType.NUMBER: 12,
    ValueType.BOOLEAN: 5,
    ValueType.DATE: 10,
    ValueType.INSTANT: 13,
    ValueType.ZONE: 30,
}
"""Characters that a value of a type can have. A text has no bound; with this many, hardly a name is longer."""
LONGEST_OTHER = 100
"""Characters of a link, or of what is computed."""


def without_gaps(template: str) -> str:
    """The letters of the template itself, with a space for each character of a gap or a tag: places stay."""
    return _TAG.sub(_blank, _GAP.sub(_blank, template))


def as_usual(template: str, constants: Mapping[str, str]) -> str:
    """The text as most people get it: a default where there is one, else six letters."""
    return _GAP.sub(lambda gap: _usual(gap, constants), _TAG.sub("", template))


def at_longest(template: str, context: Context, conversation: BoundConversation) -> str:
    """The text with the longest value in each gap."""
    return _GAP.sub(lambda gap: _longest(gap, context, conversation), _TAG.sub("", template))


def unbounded(template: str, context: Context, conversation: BoundConversation) -> list[str]:
    """The gaps that hold a text of any length."""
    gaps = _GAP.finditer(_TAG.sub("", template))
    return [
        gap["path"]
        for gap in gaps
        if gap["path"]
        and gap["path"] not in context.catalogue.constants
        and _bound(gap, context) is None
        and _type(gap["path"], conversation) in (ValueType.TEXT, None)
    ]


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _usual(gap: re.Match[str], constants: Mapping[str, str]) -> str:
    default = _DEFAULT.search(gap["filters"])
    if gap["path"] in constants:
        return constants[gap["path"]]
    return (default[1] or default[2] or "") if default else "x" * USUAL


def _longest(gap: re.Match[str], context: Context, conversation: BoundConversation) -> str:
    constants = context.catalogue.constants
    if gap["path"] in constants:
        return constants[gap["path"]]
    limit = _bound(gap, context)
    if limit is not None:
        return "x" * limit
    type_ = _type(gap["path"] or "", conversation)
    length = LONGEST_OTHER if type_ is None or "url" in (gap["path"] or "") else LONGEST[type_]
    return "x" * max(length, len(_usual(gap, constants)))


def _bound(gap: re.Match[str], context: Context) -> int | None:
    """The characters that a gap has at most: by `truncate`, or by the filter of a plugin that says so."""
    limit = _TRUNCATE.search(gap["filters"])
    if limit:
        return int(limit[1])
    named = set(_FILTER.findall(gap["filters"]))
    bounds = [each.longest for each in context.vocabulary.filters if each.name in named]
    return min((bound for bound in bounds if bound < LONGEST_RESULT), default=None)


def _type(path: str, conversation: BoundConversation) -> ValueType | None:
    if path.startswith(f"{EVENT}."):
        return conversation.event_fields.get(path.removeprefix(f"{EVENT}."))
    return conversation.fields.get(path)
