"""Every kind of expectation passes where it is true, and fails with the right words where it is not."""

from __future__ import annotations

import pytest

from tests.runtime.rehearse.stage_hand import failures

SCRIPT = """
field tier text
field offer text
conversation "Winback" {
  window 09:00-20:00
  exit on order.placed
  thread "Main" when no_order_within 60d check every 1d at 00:30 {
    when order_count >= 1
    -> coupon pool:"WB20" into offer fallback "NONE"
    -> sms "Come back! Reply STOP to opt out." from code:"34567" list list:"Texts" as "Text"
       notify "crm@shop.example" on failed
    -> split "mail" { 50% { email saved:"Winback1" as "One" } 50% { email saved:"Gold" as "Two" } }
    -> wait 3d
    -> email subject "Last call" body "Now or never" list list:"News" as "Last"
    -> set tier = "won"
    -> end "reminded"
  }
  thread "Other" on order.placed where event.total > 1000 { end "big" }
}
test "it" {
  given contact { first_name "Ada", mobile "+17175550100", email "ada@example.com" } ordered 70d ago
    in group "A" of "mail"
  given coupon pool:"WB20" codes "AB12"
  at 2026-03-02 10:00
"""

TRUE = """
  expect sms
  expect sms contains "Reply STOP" lacks "Hello" from code:"34567" to "+17175550100" after 0m
  expect email saved:"Winback1" on 2026-03-02 at 10:00
  expect email step:"Last" subject "Last call" contains "Now or never" after 3d
  expect email from "shop@shop.example"
  expect no email saved:"Gold"
  expect no webhook
  expect 2 email
  expect 1 sms after 0m
  expect 3 messages
  expect nothing after 3d
  expect in order
  expect step:"Text" sent after 0m
  expect entered after 0m
  expect entered thread:"Main"
  expect entered 1 times
  expect end
  expect end "reminded" after 3d
  expect waiting at step:"wait" after 1d
  expect waiting after 2d
  expect group "A" of "mail"
  expect group "A"
  expect field tier = "won"
  expect field offer = "AB12"
  expect field last_name missing
  expect subscribed list:"Texts"
"""

FALSE = {
    'sms contains "Hello"': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'sms lacks "STOP"': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    "sms after 1h": 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'sms to "+17175550101"': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'email saved:"Gold"': 'email "We miss you" of `One`, saved:"Winback1" after 0m (2026-03-02 10:00); '
    'email "Last call" of `Last` after 3d (2026-03-05 10:00)',
    "webhook": "no webhook",
    "no sms": 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'no email subject "Last call"': 'email "Last call" of `Last` after 3d (2026-03-05 10:00)',
    '1 sms contains "Hello"': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    "3 sms": '1: sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    "nothing after 2d": 'email "Last call" of `Last` after 3d (2026-03-05 10:00)',
    'step:"Text" skipped': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'step:"Text" skipped invalid': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'step:"Text" failed': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'step:"Text" deferred': 'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00)',
    'step:"Two" sent': "the step was not reached",
    "entered after 1d": "entered `Winback` by thread `Main` after 0m (2026-03-02 10:00)",
    'entered thread:"Other"': "entered `Winback` by thread `Main` after 0m (2026-03-02 10:00)",
    "entered 2 times": "entered `Winback` by thread `Main` after 0m (2026-03-02 10:00)",
    "not entered": "entered `Winback` by thread `Main` after 0m (2026-03-02 10:00)",
    'end "over"': "came to the end: reminded after 3d (2026-03-05 10:00)",
    "end after 2d": "came to the end: reminded after 3d (2026-03-05 10:00)",
    "end on 2026-03-04": "came to the end: reminded after 3d (2026-03-05 10:00)",
    "exit": "came to the end: reminded after 3d (2026-03-05 10:00)",
    "exit on order.placed": "came to the end: reminded after 3d (2026-03-05 10:00)",
    'waiting at step:"Text" after 1d': "still inside at `wait`",
    "waiting": "came to the end: reminded after 3d (2026-03-05 10:00)",
    'group "B"': "`A` of `mail`",
    'field tier = "lost"': '`tier` is "won"',
    "field tier missing": '`tier` is "won"',
    'field last_name = "Lovelace"': "`last_name` is missing",
    'unsubscribed list:"Texts"': "subscribed to `Texts`",
    'notice "crm@shop.example"': "they were told nothing",
}


def test_what_is_true_passes() -> None:
    assert failures(f"{SCRIPT}{TRUE}}}") == []


def test_what_is_wrong_fails_with_what_came_instead() -> None:
    lines = {line.strip(): got for line, got in FALSE.items()}
    found = failures(SCRIPT + "".join(f"  expect {line}\n" for line in lines) + "}")
    assert dict(found) == lines
    assert len(found) == len(lines)


def test_messages_in_another_order_fail() -> None:
    lines = '  expect email step:"Last"\n  expect sms\n  expect in order\n'
    [(expected, got)] = failures(f"{SCRIPT}{lines}}}")
    assert expected == "in order"
    assert got == (
        'sms "Come back! Reply STOP to opt out." of `Text` after 0m (2026-03-02 10:00) came before '
        'email "Last call" of `Last` after 3d (2026-03-05 10:00)'
    )


@pytest.mark.parametrize(
    ("given", "line", "got"),
    [
        (
            'mobile "12"',
            'step:"Text" skipped missing',
            "`Text` not sent: address is not valid after 0m (2026-03-02 10:00)",
        ),
        ('mobile "12"', "sms", "no text (`Text` not sent: address is not valid)"),
        ('email "x"', 'step:"Text" sent', "`Text` not sent: no address after 0m (2026-03-02 10:00)"),
    ],
)
def test_what_was_not_sent_is_told_with_its_reason(given: str, line: str, got: str) -> None:
    script = SCRIPT.partition("  given contact")[0]
    test = f"given contact {{ {given} }} ordered 70d ago\n at 2026-03-02 10:00\n expect {line}\n}}"
    assert failures(f"{script}{test}") == [(line, got)]


def test_an_event_that_no_step_lets_happen_fails() -> None:
    script = """
        event shop.closed { }
        conversation "A" { thread "T" on order.placed { emit shop.closed { } -> end } }
        test "it" {
          given contact { }
          at 2026-03-02 10:00
          when order.placed { total 20 }
          expect event shop.closed after 0m
          expect event shop.closed after 1h
          expect event order.placed
        }"""
    got = "`shop.closed` after 0m (2026-03-02 10:00)"
    assert failures(script) == [("event shop.closed after 1h", got), ("event order.placed", got)]


def test_who_does_not_enter_is_told_so() -> None:
    script = SCRIPT.partition("  given contact")[0]
    lines = 'expect end\n expect sms\n expect entered\n expect step:"Text" sent\n expect group "A"\n expect waiting'
    test = f'given contact {{ mobile "+17175550100" }} ordered 10d ago\n at 2026-03-02 10:00\n {lines}\n}}'
    assert failures(f"{script}{test}") == [
        ("end", "the contact did not enter"),
        ("sms", "no text, for the contact did not enter"),
        ("entered", "did not enter"),
        ('step:"Text" sent', "the contact did not enter"),
        ('group "A"', "no split was reached"),
        ("waiting", "the contact did not enter"),
    ]
