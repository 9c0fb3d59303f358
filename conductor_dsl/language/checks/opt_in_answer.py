"""CDX204: the first text to somebody who has just subscribed, without what carriers want in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile, BoundStep
from conductor_dsl.language.checks.flow_graph import flow_graph
from conductor_dsl.language.checks.sendings import SMS, Sending, sendings
from conductor_dsl.language.checks.walk import entry_events
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

SUBSCRIBED = "subscribed"
WANTED = {
    "`HELP`": re.compile(r"\bHELP\b"),
    "`STOP`": re.compile(r"\bSTOP\b"),
    "how often you write": re.compile(
        r"\b(?:msgs?|messages?|texts?|alerts?)\b.{0,20}(?:/|\bper\b|\ba\b|\beach\b|\bevery\b)"
        r"\s*(?:day|week|mo|month|year)|\bfrequency\b|\brecurring\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "`Msg & data rates may apply`": re.compile(r"\brates\b", re.IGNORECASE),
}


def check_opt_in_answer(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every text that is sent at once to who has just subscribed."""
    for conversation in file.conversations:
        entered = [thread for thread in conversation.threads if thread.trigger]
        if not any(SUBSCRIBED in entry_events(thread.trigger) for thread in entered if thread.trigger):
            continue
        first = _at_once(conversation)
        for sending in sendings(conversation, context, SMS):
            if sending.step.span in first:
                yield from _check(sending)


def _at_once(conversation: BoundConversation) -> set[object]:
    """The first texts of the run, without a wait before them."""

    def stops(step: BoundStep) -> bool:
        return step.name == SMS or bool(step.signature and step.signature.waits)

    return {step.span for step in flow_graph(conversation).before(stops) if step.name == SMS}


def _check(sending: Sending) -> Iterator[Diagnostic]:
    lacking = [what for what, pattern in WANTED.items() if not pattern.search(sending.full)]
    if lacking:
        message = f"the first text to a new subscriber does not say {_listed(lacking)}{sending.where}"
        hint = "`4 msgs/month. Msg & data rates may apply. Reply HELP for help, STOP to cancel.`"
        yield warning("CDX204", sending.span, message, hint)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
