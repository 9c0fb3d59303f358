"""CDX307: an e-mail that inboxes cut off, or with pictures that say nothing where they are not shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import BODY, EMAIL, Sending, sendings
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context

LARGEST = 102_000
"""Bytes after which Gmail hides the rest, the link to unsubscribe with it."""
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ALT = re.compile(r"\balt\s*=", re.IGNORECASE)


def check_heavy_email(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every e-mail that is too large, and the first picture of each that has no `alt`."""
    for conversation in file.conversations:
        for sending in sendings(conversation, context, EMAIL):
            yield from _check(sending)


def _check(sending: Sending) -> Iterator[Diagnostic]:
    body = sending.parts[BODY]
    size = len(body.encode())
    if size > LARGEST:
        message = f"the e-mail has {size // 1000} kB, of which Gmail shows 102{sending.where}"
        yield warning("CDX307", sending.span, message, "shorten it: what is hidden includes the link to unsubscribe")
    bare = [image for image in _IMAGE.finditer(body) if not _ALT.search(image[0])]
    for image in bare[:1]:
        message = f"a picture has no `alt`{sending.where}"
        hint = 'write `alt="what it shows"`, or `alt=""` for decoration'
        yield warning("CDX307", sending.place(BODY, *image.span()), message, hint)
