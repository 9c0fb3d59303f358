"""From a place to what stands there means, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor_dsl.editor.nouns import OpenScript
from conductor_dsl.editor.token_at import named_at, token_at
from conductor_dsl.language.reference import phrase_to_text
from conductor_dsl.language.scan import TokenKind
from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.language.signatures import Phrase
from conductor_dsl.language.source import Span


def describe(script: OpenScript, offset: int) -> tuple[Span, str] | None:
    """What stands at an offset, and what it means; None where there is nothing to say."""
    token = token_at(script.source.text, offset)
    if token is None:
        return None
    named = named_at(script.source.text, offset)
    if named:
        told = _reference(script, *named)
    else:
        told = next(iter(_meanings(script, token.text)), None) if token.kind is TokenKind.WORD else None
    return (token.span, told) if told else None


def _reference(script: OpenScript, kind: str, name: str) -> str | None:
    catalogue = script.context.catalogue
    if kind == "saved" and name in catalogue.saved:
        message = catalogue.saved[name]
        about = [message.channel, message.status if message.status != "ready" else ""]
        lines = [
            f"**{message.subject or name}**",
            message.preheader,
            f"{', '.join(filter(None, about))}: `{message.path}`",
        ]
        return "\n\n".join(filter(None, lines))
    if kind == "list" and name in catalogue.lists:
        return f"**{name}**\n\n{catalogue.lists[name]}"
    if kind == "code" and name in catalogue.codes:
        return f"**{name}** is provisioned for {', '.join(catalogue.codes[name].classes)}"
    return None


def _meanings(script: OpenScript, word: str) -> Iterator[str]:
    vocabulary, scope = script.context.vocabulary, script.scope
    if word in vocabulary.steps:
        step = vocabulary.steps[word]
        yield _entry(word, step.forms, step.summary, step.doc, step.example)
    if word in vocabulary.predicates:
        predicate = vocabulary.predicates[word]
        yield _entry(word, predicate.forms, predicate.summary, predicate.doc, predicate.example)
    if word in SETTINGS:
        setting = SETTINGS[word]
        default = f"Without it: {setting.default}." if setting.default else ""
        yield _entry(word, setting.forms, setting.summary, default, setting.example)
    if word in scope.segments:
        segment = scope.segments[word]
        yield f"segment **{word}**" + (f"\n\n`{_segment_text(script, word)}`" if segment else "")
    if word in scope.fields:
        yield f"field **{word}**: {scope.fields[word].value}"
    if word in scope.events:
        fields = (f"{name} {type_.value if type_ else 'list'}" for name, type_ in scope.events[word].items())
        yield f"event **{word}** {{ {', '.join(fields)} }}"


def _segment_text(script: OpenScript, name: str) -> str:
    from conductor_dsl.editor.find_declaration import declaration_of  # noqa: PLC0415 - each needs the other's nouns

    place = declaration_of(script, name)
    return " ".join(place.source.excerpt(place.span).split()) if place and place.source else name


def _entry(name: str, forms: Iterable[Phrase], summary: str, doc: str, example: str) -> str:
    written = "\n".join(f"{name} {phrase_to_text(form)}".rstrip() for form in forms)
    parts = [f"```cdx\n{written}\n```", f"{summary[0].upper()}{summary[1:]}.", doc]
    return "\n\n".join([*filter(None, parts), *([f"```cdx\n{example}\n```"] if example else [])])
