"""Steps get numbers in the order of the text, and edges that lead where the author meant."""

from __future__ import annotations

from typing import Any

import pytest

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.flow import Flow, FlowThread, FlowTrigger, Settings
from tests.language.contexts import check_text, is_broken

GATE = "when order_count >= 1"
FORM = """
conversation "Post Purchase" {{
  {head}
  thread "T" when order_count >= 1 {{ end }}
}}
"""


def flow(text: str) -> Flow:
    checked = check_text(text)
    assert not any(map(is_broken, checked.report.findings)), checked.report.findings
    return bound_to_flow(checked.conversations[0])


def edges(text: str) -> list[tuple[str, dict[str, int]]]:
    return [(step.name, dict(step.edges)) for step in flow(text).steps]


def settings(head: str) -> Settings:
    return flow(FORM.format(head=head)).settings


def arguments(step: str) -> Any:
    return flow(f"field tier text {GATE} -> {step} -> end").steps[0].arguments


def test_a_bare_chain_is_a_conversation_named_after_its_file_whose_first_step_is_the_trigger() -> None:
    result = flow('when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end')
    condition = ["call", "no_order_within", "boolean", {"duration": "60d"}]
    assert result.name == "winback"
    assert result.threads == (FlowThread("main", 0, FlowTrigger("audience", {"condition": condition})),)
    assert [step.kind for step in result.steps] == ["sms", "wait", "email", "end"]
    assert result.steps[2].arguments == {"saved": {"ref": ["saved", "Winback1"]}}


def test_a_branch_comes_back_behind_the_step_it_left() -> None:
    text = f'{GATE} -> if order_count > 5 {{ sms "a" -> sms "b" }} else {{ email saved:"Winback1" }} -> wait 1d -> end'
    assert edges(text) == [
        ("if", {"yes": 1, "no": 3}),
        ("sms", {"next": 2}),
        ("sms 2", {"next": 4}),
        ("email", {"next": 4}),
        ("wait", {"next": 5}),
        ("end", {}),
    ]


def test_a_branch_that_is_not_written_or_passes_goes_on() -> None:
    assert edges(f"{GATE} -> if order_count > 5 pass else pass -> end")[0] == ("if", {"yes": 1, "no": 1})
    assert edges(f"{GATE} -> if order_count > 5 {{}} -> end")[0] == ("if", {"yes": 1, "next": 1})


def test_ways_inside_ways_come_back_behind_the_outermost_at_its_end() -> None:
    inner = 'if order_count > 9 { sms "x" on_invalid { wait 1h } }'
    assert edges(f"{GATE} -> if order_count > 5 {{ {inner} }} -> end") == [
        ("if", {"yes": 1, "next": 4}),
        ("if 2", {"yes": 2, "next": 4}),
        ("sms", {"invalid": 3, "next": 4}),
        ("wait", {"next": 4}),
        ("end", {}),
    ]


def test_only_a_goto_leads_to_a_lower_number() -> None:
    text = f"""{GATE} -> sms "a" as "A" on_invalid {{ wait 1d -> if order_count > 3 {{ end }} else pass }}
        -> if order_count > 4 {{ sms "b" on_missing end }} -> wait 2d -> goto step:"A" at most 2 times -> end"""
    result = flow(text)
    back = [(step.kind, to) for step in result.steps for to in step.edges.values() if to <= step.number]
    assert back == [("goto", 0)]
    assert [step.number for step in result.steps] == list(range(len(result.steps)))


def test_a_goto_with_a_condition_is_an_if_and_a_goto() -> None:
    text = f'{GATE} -> sms "a" -> wait 1d -> goto step:"sms" if no_order_within 7d at most 2 times -> end'
    result = flow(text)
    assert [step.kind for step in result.steps] == ["sms", "wait", "if", "goto", "end"]
    assert dict(result.steps[2].edges) == {"yes": 3, "no": 4, "next": 4}
    assert result.steps[3].arguments == {"target": {"ref": ["step", "sms"]}, "limit": 2}
    assert dict(result.steps[3].edges) == {"next": 4, "target": 0}


