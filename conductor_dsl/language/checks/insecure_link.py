"""CDX608: a link that is not secure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

LINK = re.compile(r"\bhttp://(?!www\.w3\.org\b)[^\s\"'<>{}]*", re.IGNORECASE)
"""A link; the names of XML documents, which nobody opens, are none."""


def check_insecure_link(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every such link of a message."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context):
            for match, span in sending.find(LINK):
                message = f"`{match[0]}` is not a secure link{sending.where}"
                yield warning("CDX608", span, message, "write `https://`: phones warn of the other kind")
