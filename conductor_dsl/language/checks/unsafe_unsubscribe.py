"""CDX303: a link to unsubscribe that is not a secure one."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.sendings import BODY, EMAIL, sendings
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context

NAME = "unsubscribe_url"


def check_unsafe_unsubscribe(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """The first e-mail of each conversation that carries such a link."""
    url = context.catalogue.constants.get(NAME, "")
    if not url or url.startswith("https://"):
        return
    for conversation in file.conversations:
        carrying = (sending for sending in sendings(conversation, context, EMAIL) if NAME in sending.parts[BODY])
        for sending in list(carrying)[:1]:
            hint = "mail services call it without asking: write a link with `https://` into conductor.toml"
            yield error("CDX303", sending.span, f"`unsubscribe_url` is `{url}`, which is not secure", hint)
