"""Words find their declarations: conditions get their precedence, options their places, mistakes their remedies."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_dsl.language.bound import Formula
from conductor_dsl.language.check import check
from conductor_dsl.language.expressions import to_json
from conductor_dsl.language.signatures import Kind, Option, Param, StepSignature
from conductor_dsl.language.source import Source
from conductor_dsl.language.vocabulary import Catalogue, Context, TemplateReading
from conductor_dsl.plugin.contracts import StepType
from conductor_dsl.plugin.hookspecs import hookimpl
from conductor_dsl.plugin.host import build_host
from conductor_dsl.program.operations import Stop
from tests.language.contexts import bare_folder, check_text, hints

FIELDS = "field a boolean field b boolean field c boolean field n number field d date field tier text\n"
A, B, C = (["field", name, "boolean"] for name in "abc")


def condition(text: str) -> Any:
    checked = check_text(f"{FIELDS} event cart.left {{ total number }}\n{text} -> end")
    assert not checked.report.has_errors, checked.report.findings
    trigger = checked.conversations[0].threads[0].trigger
    assert trigger
    value = trigger.phrase.get("condition") or trigger.phrase.get("where")
    assert isinstance(value, Formula)
    return to_json(value.expression)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and c", ["any", A, ["all", B, C]]),
        ("a and b or c", ["any", ["all", A, B], C]),
        ("(a or b) and c", ["all", ["any", A, B], C]),
        ("not a and b", ["all", ["not", A], B]),
        ("not (a and b)", ["not", ["all", A, B]]),
        ("not not a", ["not", ["not", A]]),
        ("a and b and c", ["all", A, B, C]),
        ("not n = 3", ["not", ["compare", "=", ["field", "n", "number"], ["constant", "number", 3]]]),
        ("n >= -2.5", ["compare", ">=", ["field", "n", "number"], ["constant", "number", -2.5]]),
        ("3 < n", ["compare", "<", ["constant", "number", 3], ["field", "n", "number"]]),
        ("a = true", ["compare", "=", A, ["constant", "boolean", True]]),
        ("d before 60d", ["compare", "before", ["field", "d", "date"], ["constant", "text", "60d"]]),
        ("d >= 2026-01-31", ["compare", ">=", ["field", "d", "date"], ["constant", "date", "2026-01-31"]]),
        ("ordered_within 30d", ["call", "ordered_within", "boolean", {"duration": "30d"}]),
        ('subscribed list:"News"', ["call", "subscribed", "boolean", {"list": {"ref": ["list", "News"]}}]),
        ("total_spent > n", ["compare", ">", ["call", "total_spent", "number", {}], ["field", "n", "number"]]),
    ],
)
def test_conditions_are_read_with_their_precedence(text: str, expected: object) -> None:
    assert condition(f"when {text}") == expected


def test_the_filter_of_an_event_reads_its_fields() -> None:
    expected = ["compare", ">", ["field", "event.total", "number"], ["constant", "number", 5]]
    assert condition("on cart.left where event.total > 5") == expected


@pytest.mark.parametrize(
    ("step", "remedy"),
    [
        ("wait 3 days", "write `3d`"),
        ("wait 3 d", "write `3d`"),
        ("wait 2 Weeks", "write `2w`"),
        ("wait 3", "write `3d` for days, `3h` for hours"),
        ('wait "3d"', "write `3d` without quotes"),
        ('wait "soon"', "write it as in `wait 3d`"),
        ("wait until 10", "write `10:00`"),
        ("email Winback1", 'write `saved:"Winback1"`'),
        ("send order_count", "write `sms` or `email`"),
        ('sms "x" on_invalid continue', "write `pass` to go on"),
        ('if order_count > 3 then sms "x"', "leave `then` out; several steps stand in a block `{ ... }`"),
        ("wait untl 10:00", "did you mean `until`?"),
        ('email "Winback1"', 'write `saved:"Winback1"`'),
        ("sms Hello", 'put quotes around a text: `"Hello"`'),
        ('sms "x" from "34567"', 'write `code:"34567"`'),
        ('sms "x" code:"34567"', 'write `from code:"34567"`'),
        ('sms "x" on_invalid pas', "did you mean `pass`?"),
        ('sms "x" to email', "fields that fit: `mobile`"),
        ('wait 3d email saved:"Winback1"', "write `-> email`"),
        ("if tier = Gold { end }", 'write `"Gold"` if it is a text'),
        ("if order_count { end }", "compare it: `order_count >= 1`"),
        ("if last_order > 60 { end }", "ask how long ago it was, with `before 60d` or `within 60d`"),
    ],
)
def test_the_mistakes_people_make_get_the_remedy_as_a_hint(step: str, remedy: str) -> None:
    assert hints(f"{FIELDS} when order_count >= 1 -> {step} -> end") == [remedy]


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("reentry 90d", "write `reentry after 90d`"),
        ("exit order.placed", "write `exit on order.placed`"),
        ("window 9-20", "write `09:00-20:00`"),
        ("window 9am-20:00", "write `09:00`"),
        ("window 09:00 to 20:00", "write it as in `window 09:00-20:00`"),
        ("timezone America/New_York", 'put quotes around a text: `"America/New_York"`'),
        ("list Customers", 'write `list:"Customers"`'),
        ("cap 3 per 7d", "write it as in `cap sms 3 per 7d`"),
        ("expires 31.12.2027", "write `2027-12-31`"),
        ("expires 31.13.2027", "durations are written `3d`, clock times `09:00`, dates `2026-11-27`, percents `50%`"),
    ],
)
def test_a_setting_that_is_written_wrong_gets_the_right_one_as_a_hint(setting: str, remedy: str) -> None:
    assert hints(f'conversation "A" {{ {setting} thread "T" when order_count >= 1 {{ end }} }}') == [remedy]


def test_a_condition_behind_on_gets_the_hint_to_write_when() -> None:
    hint = "`no_order_within` is a condition: write `when no_order_within 60d`"
    assert hints('on no_order_within -> sms "x" -> end') == [hint]


def test_arrows_of_one_character_are_the_only_mistake_reported() -> None:
    report = check_text('when order_count >= 1 → sms "Hello" → end').report
    assert [finding.message for finding in report.findings] == ["`→` does not join steps"] * 2


def test_both_sides_of_a_comparison_are_looked_at() -> None:
    report = check_text(f"{FIELDS} when teir = Gold -> end").report
    assert [report.source.excerpt(finding.span) for finding in report.findings] == ["teir", "Gold"]


def test_where_there_are_no_settings_lists_and_codes_are_reported_once() -> None:
    text = 'when order_count >= 1 -> sms "x" list list:"A" from code:"1" -> sms "y" list list:"B" from code:"2" -> end'
    messages = [finding.message for finding in check(Source("a.cdx", text), bare_folder()).report.findings]
    assert messages == [
        "the list `A` cannot be known: there is no conductor.toml here",
        "the code `1` cannot be known: there is no conductor.toml here",
    ]


def test_a_bad_operand_does_not_hide_the_next() -> None:
    report = check_text("when foo >= 1 and bar within 3d and order_count > 2 -> end").report
    assert [report.source.excerpt(finding.span) for finding in report.findings] == ["foo", "bar"]


def test_findings_point_at_the_words_of_the_author() -> None:
    report = check_text('when order_count >= 1 -> sms "x" on_invlid pass to moble -> end').report
    assert [report.source.excerpt(finding.span) for finding in report.findings] == ["on_invlid", "moble"]


def test_a_third_party_step_is_bound_by_its_signature() -> None:
    signature = StepSignature(
        "push",
        "a push message",
        forms=((Param("title", (Kind.TEMPLATE,)), "with", Param("badges", (Kind.NUMBER,), many=True)),),
        options=(Option(("sound", Param("sound", (Kind.WORD,), words=("loud", "soft")))),),
    )

    class Push:
        @hookimpl
        def conductor_steps(self) -> list[StepType]:
            return [StepType(signature, lambda step: Stop(step.name))]

    installed = build_host().vocabulary
    steps = {**installed.steps, **build_host([("push", Push())]).vocabulary.steps}
    vocabulary = type(installed)(steps, installed.predicates, installed.triggers)
    context = Context(vocabulary, Catalogue(), lambda _: TemplateReading())
    good = check(Source("a.cdx", 'when order_count > 1 -> push "Hi" with 1, 2, 3 sound soft -> end'), context)
    assert good.report.findings == ()
    bad = check(Source("a.cdx", 'when order_count > 1 -> push "Hi" with 1, "x" sound lod -> end'), context)
    assert [finding.message for finding in bad.report.findings] == [
        '`,` needs a number, found `"x"`',
        "`sound` needs `loud` or `soft`, found `lod`",
    ]
