"""CDX606: a link with personal data in it, or with a value that may break it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.sendings import sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.vocabulary import Context

_LINK = re.compile(r"(?:https?://|\{\{\s*shop_url\s*\}\}/)(?:\{\{.*?\}\}|[^\s\"'<>{}])*", re.DOTALL)
_GAP = re.compile(r"(?<=[^\s\"'])\{\{\s*(?P<path>[A-Za-z_][\w.]*)(?P<filters>[^}]*)\}\}")
PERSONAL = ("email", "mobile", "first_name", "last_name")
SAFE = (ValueType.NUMBER, ValueType.BOOLEAN, ValueType.DATE, ValueType.INSTANT)


def check_personal_link(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every field of a contact, and every text of an event, inside a link."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context):
            for part, text in sending.parts.items():
                for link in _LINK.finditer(text):
                    for gap in _GAP.finditer(text, *link.span()):
                        problem = _problem(gap, conversation)
                        if problem:
                            span = sending.place(part, gap.start("path"), gap.end("path"))
                            yield warning("CDX606", span, f"{problem[0]}{sending.where}", problem[1])


def _problem(gap: re.Match[str], conversation: BoundConversation) -> tuple[str, str] | None:
    name = gap["path"]
    type_ = _type(name, conversation)
    if name in PERSONAL or type_ in (ValueType.EMAIL, ValueType.PHONE):
        return f"the link holds `{name}`, which everybody on its way can read", "use `key`, which says nothing"
    if type_ is not None and type_ not in SAFE and "url_encode" not in gap["filters"]:
        return f"`{name}` may break the link", f"write `{{{{ {name} | url_encode }}}}`"
    return None


def _type(name: str, conversation: BoundConversation) -> ValueType | None:
    """The type of a field or of a field of the event; none for constants, keys, and whole addresses."""
    if name == "key" or name.endswith(("_url", ".url")):
        return None
    if name.startswith("event."):
        return conversation.event_fields.get(name.removeprefix("event."))
    return conversation.fields.get(name)
