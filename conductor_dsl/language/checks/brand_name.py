"""CDX203: a text that does not say who it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import SMS, Sending, sendings
from conductor_dsl.language.complete_text import names_brand
from conductor_dsl.language.diagnostics import Diagnostic, error, warning
from conductor_dsl.language.vocabulary import Context


def check_brand_name(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every text without the brand's name: an error in an advertisement, a warning elsewhere."""
    for conversation in file.conversations if context.catalogue.has_settings else ():
        for sending in sendings(conversation, context, SMS):
            if not names_brand(sending.full, context.catalogue.constants.get("brand", "")):
                yield _finding(sending)


def _finding(sending: Sending) -> Diagnostic:
    message = f"the text does not name the brand{sending.where}"
    if sending.is_marketing:
        hint = "begin it with `{{ brand }}:`, or set `header` under `[sms]` in conductor.toml"
        return error("CDX203", sending.span, message, hint)
    return warning("CDX203", sending.span, message, "begin it with `{{ brand }}:`")
