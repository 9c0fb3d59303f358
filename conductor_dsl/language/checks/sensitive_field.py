"""CDX403: a field about what the law protects most, in a condition or in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, Formula
from conductor_dsl.language.checks.template_uses import root, template_uses
from conductor_dsl.language.checks.walk import named_values, phrases
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.expressions import Field, walk
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context

SENSITIVE = re.compile(
    r"(?:^|_)(?:religio\w*|faith|church|health\w*|diagnos\w*|disabilit\w*|disabled|pregnan\w*|ethnic\w*|race|racial"
    r"|sexual\w*|gender_identity|political\w*|party_membership|trade_union|union_member|genetic\w*|biometric\w*|ssn)(?:_|$)",
    re.IGNORECASE,
)


def check_sensitive_field(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every such use; a waiver with its reason is the way to allow one."""
    for conversation in file.conversations:
        uses = dict.fromkeys([*_asked(conversation), *_written(conversation, context)])
        for name, span in uses:
            if name in conversation.fields and SENSITIVE.search(name):
                message = f"`{name}` is about what the law protects most"
                hint = "do without it; or waive this with the legal basis as the reason"
                yield error("CDX403", span, message, hint)


def _asked(conversation: BoundConversation) -> Iterator[tuple[str, Span]]:
    for phrase in phrases(conversation):
        for _, value in named_values(phrase):
            if isinstance(value, Formula):
                yield from ((part.name, value.span) for part in walk(value.expression) if isinstance(part, Field))


def _written(conversation: BoundConversation, context: Context) -> Iterator[tuple[str, Span]]:
    for template in template_uses(conversation, context):
        for use in template.reading.variables:
            yield root(use), template.place(use.offset, len(use.path))
