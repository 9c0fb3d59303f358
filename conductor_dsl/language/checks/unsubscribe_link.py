"""CDX301: a marketing e-mail without a way out of the list. CDX302: one without a postal address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import BODY, EMAIL, Sending, sendings
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context

_UNSUBSCRIBE, _ADDRESS = (
    re.compile(rf"\{{[{{%][^}}]*(?<![\w.]){name}\b") for name in ("unsubscribe_url", "postal_address")
)


def check_unsubscribe_link(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every marketing e-mail that lacks what the law wants in it."""
    for conversation in file.conversations if context.catalogue.has_settings else ():
        for sending in sendings(conversation, context, EMAIL):
            if sending.is_marketing:
                yield from _check(sending, context)


def _check(sending: Sending, context: Context) -> Iterator[Diagnostic]:
    body = sending.parts[BODY]
    if not _UNSUBSCRIBE.search(body):
        hint = 'write `<a href="{{ unsubscribe_url }}">Unsubscribe</a>` into it'
        yield error("CDX301", sending.span, f"the e-mail has no link to unsubscribe{sending.where}", hint)
    address = context.catalogue.constants.get("postal_address", "")
    if not _ADDRESS.search(body) and not (address and address in body):
        hint = "write `{{ postal_address }}` below it; the address stands under `[brand]` in conductor.toml"
        yield error("CDX302", sending.span, f"the e-mail has no postal address{sending.where}", hint)
