"""CDX113: a template reads a value that some contacts do not have, and says nothing for them."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.known_fields import ALWAYS, known_fields
from conductor_dsl.language.checks.template_uses import root, template_uses
from conductor_dsl.language.diagnostics import Diagnostic, warning
from conductor_dsl.language.vocabulary import Context


def check_missing_default(file: BoundFile, context: Context) -> Iterator[Diagnostic]:
    """Every field that is read without a `default`, where no way to the step makes sure that it has a value."""
    for conversation in file.conversations:
        known = known_fields(conversation)
        for template in template_uses(conversation, context):
            for use in template.reading.variables:
                name = root(use)
                if name in known.get(template.step.name_span.start, ALWAYS) or use.has_default:
                    continue
                if name in conversation.fields:
                    message = f"`{name}` may be missing, and no default stands for it{template.where}"
                    hint = f"write `{{{{ {name} | default: '...' }}}}`"
                    yield warning("CDX113", template.place(use.offset, len(use.path)), message, hint)
