"""CDX405: many messages in a short time, and no `cap`."""

from __future__ import annotations

import math
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundConversation, BoundFile
from conductor_dsl.language.checks.flow_graph import flow_graph
from conductor_dsl.language.checks.sendings import EMAIL, SMS
from conductor_dsl.language.complete_text import MARKETING
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.most_messages import Search, most_messages, nominal
from conductor_dsl.language.vocabulary import Context
from conductor_dsl.shared.clock import DAY

WEEK = 7 * DAY
MOST = {SMS: 3, EMAIL: 5}
"""As many messages a week nobody minds, by channel."""


def check_missing_cap(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every conversation of which one run can send more than that, where no cap holds it back."""
    for conversation in file.conversations:
        if conversation.settings.message_class == MARKETING:
            capped = {channel for channel, _, _ in (*context.catalogue.rules.caps, *conversation.settings.caps)}
            for channel, limit in MOST.items():
                if channel not in capped:
                    yield from _check(conversation, channel, limit)


def _check(conversation: BoundConversation, channel: str, limit: int) -> Iterator[Diagnostic]:
    graph = flow_graph(conversation)
    most = most_messages(graph, Search(lambda step: step.name == channel, WEEK, measure=nominal))
    if limit < most.count < math.inf:
        message = f"up to {most.count:g} messages by `{channel}` within a week, and no `cap` for them"
        hint = f"write `cap {channel} {limit} per 7d` into the head, or wait longer between them"
        yield warning("CDX405", graph.steps[most.path[-1]].name_span, message, hint)
