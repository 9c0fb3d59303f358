"""CDX215: words of an advertisement in a message that is meant to be none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

TRANSACTIONAL = "transactional"
PROMOTION = re.compile(
    r"\b\d{1,2} ?% off\b|[$€£]\d+ off\b|\bbuy now\b|\bshop now\b|\b(?:on|the|our|big|flash) sale\b"
    r"|\bspecial offer\b|\bdiscount\b|\bcoupon\b|\bpromo(?:tion)?(?: code)?\b|\blimited[ -]time\b"
    r"|\bfree gift\b|\bclearance\b",
    re.IGNORECASE,
)


def check_promotional_words(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first such word of every transactional message."""
    for conversation in file.conversations:
        if conversation.settings.message_class != TRANSACTIONAL:
            continue
        for sending in sendings(conversation, context):
            for match, span in list(sending.find(PROMOTION))[:1]:
                message = f"`{match[0]}` makes an advertisement of a `transactional` message{sending.where}"
                yield warning("CDX215", span, message, "take it out, or send it with `class marketing` to who agreed")
