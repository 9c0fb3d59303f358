"""Syntax errors: where they are seen, what is said, and that one mistake makes one report."""

from __future__ import annotations

import random

import pytest

from conductor_dsl.language.ast import Conversation
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.parse import MOST_FINDINGS, parse
from conductor_dsl.language.source import Source


def findings(text: str) -> tuple[Diagnostic, ...]:
    return parse(Source("script.cdx", text))[1]


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("When a -> end", "When", "`When` cannot begin a script", "did you mean `when`?"),
        ('Thread "A" { end }', "Thread", "`Thread` cannot begin a script", "begin with `when`"),
        ('convrsation "A" {}', "convrsation", "`convrsation` cannot begin a script", "did you mean `conversation`?"),
        ("when a -> -> end", "-> end", "a step is missing before `->`", "remove one arrow"),
        ("when a -> if b { -> c }", "-> c", "a step is missing before `->`", "remove the arrow"),
        ("when a -> if b { c -> }", "}", "a step is missing after `->`", "add a step"),
        ('when a -> "Hi" -> end', '"Hi"', '`"Hi"` is not a step', "a step begins with a word"),
        ("when a -> if b { c when d }", "when d", "an arrow is missing before `when`", "write `-> when`"),
        ("when a -> if b { end", "{", "the block is never closed", "add the missing `}`"),
        ("when (a or b -> end", "(", "the bracket is never closed", "add the missing `)`"),
        ("when a -> end }", "}", "`}` closes nothing", "remove it"),
        ('when a -> sms "Hi -> end', '"Hi', "the text that begins here is never closed", 'end it with `"`'),
        ('when a -> sms "Hi” -> end', '"Hi', "the text that begins here is never closed", "use a straight"),
        ('when a -> sms """Hi -> end', '"""', "the text that begins here is never closed", 'end it with `"""`'),
        (
            'when a -> sms "Hi\nyou" -> end',
            '"Hi',
            "the text that begins here goes on over the end of its line",
            "sever",
        ),
        ("when a -> sms “Hi” -> end", "“", "`“` does not begin a text", "use straight quotes"),
        ("when a -> sms 'Hi' -> end", "'", "`'` does not begin a text", "use straight quotes"),
        ("when a => end", "=>", "`=>` does not join steps", "write `->` to join steps, or `>=` to compare"),
        ("when a → end", "→", "`→` does not join steps", "write `->`"),
        (
            'when a -> sms "Hi {{ b | default: "friend" }}" -> end',
            '"friend"',
            'the text ends at the `"` before `friend`',
            "write `'friend'` inside",
        ),
        (
            'when a -> sms "<a href="https://shop.example/"><img src="a.png"></a>" -> end',
            '"https',
            'the text ends at the `"` before `https://shop.example/`',
            'or put the whole text between `"""`',
        ),
        ("when a –> end", "–>", "`–>` does not join steps", "write `->`"),
        ("when a - > end", "- >", "`- >` does not join steps", "without a blank"),
        ('when a -> sms "Hi" > wait 3d', "> wait", "`>` does not join steps", "write `->`"),
        ("when a -> end;", ";", "`;` has no meaning here", "remove it"),
        ("when a -> end // bye }", "//", "`//` does not begin a comment", "begin a comment with `#`"),
        ("when a /* why */ -> end", "/*", "`/*` does not begin a comment", "begin each line"),
        ("when a == 3 -> end", "==", "`==` is not an operator", "write `=`"),
        ("when a && b -> end", "&&", "`&&` is not an operator", "write `and`"),
        ("when a -> email saved: Winback1", "Winback1", "`saved:` needs a name in quotes", 'write `saved:"Winback1"`'),
        ("when a -> wait 9:00 -> end", "9:00", "`9:00` is not a value", "write `09:00`"),
        ("when a -> wait 3days -> end", "3days", "`3days` is not a value", "durations are written `3d`"),
        ("when a -> wait 25:00 -> end", "25:00", "`25:00` is not a time of day", "clock times go from"),
        ("when a -> wait 2026-02-30", "2026", "`2026-02-30` is not a day of the calendar", "year-month-day"),
        ("when a -> wait 999999999d", "999", "`999999999d` is too long a time", "at most 100000"),
        ("when a = 1234567890123456", "123", "`1234567890123456` has too many digits", "put identifiers in quotes"),
        (r'when a -> sms "a\qb" -> end', r"\q", r"`\q` stands for no character", "for a backslash"),
        ("when a -> wait $5 -> end", "$", "`$` has no meaning here", "remove it"),
        (
            "when a -> wait\u200b3d -> end",
            "\u200b",
            "the invisible character `U+200B` has no meaning here",
            "remove it",
        ),
        ('when a -> "b": -> end', '"b"', '`"b"` is not a step', "a step begins with a word"),
        ('conversation "A" { timezne contact }', "timezne", "`timezne` is not a setting", "did you mean `timezone`?"),
        ('conversation "A" { thread "T" {} window 3 thread "U" {} when a -> end }', None, "", ""),
        (
            'conversation "A" { when a -> end thread "T" {} cap 3 }',
            "cap",
            "the setting `cap` stands too late",
            "before",
        ),
        (
            'conversation "A" { campaign "B" -> end }',
            "->",
            "`->` cannot follow a setting",
            "begins with `when` or `on`",
        ),
        ('conversation "A" { thread "T" -> end }', "->", "the block of the thread is missing before `->`", "braces"),
        (
            "conversation { when a -> end }",
            "{",
            "`conversation` needs a name in quotes, not `{`",
            'conversation "Name" {',
        ),
        ("field tier when a -> end", "a ->", "`a` cannot begin anything", "begin with"),
        ("event { a text }", "{", "`event` needs a name, not `{`", "write `event order.placed"),
        ("event e { a text b text }", "b text", "a `,` is missing before `b`", "put commas"),
        ("event e when a -> end", "when", "`event e` needs its fields in braces, not `when`", "write `event e {"),
    ],
)
def test_a_mistake_is_named_where_it_stands_with_its_remedy(
    text: str, place: str | None, message: str, hint: str
) -> None:
    found = findings(text)
    if place is None:
        assert found == ()
        return
    assert len(found) == 1, found
    assert found[0].code == "CDX001"
    assert found[0].message.startswith(message)
    assert hint in (found[0].hint or "")
    assert found[0].span.start == text.index(place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("when a ->  # then\n", "a step is missing after `->`"),
        ('conversation "A"  ', "the block of the conversation is missing before the end of the script"),
        ("field tier", "a field needs a name and a type, not the end of the script"),
    ],
)
def test_an_error_at_the_end_points_behind_the_last_word(text: str, message: str) -> None:
    (found,) = findings(text)
    assert found.message == message
    assert found.span.start == len(text.partition("#")[0].rstrip())


