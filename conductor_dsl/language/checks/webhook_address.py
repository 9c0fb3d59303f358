"""CDX602: an address that may not be called."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.no_settings import without_settings
from conductor_dsl.language.checks.walk import named_values
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.signatures import Kind
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.language.web_address import address_problem, host_of, place_of
from conductor_dsl.shared.nearest import did_you_mean

PARAMETER = "url"


def check_webhook_address(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every address of a step that is not safe to call, or whose host the project does not name."""
    for conversation in file.conversations:
        for step in conversation.steps():
            for name, value in named_values(step.phrase):
                if name == PARAMETER and isinstance(value, Scalar) and value.kind is Kind.TEXT:
                    finding = _problem(str(value.value), context)
                    if finding:
                        message, hint = finding
                        yield error("CDX602", value.span, message, hint)


def _problem(address: str, context: Context) -> tuple[str, str] | None:
    private = context.catalogue.webhook_private
    if problem := address_problem(address, private):
        why, hint = problem
        return f"`{address}` may not be called: {why}", hint
    host, hosts = host_of(address), context.catalogue.webhook_hosts
    if place_of(address) in private or host in {known.lower() for known in hosts}:
        return None
    if not context.catalogue.has_settings:
        return without_settings("host", host)
    hint = did_you_mean(host, hosts) or f'write `hosts = ["{host}"]` under [webhook] in conductor.toml'
    return f"`{host}` may not be called: conductor.toml does not name it", hint
