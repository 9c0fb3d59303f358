"""CDX305: an e-mail from another domain than the one that is set up for sending."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.sendings import EMAIL, sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context


def check_sender_domain(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every sender, of a step or of a saved message, whose domain is not that of conductor.toml."""
    own = _domain(context.catalogue.senders.get(EMAIL, ""))
    for conversation in file.conversations if own else ():
        for sending in sendings(conversation, context, EMAIL):
            written = sending.step.phrase.get("sender")
            if isinstance(written, Scalar):
                yield from _compare(str(written.value), own, written.span, "")
            elif sending.saved:
                yield from _compare(sending.saved.sender, own, sending.span, sending.where)


def _compare(sender: str, own: str, span: Span, where: str) -> Iterator[Diagnostic]:
    domain = _domain(sender)
    if domain and domain != own and not domain.endswith(f".{own}"):
        hint = "mail from a domain that is not authenticated goes to spam; use the one that is set up"
        yield warning(
            "CDX305", span, f"the sender's domain `{domain}`{where} is not `{own}`, as in conductor.toml", hint
        )


def _domain(address: str) -> str:
    return address.rpartition("@")[2].rstrip("> ").lower()
