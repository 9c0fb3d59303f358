"""CDX212: what carriers take for spam in a text: links of public shorteners, and shouting."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import BODY, SMS, Sending, sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

SHORTENER = re.compile(
    r"(?<![\w.-])(?<!\w/)(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rebrand\.ly|cutt\.ly|shorturl\.at|rb\.gy|t\.ly)"
    r"(?=/|\b(?![\w.-]))",
    re.IGNORECASE,
)
_GAP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|https?://\S+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST_CAPITALS, _FEWEST_WORDS = 0.6, 5


def check_link_shortener(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every such link, and every text of which most is in capitals."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context, SMS):
            for match, span in sending.find(SHORTENER):
                hint = "link to your own domain: carriers block links that everybody shares"
                yield warning("CDX212", span, f"`{match[0]}` is a public link shortener{sending.where}", hint)
            if _shouts(sending):
                hint = "write it as one speaks; carriers filter what shouts"
                yield warning("CDX212", sending.span, f"most of the text is in capitals{sending.where}", hint)


def _shouts(sending: Sending) -> bool:
    words = _WORD.findall(_GAP.sub(" ", sending.parts[BODY]))
    loud = [word for word in words if word.isupper() and word != "STOP"]
    return len(words) >= _FEWEST_WORDS and len(loud) > _MOST_CAPITALS * len(words)
