"""The part of the language reference that follows from signatures: steps, conditions, triggers, settings, tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.settings import SETTINGS
from conductor_dsl.language.signatures import Kind, Option, Param, Phrase
from conductor_dsl.language.statements import STATEMENTS
from conductor_dsl.language.vocabulary import Vocabulary

_PLACES = {
    Kind.TEXT: '"..."',
    Kind.TEMPLATE: '"..."',
    Kind.NUMBER: "NUMBER",
    Kind.DURATION: "DURATION",
    Kind.CLOCK: "HH:MM",
    Kind.DATE: "YYYY-MM-DD",
    Kind.PERCENT: "PERCENT",
    Kind.FIELD: "FIELD",
    Kind.EVENT: "EVENT",
    Kind.PREDICATE: "CONDITION",
    Kind.VALUE: "VALUE",
    Kind.ASSIGNMENTS: "FIELD = VALUE, ...",
    Kind.BRANCH: "BRANCH",
    Kind.ARMS: '{ PERCENT "NAME" { ... } ... }',
    Kind.PAYLOAD: "{ NAME VALUE, ... }",
}


def vocabulary_to_markdown(vocabulary: Vocabulary) -> str:
    """One heading for each word, with its forms, its options and their defaults."""
    parts = ["## Steps", *_steps(vocabulary), "## Conditions and measures", *_predicates(vocabulary)]
    parts += ["## Triggers", *_triggers(vocabulary), "## Settings", *_settings(), "## Lines of tests", *_statements()]
    return "\n\n".join(parts) + "\n"


def phrase_to_text(phrase: Phrase) -> str:
    """A phrase as it is written, parameters in capitals: `until HH:MM`."""
    return " ".join(part if isinstance(part, str) else _place(part) for part in phrase)


def _place(param: Param) -> str:
    places: list[str] = []
    for kind in param.kinds:
        if kind is Kind.REF:
            places += [f'{ref}:"..."' for ref in param.refs]
        elif kind is Kind.WORD:
            places += param.words
        else:
            places.append(_PLACES[kind])
    place = "|".join(places)
    place = f"{place}, ..." if param.many else place
    return f"[{place}]" if param.optional else place


def _steps(vocabulary: Vocabulary) -> Iterator[str]:
    for name, step in sorted(vocabulary.steps.items()):
        yield _entry(name, step.summary, (_with_name(name, form) for form in step.forms), step.options)
        yield from filter(None, (step.doc,))


def _predicates(vocabulary: Vocabulary) -> Iterator[str]:
    for name, predicate in sorted(vocabulary.predicates.items()):
        type_ = "" if predicate.type is ValueType.BOOLEAN else f" ({predicate.type.value})"
        forms = (_with_name(name, form) for form in predicate.forms)
        yield _entry(name, predicate.summary + type_, forms, predicate.options)
        yield from filter(None, (predicate.doc,))


def _triggers(vocabulary: Vocabulary) -> Iterator[str]:
    for name, trigger in sorted(vocabulary.triggers.items()):
        yield _entry(name, trigger.summary, map(phrase_to_text, trigger.forms), trigger.options)
        yield from filter(None, (trigger.doc,))


def _settings() -> Iterator[str]:
    rows = ["| written | meaning | without it |", "| --- | --- | --- |"]
    for name, setting in SETTINGS.items():
        forms = "<br>".join(f"`{_with_name(name, form)}`".replace("|", "\\|") for form in setting.forms)
        rows.append(f"| {forms} | {setting.summary} | {setting.default} |")
    yield "\n".join(rows)


def _statements() -> Iterator[str]:
    rows = ["| written | may be followed by | meaning |", "| --- | --- | --- |"]
    for word, signatures in STATEMENTS.items():
        for each in signatures:
            forms = _code(_with_name(word, form) for form in each.forms)
            options = _code(phrase_to_text(option.phrase) for option in each.options if option.keyword != "for")
            rows.append(f"| {forms} | {options} | {each.summary} |")
    yield "\n".join(rows)


def _code(phrases: Iterable[str]) -> str:
    return "<br>".join(f"`{phrase}`" for phrase in phrases).replace("|", "\\|")


def _with_name(name: str, form: Phrase) -> str:
    return f"{name} {phrase_to_text(form)}".rstrip()


def _entry(name: str, summary: str, forms: Iterable[str], options: Iterable[Option]) -> str:
    written = "\n".join(forms)
    lines = [f"### `{name}`\n\n{summary[0].upper()}{summary[1:]}.\n\n```text\n{written}\n```"]
    rows = [_option(option) for option in options]
    if rows:
        lines.append("\n".join(["| option | meaning | without it |", "| --- | --- | --- |", *rows]))
    return "\n\n".join(lines)


def _option(option: Option) -> str:
    written = phrase_to_text(option.phrase).replace("|", "\\|")
    return f"| `{written}` | {option.doc} | {option.default} |"
