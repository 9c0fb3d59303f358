"""CDX013: a saved message that is still a draft."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.walk import phrases, references
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.vocabulary import Context


def check_draft_message(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every reference to a saved message that is not ready."""
    for conversation in file.conversations:
        for phrase in phrases(conversation):
            for reference in references(phrase, "saved"):
                message = context.catalogue.saved.get(reference.name)
                if message and message.status == "draft":
                    where = f" in `{_shown(message.path)}`" if message.path else ""
                    hint = f"take `status: draft` out{where} when it is finished"
                    yield error("CDX013", reference.span, f"the saved message `{reference.name}` is a draft", hint)


def _shown(path: str) -> str:
    """The file within its project, such as `messages/Winback1.html`, wherever that lies."""
    return "/".join(PurePath(path).parts[-2:])
