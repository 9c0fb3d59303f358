"""From a step to the words on its card: its name, and what it does as the author wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from conductor_dsl.language.bound import Arms, BoundPhrase, BoundStep, Branch, Reference, Scalar, Value
from conductor_dsl.language.signatures import Effect, Kind
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.picture.nouns import Card, Look

LONGEST = 150
"""How many characters of a message or a condition a card shows."""

_TITLES = {"sms": "Text message", "email": "E-mail", "when": "Only if", "if": "If", "goto": "Go to"}
_QUIET = ("as", "notify")
"""Options that say nothing about what a contact gets."""
_PLACE = re.compile(r"\{\{-?\s*([\w.]+)[^}]*\}\}")
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)


def step_to_card(key: str, step: BoundStep, source: Source, saved: Mapping[str, SavedMessage]) -> Card:
    """The card of a step; a step with a name of its own is called by it."""
    look = _look(step)
    word = _TITLES.get(step.name, step.name.replace("_", " ").capitalize())
    label = str(step.label.value) if step.label else ""
    message = _message(step.phrase, saved) if look is Look.MESSAGE else None
    text = _readable(message) if message else _written(step.phrase, source)
    says_so = label.lower().startswith(word.lower())
    title = label if says_so else f"{word}: {label}" if label else word
    return Card(key, look, shorten(title, 60), shorten(text))


def shorten(text: str, longest: int = LONGEST) -> str:
    """A text on one line, cut between words where it is long."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    return f"{line[: longest - 1].rsplit(' ', 1)[0].rstrip()} …"


def _readable(template: str) -> str:
    """A template without its code: `{{ first_name | default: "friend" }}` becomes `[first_name]`."""
    return _PLACE.sub(r"[\1]", _TAG.sub("", template))


def _look(step: BoundStep) -> Look:
    signature = step.signature
    if signature is None:
        return Look.ACTION
    if any(isinstance(value, Reference) and value.kind in ("step", "thread") for _, value in step.phrase.values()):
        return Look.JUMP if signature.ends else Look.WAIT if signature.waits else Look.ACTION
    by_trait = (
        (signature.ends, Look.END),
        (signature.waits, Look.WAIT),
        (signature.effect is Effect.SENDS, Look.MESSAGE),
        (signature.splits or signature.effect is Effect.READS, Look.CHOICE),
    )
    return next((look for holds, look in by_trait if holds), Look.ACTION)


def _message(phrase: BoundPhrase, saved: Mapping[str, SavedMessage]) -> str | None:
    """What the reader sees first: the text, or the subject; None where the step has neither."""
    for _, value in phrase.values():
        if isinstance(value, Reference) and value.kind == "saved":
            found = saved.get(value.name)
            return found.subject or found.body if found else value.name
        if isinstance(value, Scalar) and value.kind is Kind.TEMPLATE:
            return str(value.value)
    return None


def _written(phrase: BoundPhrase, source: Source) -> str:
    """The values and options of a step as they were written, without its blocks."""
    return " ".join(_pieces(phrase, source))


def _pieces(phrase: BoundPhrase, source: Source) -> Iterator[str]:
    values = [value for value in phrase.arguments.values() if not isinstance(value, Branch | Arms)]
    if len(values) > 1:
        yield source.excerpt(values[0].span.to(values[-1].span))
    else:
        yield from (_piece(value, source) for value in values)
    for option in phrase.options:
        if option.keyword not in _QUIET and not any(isinstance(each, Branch) for each in option.arguments.values()):
            yield source.excerpt(option.span)


def _piece(value: Value, source: Source) -> str:
    match value:
        case Reference(kind, name) if kind in ("step", "thread"):
            return name
        case Scalar(Kind.TEXT, text):
            return str(text)
    return source.excerpt(value.span)
