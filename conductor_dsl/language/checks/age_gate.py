"""CDX219: a text about what may not be sold to everybody, or that carriers forbid."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import SMS, sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

GATED = re.compile(
    r"\b(?:cannabis|marijuana|cbd|thc|vap(?:e|es|ing)|tobacco|cigar(?:s|ettes?)?|nicotine|e-?cig(?:s|arettes?)?"
    r"|casino|betting|gambl(?:e|ing)|sportsbook|wines?|beers?|whisk(?:e?y|ies)|vodka|tequila|liquor|alcohol|firearms?"
    r"|ammo|payday loans?)\b",
    re.IGNORECASE,
)


def check_age_gate(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first such word of every text."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context, SMS):
            for match, span in list(sending.find(GATED))[:1]:
                message = f"carriers let `{match[0]}` into texts only behind an age gate, if at all{sending.where}"
                hint = "send it from a code that your carrier has approved for it, to adults; or take it out"
                yield warning("CDX219", span, message, hint)