def test_a_goto_to_a_guarded_goto_arrives_at_its_condition() -> None:
    text = f"""{GATE} -> if order_count > 3 {{ goto step:"goto 2" }} -> sms "x"
        -> goto step:"Last" if order_count > 4 -> sms "y" as "Last" -> end"""
    result = flow(text)
    guard = next(step for step in result.steps if step.name == "goto 2 if")
    assert result.steps[1].edges["target"] == guard.number


def test_a_goto_crosses_threads_and_own_names_come_first() -> None:
    result = flow("""
        conversation "A" {
          thread "T" when order_count >= 1 { sms "x" -> goto thread:"U" }
          thread "U" { if order_count > 3 { goto step:"sms" } -> sms "y" -> end }
        }""")
    assert result.steps[1].edges == {"target": 2}
    assert result.steps[3].edges == {"target": 4}
    assert result.threads[1] == FlowThread("U", 2, None)


def test_names_are_the_authors_or_the_word_with_a_free_number() -> None:
    result = flow(f'{GATE} -> sms "a" -> sms "b" as "sms 2" -> sms "c" -> end')
    assert [step.name for step in result.steps] == ["sms", "sms 2", "sms 3", "end"]


def test_a_step_knows_its_line() -> None:
    assert [step.line for step in flow(f'{GATE}\n-> sms "a"\n\n-> end').steps] == [2, 4]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("wait until 10:00", {"until": "10:00"}),
        ('set tier = "Gold"', {"assignments": [["tier", ["constant", "text", "Gold"]]]}),
        ("clear tier", {"field": ["tier"]}),
        ('email subject "s" body "b"', {"subject": "s", "body": "b"}),
        (
            'sms "x" from code:"34567" list list:"News" to mobile as "N" ttl 6h ignore_cap',
            {
                "body": "x",
                "code": {"ref": ["code", "34567"]},
                "list": {"ref": ["list", "News"]},
                "to": "mobile",
                "name": "N",
                "ttl": "6h",
                "ignore_cap": True,
            },
        ),
        (
            'sms "x" notify "a@shop.example" on failed notify "b@shop.example" on invalid',
            {
                "body": "x",
                "notify": [
                    {"address": "a@shop.example", "outcome": "failed"},
                    {"address": "b@shop.example", "outcome": "invalid"},
                ],
            },
        ),
    ],
)
def test_arguments_are_json_by_the_names_of_parameters(step: str, expected: object) -> None:
    assert arguments(step) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", Settings(zone="America/New_York")),
        ("class alert", Settings(message_class="alert", zone="America/New_York")),
        ('timezone contact else "Europe/Paris"', Settings(zone="Europe/Paris")),
        ('timezone "Europe/Paris"', Settings(contact_zone=False, zone="Europe/Paris")),
        ("window 09:00-20:00", Settings(opens="09:00", closes="20:00", zone="America/New_York")),
        ("priority high", Settings(priority="high", zone="America/New_York")),
        ("reentry after 30d", Settings(reentry="30d", zone="America/New_York")),
        ("reentry never", Settings(reentry="never", zone="America/New_York")),
        ("exit on order.placed", Settings(exits=("order.placed",), zone="America/New_York")),
        (
            "cap sms 3 per 7d cap email 1 per 1d",
            Settings(caps=(("sms", 3, "7d"), ("email", 1, "1d")), zone="America/New_York"),
        ),
        (
            'list list:"News" campaign "C" expires 2027-12-31 in_flight end',
            Settings(list="News", campaign="C", expires="2027-12-31", in_flight="end", zone="America/New_York"),
        ),
    ],
)
def test_the_head_fills_the_settings_and_the_rest_is_at_its_default(head: str, expected: Settings) -> None:
    assert settings(head) == expected


def test_a_flow_survives_json() -> None:
    result = flow(f'{GATE} -> sms "x" on_invalid end notify "a@shop.example" on failed -> wait 3d -> end')
    assert Flow.from_json(result.to_json()) == result
