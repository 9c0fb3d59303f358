"""The tree that authors' words become."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conductor_dsl.language.ast import (
    Block,
    Chain,
    Conversation,
    Element,
    EventDeclaration,
    FieldDeclaration,
    File,
    Group,
    Literal,
    LiteralType,
    Operator,
    Ref,
    SegmentDeclaration,
    TestDeclaration,
    Word,
)
from conductor_dsl.language.parse import parse
from conductor_dsl.language.source import Source
from conductor_dsl.shared.duration import Duration


def read(text: str) -> File:
    file, findings = parse(Source("script.cdx", text))
    assert file is not None
    assert not findings
    return file


def elements(text: str) -> tuple[Element, ...]:
    """The elements of a step, read inside a script."""
    chain = read(f"when a -> {text}").items[0]
    assert isinstance(chain, Chain)
    return chain.steps[1].elements


def literal(text: str) -> Literal:
    element = elements(f"step {text}")[0]
    assert isinstance(element, Literal)
    return element


@pytest.mark.parametrize(
    ("text", "type_", "value"),
    [
        ("1mo", LiteralType.DURATION, Duration.parse("1mo")),
        ("90m", LiteralType.DURATION, Duration.parse("90m")),
        ("09:00", LiteralType.CLOCK, "09:00"),
        ("2026-11-27", LiteralType.DATE, "2026-11-27"),
        ("50%", LiteralType.PERCENT, Decimal(50)),
        ("12", LiteralType.NUMBER, 12),
        ("2.50", LiteralType.NUMBER, Decimal("2.50")),
        (r'"a \"b\" \\ \n\t # {"', LiteralType.TEXT, 'a "b" \\ \n\t # {'),
        ('""', LiteralType.TEXT, ""),
        ('"""one line"""', LiteralType.TEXT, "one line"),
        ('"""\n    a\n\n      b\n  """', LiteralType.TEXT, "a\n\n  b"),
        ('"""a\n    b\n   c"""', LiteralType.TEXT, "a\n b\nc"),
        ('"""\r\n  a\r\n  b\r\n"""', LiteralType.TEXT, "a\nb"),
        ('"""\n  "quoted" \\""" \n"""', LiteralType.TEXT, '"quoted" """ '),
        ('"""\n"""', LiteralType.TEXT, ""),
    ],
)
def test_a_literal_has_the_type_that_shows(text: str, type_: LiteralType, value: object) -> None:
    found = literal(text)
    assert (found.type, found.value) == (type_, value)


@pytest.mark.parametrize("text", ['"héllo 👋"', '"""\n   one\n     two # {\n  """', '"""first\n   second"""'])
def test_every_character_of_a_text_knows_where_it_was_written(text: str) -> None:
    source = f"when a -> step {text}"
    found = literal(text)
    assert "".join(source[origin] for origin in found.origins) == found.value


def test_an_escape_is_written_where_its_backslash_stands() -> None:
    assert literal(r'"a\nb"').origins == (16, 17, 19)


def test_elements_keep_their_order_and_their_spans() -> None:
    found = elements('if tier = "Gold" and (a, b) { end }')
    kinds = [type(element) for element in found]
    assert kinds == [Word, Operator, Literal, Word, Group, Block]
    assert [(element.span.start, element.span.end) for element in found] == [
        (13, 17),
        (18, 19),
        (20, 26),
        (27, 30),
        (31, 37),
        (38, 45),
    ]


def test_a_window_is_two_times_and_a_sign_between_them() -> None:
    clock, sign, other = elements("step 09:00-20:00")
    assert isinstance(clock, Literal) and isinstance(sign, Operator) and isinstance(other, Literal)
    assert (clock.value, sign.text, other.value) == ("09:00", "-", "20:00")


def test_a_reference_has_a_kind_and_a_name() -> None:
    (ref,) = elements(r'step saved : "The \"A\""')
    assert isinstance(ref, Ref)
    assert (ref.kind, ref.name, ref.span.start, ref.span.end) == ("saved", 'The "A"', 15, 34)


