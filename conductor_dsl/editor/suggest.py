"""From a situation to the words that may stand there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from conductor_dsl.editor.nouns import OpenScript, Suggestion, WordKind
from conductor_dsl.editor.situation import Situation, Where, situation_at
from conductor_dsl.language.bound import BoundConversation
from conductor_dsl.language.expressions import ValueType
from conductor_dsl.language.reference import phrase_to_text
from conductor_dsl.language.settings import SETTINGS, settings
from conductor_dsl.language.signatures import Kind, Option, Param, Phrase
from conductor_dsl.language.statements import STATEMENTS, statements
from conductor_dsl.language.step_names import named_steps
from conductor_dsl.language.words import ITEMS

_ITEMS: Mapping[str, str] = {
    "when": "who enters by a standing condition",
    "on": "who enters by an event",
    "conversation": 'conversation "Name" { ... }',
    "field": "field NAME TYPE",
    "event": "event NAME { FIELD TYPE, ... }",
    "segment": "segment NAME = CONDITION",
    "test": 'test "what must hold" { given ... at ... expect ... }',
}
_CONSTANTS = ("brand", "shop_url", "postal_address", "unsubscribe_url")
_JOINERS = ("and", "or", "not", "(", "if", "when", "where", "=", "!=", "<", "<=", ">", ">=")
_TEST_LINES: Mapping[str, str] = {
    "given": "given contact { NAME VALUE, ... }",
    "at": "at YYYY-MM-DD HH:MM",
    "when": "when EVENT { ... } after DURATION",
    "expect": "expect sms contains TEXT after DURATION",
}


def suggest(script: OpenScript, offset: int) -> tuple[int, list[Suggestion]]:
    """The words that may stand at an offset, and where the word that is being typed begins."""
    situation = situation_at(script.source.text, offset)
    found = {each.word: each for each in _suggestions(situation, script, offset) if _fits(each, situation.typed)}
    return situation.start, sorted(found.values(), key=lambda each: (list(WordKind).index(each.kind), each.word))


def _fits(suggestion: Suggestion, typed: str) -> bool:
    return suggestion.word.lower().startswith(typed.lower())


def _suggestions(situation: Situation, script: OpenScript, offset: int) -> Iterable[Suggestion]:
    match situation.where:
        case Where.FILE:
            return [Suggestion(word, WordKind.ITEM, _ITEMS[word]) for word in ITEMS]
        case Where.HEAD:
            return [*_settings(), Suggestion("thread", WordKind.ITEM, 'thread "Name" when CONDITION { ... }')]
        case Where.CHAIN:
            return _steps(script)
        case Where.PHRASE:
            return _in_phrase(situation, script)
        case Where.REFERENCE:
            return _names(situation, script, offset)
        case Where.TEMPLATE:
            return [*_fields(script), *(Suggestion(name, WordKind.FIELD, "text") for name in _CONSTANTS)]
    return _elsewhere(situation.where)


def _elsewhere(where: Where) -> Iterable[Suggestion]:
    if where is Where.DECLARATION:
        return [Suggestion(type_.value, WordKind.NAME) for type_ in ValueType]
    if where is Where.TEST:
        return [Suggestion(word, WordKind.ITEM, detail) for word, detail in _TEST_LINES.items()]
    return ()


def _steps(script: OpenScript) -> Iterator[Suggestion]:
    for name, step in script.context.vocabulary.steps.items():
        yield Suggestion(name, WordKind.STEP, _written(name, step.forms), step.summary)


def _settings() -> Iterator[Suggestion]:
    for name, setting in SETTINGS.items():
        yield Suggestion(name, WordKind.SETTING, _written(name, setting.forms), setting.summary)


def _written(name: str, forms: Iterable[Phrase]) -> str:
    return " | ".join(f"{name} {phrase_to_text(form)}".rstrip() for form in forms)


def _in_phrase(situation: Situation, script: OpenScript) -> Iterator[Suggestion]:
    """The options of a step or trigger, the words of its forms, and what may stand in their places."""
    last = situation.before[-1] if situation.before else situation.head
    forms, options = _lines(situation.head, script) if situation.in_test else _forms(situation.head, script)
    if situation.in_test and not situation.before:
        yield from _beginnings(situation.head)
    kinds = _wanted_behind(last, situation, forms, options)
    if kinds & {Kind.PREDICATE, Kind.VALUE} or last in _JOINERS:
        yield from _conditions(script)
    if kinds & {Kind.EVENT}:
        yield from (Suggestion(name, WordKind.EVENT, _event(script, name)) for name in script.scope.events)
    if kinds & {Kind.FIELD}:
        yield from _fields(script)
    for param in _params_behind(last, situation, forms, options):
        yield from (Suggestion(word, WordKind.OPTION) for word in param.words)
        yield from (Suggestion(f"{ref}:", WordKind.NAME, f'{ref}:"..."') for ref in param.refs)
    if last not in _JOINERS or situation.in_test:
        for option in options:
            yield Suggestion(option.keyword, WordKind.OPTION, phrase_to_text(option.phrase), option.doc)
        yield from (
            Suggestion(word, WordKind.OPTION) for word in ("and", "or", "before", "within") if _follows(situation)
        )


def _beginnings(word: str) -> Iterator[Suggestion]:
    """What may stand behind the word that begins a line of a test."""
    for signature in STATEMENTS[word]:
        for form in signature.forms:
            if form and isinstance(form[0], str):
                yield Suggestion(form[0], WordKind.OPTION, phrase_to_text(form), signature.summary)


def _lines(word: str, script: OpenScript) -> tuple[list[Phrase], list[Option]]:
    """The forms and options of all lines of a test that begin with a word."""
    signatures = statements(script.context.vocabulary.channels).get(word, ())
    return [form for each in signatures for form in each.forms], [
        option for each in signatures for option in each.options
    ]


def _follows(situation: Situation) -> bool:
    return situation.head in ("when", "if") and bool(situation.before)


def _forms(head: str, script: OpenScript) -> tuple[list[Phrase], list[Option]]:
    vocabulary = script.context.vocabulary
    forms: list[Phrase] = []
    options: list[Option] = []
    if head in vocabulary.steps:
        forms += vocabulary.steps[head].forms
        options += vocabulary.steps[head].options
    if head in SETTINGS:
        forms += settings(vocabulary.channels)[head].forms
    for trigger in vocabulary.triggers.values():
        fitting = [form[1:] for form in trigger.forms if form[0] == head]
        forms += fitting
        options += trigger.options if fitting else ()
    return forms, options


def _params_behind(
    last: str, situation: Situation, forms: Iterable[Phrase], options: Iterable[Option]
) -> Iterator[Param]:
    """The parameters that may follow the last word: the first of each form, or what stands behind a fixed word."""
    if not situation.before:
        yield from (form[0] for form in forms if form and isinstance(form[0], Param))
    for phrase in (*forms, *(option.phrase for option in options)):
        for word, following in pairwise(phrase):
            if word == last and isinstance(following, Param):
                yield following


def _wanted_behind(
    last: str, situation: Situation, forms: Iterable[Phrase], options: Iterable[Option]
) -> frozenset[Kind]:
    return frozenset(kind for param in _params_behind(last, situation, forms, options) for kind in param.kinds)


def _conditions(script: OpenScript) -> Iterator[Suggestion]:
    for name, predicate in script.context.vocabulary.predicates.items():
        yield Suggestion(name, WordKind.CONDITION, _written(name, predicate.forms), predicate.summary)
    yield from (Suggestion(name, WordKind.SEGMENT, "segment") for name in script.scope.segments)
    yield from _fields(script)


def _fields(script: OpenScript) -> Iterator[Suggestion]:
    for name, type_ in script.scope.fields.items():
        yield Suggestion(name, WordKind.FIELD, type_.value)
    for name in script.scope.events:
        if name in script.source.text:
            for field, kind in script.scope.events[name].items():
                yield Suggestion(f"event.{field}", WordKind.FIELD, kind.value if kind else "list", f"of `{name}`")


def _event(script: OpenScript, name: str) -> str:
    fields = script.scope.events[name].items()
    return ", ".join(f"{field} {type_.value if type_ else 'list'}" for field, type_ in fields)


def _names(situation: Situation, script: OpenScript, offset: int) -> Iterator[Suggestion]:
    """The names of a kind of reference, in quotes where none have been written."""
    for name, detail in sorted(_named(situation.reference, script, offset).items()):
        quoted = name if situation.is_quoted else f'"{name}"'
        yield Suggestion(name, WordKind.NAME, detail, insert=quoted)


def _named(kind: str, script: OpenScript, offset: int) -> Mapping[str, str]:
    catalogue = script.context.catalogue
    around = _around(script, offset)
    match kind:
        case "saved":
            return {name: message.subject or message.channel for name, message in catalogue.saved.items()}
        case "list":
            return dict(catalogue.lists)
        case "code":
            return {number: ", ".join(code.classes) for number, code in catalogue.codes.items()}
        case "pool":
            return dict.fromkeys(catalogue.pools, "coupons")
        case "conversation":
            own = (conversation.name for conversation in script.checked.conversations)
            return dict(script.context.conversations) | dict.fromkeys(own, "here")
        case "thread":
            return {thread.name: "thread" for thread in around.threads} if around else {}
        case "step":
            threads = around.threads if around else ()
            return {name: step.name for thread in threads for name, step in named_steps(thread).items()}
    return {}


def _around(script: OpenScript, offset: int) -> BoundConversation | None:
    """The conversation in which an offset stands."""
    around = [each for each in script.checked.conversations if each.span.start <= offset <= each.span.end]
    return around[0] if around else next(iter(script.checked.conversations), None)
