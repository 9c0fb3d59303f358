"""From tests as written to bound ones: which line means what is said in `statements`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from conductor_dsl.language.ast import Statement, TestDeclaration, Word
from conductor_dsl.language.bind_phrases import fit
from conductor_dsl.language.bind_scope import Cursor, Scope
from conductor_dsl.language.bind_steps import bind_all
from conductor_dsl.language.bind_types import describe, same_family, value_type
from conductor_dsl.language.bound import FieldName, Formula
from conductor_dsl.language.bound_tests import BoundStatement, BoundTest
from conductor_dsl.language.expressions import Constant, Expression, Now, Shift
from conductor_dsl.language.signatures import Kind, Param, StatementSignature
from conductor_dsl.language.source import Span
from conductor_dsl.language.statements import STATEMENTS, statements
from conductor_dsl.shared.nearest import did_you_mean

_CANNOT = {"given": "be given", "when": "happen in a test", "expect": "be expected", "at": "be the beginning"}


def bind_tests(tests: Iterable[TestDeclaration], scope: Scope) -> tuple[BoundTest, ...]:
    """Every test; what is wrong with its lines, and between them, is noted."""
    # Steps have no place in a test: a hint must not speak of arrows.
    scope = replace(scope, vocabulary=replace(scope.vocabulary, steps={}))
    bound = tuple(_test(test, scope) for test in tests)
    seen: set[str] = set()
    for test in bound:
        if test.name in seen:
            message = f"there is another test named `{test.name}`"
            scope.error("CDX007", test.name_span, message, "give each a name of its own")
        seen.add(test.name)
    return bound


def _test(test: TestDeclaration, scope: Scope) -> BoundTest:
    read = [_statement(statement, scope) for statement in test.statements]
    good = tuple(statement for statement in read if statement)
    bound = BoundTest(test.name.text, test.name.span, good, test.span, broken=len(good) < len(read))
    _report_contacts(bound, scope)
    return bound


def _statement(statement: Statement, scope: Scope) -> BoundStatement | None:
    cursor = Cursor(statement.elements, Span(max(statement.span.start, statement.span.end - 1), statement.span.end))
    lines = statements(scope.vocabulary.channels)[statement.name.text]
    signature = _signature(statement.name.text, lines, cursor)
    first = cursor.peek()
    unknown = isinstance(first, Word) and first.text not in scope.events
    if signature is None or (unknown and _begins_with_event(signature)):
        _report_unknown(statement.name, cursor, scope)
        return None
    head = Word(f"{statement.name.text} {signature.title}".strip(), statement.name.span)
    phrase = bind_all(signature, head, cursor, scope)
    bound = BoundStatement(signature.word, signature.name, phrase, statement.span)
    return None if phrase.broken or not _is_fixed(bound, scope) else bound


def _signature(word: str, lines: tuple[StatementSignature, ...], cursor: Cursor) -> StatementSignature | None:
    """The declaration that fits best; None where the first element fits none."""
    best, depth = None, (False, 0)
    for signature in lines:
        found = fit(signature, cursor)
        if found > depth:
            best, depth = signature, found
    return best or (lines[0] if word == "at" else None)


def _report_unknown(word: Word, cursor: Cursor, scope: Scope) -> None:
    lines = statements(scope.vocabulary.channels)[word.text]
    listed = "such as " + ", ".join(f"`{signature.example}`" for signature in lines[:3])
    found = cursor.peek()
    if found is None:
        scope.error("CDX008", word.span, f"`{word.text}` says nothing", listed)
        return
    written = scope.written(found.span)
    names = [head for signature in lines for head in _heads(signature)]
    if isinstance(found, Word) and word.text != "expect":
        names += scope.events
        listed = f"an event is declared at the top of the file: `event {found.text} {{ ... }}`"
    hint = did_you_mean(written, names) or listed
    scope.error("CDX005", found.span, f"`{written}` is nothing that can {_CANNOT[word.text]}", hint)


def _begins_with_event(signature: StatementSignature) -> bool:
    first = signature.forms[0][0]
    return isinstance(first, Param) and Kind.EVENT in first.kinds


def _heads(signature: StatementSignature) -> Iterator[str]:
    """The words with which a line may go on."""
    for first in (form[0] for form in signature.forms):
        if isinstance(first, str):
            yield first
        elif Kind.WORD in first.kinds:
            yield from first.words


def _report_contacts(test: BoundTest, scope: Scope) -> None:
    """Note contacts of one name, and lines that are about nobody in particular, or about nobody there is."""
    names = test.contacts
    for statement in test.of("given", "contact"):
        name = statement.text("name")
        if len(names) > 1 and (name is None or names.count(name) > 1):
            hint = 'with several contacts each needs a name of its own: `given contact "Ada" { ... }`'
            scope.error("CDX007", statement.span, "the contact cannot be told from the others", hint)
    for statement in test.statements:
        who = statement.phrase.option("for")
        name = statement.text("who")
        if who and name not in names and not test.broken:
            hint = did_you_mean(name or "", names) or f'name it where it is given: `given contact "{name}" {{ ... }}`'
            scope.error("CDX005", who.span, f"the test has no contact `{name}`", hint)
        elif not who and len(names) > 1 and takes_contact(statement):
            hint = f'write `for "{names[0]}"` behind it'
            scope.error("CDX008", statement.span, "the test has several contacts, and this may be about any", hint)


def takes_contact(statement: BoundStatement) -> bool:
    """Whether a line is about one contact."""
    signature = next(each for each in STATEMENTS[statement.word] if each.name == statement.name)
    return any(option.keyword == "for" for option in signature.options)


def _is_fixed(statement: BoundStatement, scope: Scope) -> bool:
    """Whether the values of a line can be told without a contact, and fit the field they are compared with."""
    formulas = [value for _, value in statement.phrase.values() if isinstance(value, Formula)]
    formulas += [formula for _, formula in statement.fields]
    good = [_is_constant(formula, scope) for formula in formulas]
    return all(good) and _fits_field(statement, scope)


def _is_constant(formula: Formula, scope: Scope) -> bool:
    if _has_no_fields(formula.expression):
        return True
    message = f"`{scope.written(formula.span)}` is not a value"
    scope.error(
        "CDX112", formula.span, message, 'a test writes values: `"Ada"`, `20`, `true`, `2026-03-02`, `today - 7d`'
    )
    return False


def _has_no_fields(expression: Expression) -> bool:
    match expression:
        case Constant() | Now():
            return True
        case Shift(value):
            return _has_no_fields(value)
    return False


def _fits_field(statement: BoundStatement, scope: Scope) -> bool:
    field, value = statement.phrase.get("field"), statement.formula("value")
    if not isinstance(field, FieldName) or value is None:
        return True
    found = value_type(value.expression)
    if same_family(field.type, found):
        return True
    message = f"`{field.name}` is {describe(field.type)}, and `{scope.written(value.span)}` is {describe(found)}"
    scope.error("CDX112", value.span, message)
    return False
