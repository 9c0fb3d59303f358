"""Complete text: what a marketing text says beside what its step says.

`[sms] header` and `footer` of `conductor.toml` stand round every marketing text that does not name the brand, or say
how to opt out, by itself. What is published, checked, previewed and tested is the completed text.
"""

from __future__ import annotations

import re

from conductor_dsl.language.vocabulary import Catalogue

MARKETING = "marketing"

_BRAND_VARIABLE = re.compile(r"\{[{%][^}]*(?<![\w.])brand\b")
_OPT_OUT = re.compile(
    r"""
    \b (?: reply | text | txt | send | respond | answer | message | msg | envía | envia | responde | répondez | repondez
         | envoyez | tapez )
    (?: \s+ (?: with | back | con | par ) )? \s* :? \s* ["'“‘«*]? \s*
    (?: stop | stopall | end | quit | cancel | unsubscribe | revoke | opt[ -]?out | arr[eê]t | alto | baja ) \b
    | \b (?-i: STOP | STOPALL | ARR[EÊ]T ) ["'”’»*]? \s* (?: [=:] | (?: to | 2 | au | para | pour | \d{5} ) \b )
    | \b opt[ -]?out \b
    | \b unsubscribe \b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def complete_text(text: str, message_class: str, catalogue: Catalogue) -> str:
    """A text message as it is sent, still a template; only one of the class `marketing` is given anything."""
    if message_class != MARKETING:
        return text
    header = "" if names_brand(text, catalogue.constants.get("brand", "")) else catalogue.text_header
    footer = "" if says_how_to_opt_out(text) else catalogue.text_footer
    return _joined(_joined(header, text), footer)


def names_brand(text: str, brand: str) -> bool:
    """Whether a template says who it comes from: it reads `brand`, or holds the brand's name as a word."""
    if _BRAND_VARIABLE.search(text):
        return True
    words = r"\s+".join(re.escape(word) for word in brand.split())
    return bool(words) and re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) is not None


def says_how_to_opt_out(text: str) -> bool:
    """Whether a text says how to get no more of them: `Reply STOP to opt out`, `Txt "stop"`, `STOP=end`."""
    return _OPT_OUT.search(text) is not None


def _joined(before: str, after: str) -> str:
    """Two pieces with white space between them."""
    bare = before and after and not before[-1].isspace() and not after[0].isspace()
    return f"{before} {after}" if bare else before + after
