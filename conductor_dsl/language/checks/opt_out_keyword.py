"""CDX211: a thread on a word by which people opt out, or ask for help: carriers and the engine answer these."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile, Scalar
from conductor_dsl.language.checks.walk import entry_events
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context

RECEIVED = "sms.received"
KEPT = ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "help", "info", "start")
"""What people text to opt out, to ask who writes, and to be written to again."""


def check_opt_out_keyword(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every trigger on such a word."""
    for conversation in file.conversations:
        for thread in conversation.threads:
            if thread.trigger and RECEIVED in entry_events(thread.trigger):
                word = thread.trigger.phrase.get("word")
                if isinstance(word, Scalar) and str(word.value).strip().lower() in KEPT:
                    message = f"`{word.value}` is kept for opting out and for help"
                    hint = "choose another word: this one is answered by your carrier, and ends or begins consent"
                    yield error("CDX211", word.span, message, hint)
