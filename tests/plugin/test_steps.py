"""Each step that comes with Conductor lowers to the operation it stands for."""

from __future__ import annotations

import pytest

from conductor_dsl.api import Await, Gate, Hold, Holdout, Move, Operation, Send, Split, Stop, Write, build_host
from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.expressions import Call as Asked
from conductor_dsl.language.expressions import Compare, Constant, Expression, Field, ValueType
from tests.language.contexts import check_text, is_broken

MANY: Expression = Compare(">", Asked("order_count", ValueType.NUMBER, {}), Constant(ValueType.NUMBER, 5))
BORN: Expression = Field("born", ValueType.DATE)
YES: Expression = Compare("=", Field("event.keyword", ValueType.TEXT), Constant(ValueType.TEXT, "YES"))
SMS = Send("sms", "mobile", 1, body="x")
EMAIL = Send("email", "email", 1, saved="Winback1")


def lowered(step: str, number: int = 0) -> Operation:
    text = f"field tier text field spare phone field born date when order_count >= 1 -> {step} -> end"
    checked = check_text(text)
    assert not any(map(is_broken, checked.report.findings)), checked.report.findings
    flow = bound_to_flow(checked.conversations[0])
    return build_host().steps[flow.steps[number].kind].lower(flow.steps[number])


@pytest.mark.parametrize(
    ("step", "operation"),
    [
        ("when order_count > 5", Gate(MANY, yes=1, no=None)),
        ("when order_count > 5 else { wait 1d }", Gate(MANY, yes=2, no=1)),
        ("when order_count > 5 else pass", Gate(MANY, yes=1, no=1)),
        ("if order_count > 5 { wait 1d }", Gate(MANY, yes=1, no=2, reason="end of path")),
        ("if order_count > 5 pass else { wait 1d }", Gate(MANY, yes=2, no=1, reason="end of path")),
        (
            'split "s" { 50% { wait 1d } 25.5% "Y" {} 24.5% {} }',
            Split("s", (("A", 5000, 1), ("Y", 2550, 2), ("C", 2450, 2))),
        ),
        ("holdout 10%", Holdout(1000, 1)),
        ('holdout 0.5% "global"', Holdout(50, 1, "global")),
        ("wait 3d", Hold(1, duration="3d")),
        ("wait until 10:00", Hold(1, clock="10:00")),
        ("wait until tuesday", Hold(1, weekday="tuesday")),
        ("wait until tuesday 10:00", Hold(1, weekday="tuesday", clock="10:00")),
        ("wait until last day 08:00", Hold(1, weekday="day", ordinal="last", clock="08:00")),
        ("wait until first monday", Hold(1, weekday="monday", ordinal="first")),
        ("wait until 2026-11-27", Hold(1, date="2026-11-27")),
        ("wait until 2026-11-27 06:00 if_past end", Hold(1, date="2026-11-27", clock="06:00", if_past="end")),
        (
            "wait until born - 7d + 1mo at 09:00 if_past next_year",
            Hold(1, moment=BORN, shifts=("-7d", "1mo"), clock="09:00", if_past="next_year"),
        ),
        ("wait until last_order", Hold(1, moment=Asked("last_order", ValueType.INSTANT, {}))),
        ("wait for order.placed, clicked up to 5d", Await(("order.placed", "clicked"), "5d", 1, 1)),
        ("wait for clicked up to 5d { wait 1d } else pass", Await(("clicked",), "5d", 1, 2)),
        ("wait for opened up to 5d else { wait 1d }", Await(("opened",), "5d", 2, 1)),
        ('wait for clicked step:"end" link "/x" up to 5d', Await(("clicked",), "5d", 1, 1, step="end", link="/x")),
        ("wait for reply up to 5d", Await(("sms.received",), "5d", 1, 1)),
        ('wait for keyword "YES" up to 5d', Await(("sms.received",), "5d", 1, 1, where=YES)),
        ('set tier = "Gold"', Write((("tier", Constant(ValueType.TEXT, "Gold")),), 1)),
        ("clear tier", Write((("tier", None),), 1)),
        ('sms "x"', SMS),
        ('sms "x" on_invalid pass on_failed pass', SMS),
        ('sms "x" to spare', Send("sms", "spare", 1, body="x")),
        ('sms saved:"Text1"', Send("sms", "mobile", 1, saved="Text1")),
        ('sms "x" from code:"34567" list list:"News"', Send("sms", "mobile", 1, body="x", sender="34567", list="News")),
        ('sms "x" on_invalid end', Send("sms", "mobile", 2, body="x", edges={"invalid": 1})),
        ('sms "x" ttl 6h ignore_cap', Send("sms", "mobile", 1, body="x", ttl="6h", ignore_cap=True)),
        ('email saved:"Winback1"', EMAIL),
        ('email subject "s" body "b"', Send("email", "email", 1, subject="s", body="b")),
        (
            'email saved:"Winback1" from "a@shop.example" reply_to "b@shop.example" notify "c@shop.example" on failed',
            Send(
                "email",
                "email",
                1,
                saved="Winback1",
                sender="a@shop.example",
                reply_to="b@shop.example",
                notices=(("c@shop.example", "failed"),),
            ),
        ),
    ],
)
def test_a_step_lowers_to_its_operation(step: str, operation: Operation) -> None:
    assert lowered(step) == operation


def test_an_end_stops_with_the_authors_reason() -> None:
    assert lowered('if order_count > 5 { end "many" }', 1) == Stop("many")
    assert lowered("if order_count > 5 { end }", 1) == Stop("end")


def test_a_goto_moves_and_passes_on_when_its_bound_is_reached() -> None:
    assert lowered('wait 1d -> goto step:"wait" at most 3 times', 1) == Move(0, next=2, limit=3)
    assert lowered('if order_count > 5 { goto step:"end" }', 1) == Move(2)


def test_only_a_way_of_its_own_lets_a_run_wait_for_the_verdict() -> None:
    assert isinstance(parked := lowered('sms "x" on_failed { email saved:"Winback1" }'), Send)
    assert parked.parks
    assert not SMS.parks