def test_two_mistakes_give_two_reports() -> None:
    text = 'conversation "A" {\n  campain "W"\n  thread "T" {\n    a -> -> sms saved:Hi -> wait 9:00 -> end;\n  }\n}\n'
    assert [finding.message.split("`")[1] for finding in findings(text)] == ["campain", "->", "saved:", "9:00", ";"]


def test_what_can_be_read_is_read() -> None:
    file, found = parse(Source("script.cdx", 'conversation "A" { thread "T" { wait $ -> end } thread "U" { end } }'))
    assert len(found) == 1
    assert file is not None
    (conversation,) = file.items
    assert isinstance(conversation, Conversation)
    first, second = conversation.threads
    assert first.chain is not None and [step.name.text for step in first.chain.steps] == ["end"]
    assert second.chain is not None


@pytest.mark.parametrize(
    "text",
    [
        'conversation "A" {\n  thread "T" {\n    when a -> end\n  thread "U" { end }\n}\n',
        'conversation "A" {\n  thread "T" {\n    when a -> end\n}\n',
        'conversation "A" { when a -> end }\nconversation "B" { thread "T" { end }\nconversation "C" { when a -> end }',
        "when a\n-> if b {\n     if c {\n       end\n   }\n-> if d {\n     end\n   }\n",
    ],
)
def test_a_block_that_is_never_closed_is_seen_by_what_follows(text: str) -> None:
    (found,) = findings(text)
    assert found.message == "the block is never closed"
    expected = {'"A"': text.find('"T" {') + 4, "when": text.find("c {") + 2}
    place = text.index("{", text.find('"B"')) if '"B"' in text else expected["when" if text[0] == "w" else '"A"']
    assert found.span.start == place


def test_no_more_findings_than_a_person_reads() -> None:
    assert len(findings("when a" + " -> $" * 50)) <= MOST_FINDINGS
    assert len(findings("when a" + ";" * 50)) == MOST_FINDINGS


def test_any_text_is_read_or_refused_in_order() -> None:
    draw = random.Random(20260302)
    whole = (
        'field b date # c\nevent e { a text, c list }\nwhen z -> email saved:"A" -> end',
        'conversation "A" { cap sms 3 thread "T" on e at 09:00 { wait 3d } when y -> end }',
        'when (a = 1) -> sms """\n  Hi\n  """ from code:"1" -> if x { end } else { wait 3d } -> end',
    )
    odd = [
        '"',
        '"""',
        "{",
        "}",
        "(",
        ")",
        "->",
        "=>",
        "“",
        "#",
        "\\",
        "\x00",
        "\ud800",
        "\r",
        ":",
        "thread",
        "when",
        ";",
    ]
    odd += ["conversation", "3x", "9:00", "\x1a", "\x1b", "//", "/*", "é", "\u2028", ",", "saved:", "-", ">", "'"]
    for _ in range(1500):
        text = draw.choice(whole)
        for _ in range(draw.randint(1, 4)):
            start = draw.randrange(len(text) + 1)
            end = min(len(text), start + draw.choice([0, 0, 1, 3, 20]))
            text = text[:start] + draw.choice(["", draw.choice(odd), text[end : end + 9]]) + text[end:]
        found = findings(text)
        spans = [finding.span for finding in found]
        assert spans == sorted(spans), text
        assert all(0 <= span.start <= span.end <= len(text) for span in spans), text
        assert all(finding.message and "\n" not in finding.message for finding in found), text


@pytest.mark.parametrize(
    "script",
    ['when a in ("{{{{a", "b") -> end', 'when a in ("{%", "b", "c") -> end', 'on x -> y "{{" { a "b", c "d" } -> end'],
)
def test_texts_beside_one_another_are_no_quotes_inside_a_text(script: str) -> None:
    assert parse(Source("a.cdx", script))[1] == ()


def test_a_comma_in_quotes_inside_a_text_is_told() -> None:
    [found] = parse(Source("a.cdx", 'when a -> sms "Hi{{ name | prepend: ", " }}!" -> end'))[1]
    assert found.message == 'the text ends at the `"` before `, `'