def test_a_file_holds_its_items_in_order() -> None:
    file = read('field tier text event e { a text, b number, } event f {} when x -> end conversation "C" {}')
    field, event, empty, chain, conversation = file.items
    assert isinstance(field, FieldDeclaration) and isinstance(event, EventDeclaration) and isinstance(chain, Chain)
    assert (field.name.text, field.type.text) == ("tier", "text")
    assert [(declared.name.text, declared.type.text) for declared in event.fields] == [("a", "text"), ("b", "number")]
    assert isinstance(empty, EventDeclaration) and empty.fields == ()
    assert [step.name.text for step in chain.steps] == ["when", "end"]
    assert isinstance(conversation, Conversation) and conversation.name.value == "C"


def test_a_conversation_holds_settings_threads_and_chains() -> None:
    text = 'conversation "C" { campaign "W" exit on a, b thread "T" when lapsed at 00:30 { wait 3d } on z -> end }'
    (conversation,) = read(text).items
    assert isinstance(conversation, Conversation)
    assert [setting.name.text for setting in conversation.settings] == ["campaign", "exit"]
    assert [type(element) for element in conversation.settings[1].elements] == [Word, Word, Operator, Word]
    (thread,) = conversation.threads
    assert (thread.name.value, len(thread.header)) == ("T", 4)
    assert thread.chain is not None and thread.chain.steps[0].name.text == "wait"
    assert conversation.chains[0].steps[0].name.text == "on"
    assert (conversation.span.start, conversation.span.end) == (0, len(text))


def test_a_segment_is_a_name_with_a_condition() -> None:
    first, chain, late, last = read("segment a = b > 3 and (c or d) when a -> end segment e = a when e -> end").items
    assert isinstance(first, SegmentDeclaration) and isinstance(late, SegmentDeclaration)
    assert (first.name.text, late.name.text) == ("a", "e")
    assert [type(element) for element in first.elements] == [Word, Operator, Literal, Word, Group]
    assert (first.span.start, first.span.end) == (0, 30)
    assert isinstance(chain, Chain) and isinstance(last, Chain)


TEST = """test "a buyer" {
  given contact { key "1", at 2020-01-01 } ordered 70d ago
  at 2026-03-02 10:00
  when order.placed { total 20 } after 1d
  expect sms at 09:00 contains "at"
}"""


@pytest.mark.parametrize("before", ["", 'when a -> sms "x" ', "segment s = a "])
def test_a_test_is_a_name_with_statements(before: str) -> None:
    text = before + TEST
    test = read(text).items[-1]
    assert isinstance(test, TestDeclaration)
    assert (test.name.text, test.span.start, test.span.end) == ("a buyer", len(before), len(text))
    assert [statement.name.text for statement in test.statements] == ["given", "at", "when", "expect"]
    given, at, when, _ = test.statements
    assert [type(element) for element in given.elements] == [Word, Block, Word, Literal, Word]
    assert [type(element) for element in at.elements] == [Literal, Literal]
    assert text[when.span.start : when.span.end] == "when order.placed { total 20 } after 1d"


def test_a_split_has_arms() -> None:
    (block,) = elements('split { 50% "A" { end } 12.5% { } 37.5% {} }')
    assert isinstance(block, Block) and block.chain is None
    assert [arm.percent.text for arm in block.arms] == ["50", "12.5", "37.5"]
    assert [arm.name and arm.name.text for arm in block.arms] == ["A", None, None]
    assert [arm.block.chain is None for arm in block.arms] == [False, True, True]
    assert [(arm.span.start, arm.span.end) for arm in block.arms] == [(18, 33), (34, 43), (44, 52)]


def test_words_of_tests_and_segments_are_plain_words_in_a_step() -> None:
    text = 'when test = 1 -> given "x" segment 3 test at 3 expect 3 -> at 3 -> set segment = 3 -> test "x"'
    (chain,) = read(text).items
    assert isinstance(chain, Chain)
    assert [step.name.text for step in chain.steps] == ["when", "given", "at", "set", "test"]
    assert [type(element) for element in chain.steps[1].elements] == [
        *(Literal, Word, Literal, Word, Word),
        *(Literal, Word, Literal),
    ]


def test_comments_are_kept_with_their_places() -> None:
    comments = read('# one \nwhen a # two\r\n-> sms "# none"').comments
    assert [(comment.text, comment.span.start) for comment in comments] == [("# one", 0), ("# two", 14)]
