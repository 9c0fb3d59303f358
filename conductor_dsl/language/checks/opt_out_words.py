"""CDX202: a marketing text, perhaps the first of its run, that does not say how to get no more of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from conductor_dsl.language.bound import BoundFile, BoundStep
from conductor_dsl.language.checks.flow_graph import flow_graph
from conductor_dsl.language.checks.sendings import SMS, sendings
from conductor_dsl.language.complete_text import says_how_to_opt_out
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context


def check_opt_out_words(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every such text that a contact can get before one that says it."""
    for conversation in file.conversations if context.catalogue.has_settings else ():
        texts = [sending for sending in sendings(conversation, context, SMS) if sending.is_marketing]
        silent = [sending for sending in texts if not says_how_to_opt_out(sending.full)]
        if not silent:
            continue
        telling = {sending.step.span for sending in texts if says_how_to_opt_out(sending.full)}
        first = {step.span for step in flow_graph(conversation).before(partial(_is_one_of, telling))}
        for sending in silent:
            if sending.step.span in first:
                message = f"the text does not say how to opt out{sending.where}"
                hint = "write `Reply STOP to opt out.` into it, or as `footer` under `[sms]` in conductor.toml"
                yield error("CDX202", sending.span, message, hint)


def _is_one_of(places: Collection[Span], step: BoundStep) -> bool:
    return step.span in places
