"""What goes wrong is decided by a seed and the message, and read from options and files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from conductor_dsl.shared.errors import ConfigError
from conductor_dsl.sim.message import Message
from conductor_dsl.sim.plan import Plan, Rule, Telling, fault_of, state_of, status_and_code, tellings_of
from conductor_dsl.sim.toml_to_plan import read_plan, table_to_plan, with_shares

PLAN = Plan(seed=7, faults={"lost": 0.1, "500": 0.05})


def message(number: int, text: str = "Hello") -> Message:
    return Message(f"k{number}", f"+1717555{number:04}", "34567", text)


def test_a_seed_and_a_message_decide_what_goes_wrong() -> None:
    once = [fault_of(PLAN, message(number), 1) for number in range(2_000)]
    assert once == [fault_of(PLAN, message(number), 1) for number in range(2_000)]
    counts = Counter(once)
    assert 150 < counts["lost"] < 250 and 60 < counts["500"] < 140
    assert once != [fault_of(Plan(8, PLAN.faults), message(number), 1) for number in range(2_000)]


def test_another_attempt_is_another_draw() -> None:
    assert {fault_of(PLAN, message(1), attempt) for attempt in range(1, 200)} == {"", "lost", "500"}


def test_a_rule_comes_before_the_dice_and_may_be_about_first_attempts_only() -> None:
    plan = Plan(faults={"lost": 1}, rules=(Rule("half", to="+17175550001", text="He*", first=2),))
    faults = [fault_of(plan, message(number, text), attempt) for number, text, attempt in CASES]
    assert faults == ["half", "half", "lost", "lost", "lost"]


CASES = [(1, "Hello", 1), (1, "Hello", 2), (1, "Hello", 3), (1, "hello", 1), (2, "Hello", 1)]


@pytest.mark.parametrize(
    ("manner", "told"),
    [
        ("", ["sent", "delivered"]),
        ("late", ["sent", "delivered"]),
        ("twice", ["sent", "sent", "delivered", "delivered"]),
        ("disordered", ["delivered", "sent"]),
        ("never", []),
        ("30005", ["sent", "undelivered"]),
    ],
)
def test_receipts_come_in_their_manner(manner: str, told: list[str]) -> None:
    plan = Plan(receipts={manner: 1} if manner else {}, receipt_after=1, late=9)
    tellings = tellings_of(plan, message(1))
    assert [telling.state for telling in tellings] == told
    assert [telling.after for telling in tellings] == sorted(telling.after for telling in tellings)
    if manner == "late":
        assert tellings[-1].after == 11
    if manner == "30005":
        assert tellings[-1].code == "30005"


def test_a_message_stands_as_it_was_told_or_would_have_been() -> None:
    sent = message(1)._replace(at=1_000)
    plan = Plan(receipt_after=1)
    assert [state_of(plan, sent, now).state for now in (1_000, 2_000, 3_000)] == ["queued", "sent", "delivered"]
    assert state_of(Plan(receipts={"30005": 1}), sent, 9_000) == Telling(0, "undelivered", "30005")
    assert state_of(Plan(receipts={"never": 1}), sent, 9_000).state == "delivered"


def test_a_number_is_a_status_or_a_code_of_twilio() -> None:
    found = [status_and_code(fault) for fault in ("503", "21211", "20003", "20429")]
    assert found == [(503, 0), (400, 21211), (401, 20003), (429, 20429)]


def test_a_file_has_everything(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        'seed = 7\nfaults = { lost = 0.02, "500" = 0.01 }\nreceipts = { late = 0.1 }\nretry_after = 3\nhang = 0.5\n'
        '[[rule]]\nto = "+1*"\nfault = 21211\nfirst = 1\n'
    )
    assert read_plan(path) == Plan(
        seed=7,
        faults={"lost": 0.02, "500": 0.01},
        receipts={"late": 0.1},
        rules=(Rule("21211", to="+1*", first=1),),
        retry_after=3,
        hang=0.5,
    )


def test_options_add_to_a_file() -> None:
    plan = with_shares(PLAN, ["lost=0.5", "half=0.1"], ["never=1"])
    assert plan.faults == {"lost": 0.5, "500": 0.05, "half": 0.1}
    assert plan.receipts == {"never": 1.0}


@pytest.mark.parametrize(
    ("table", "told", "hint"),
    [
        ({"sed": 7}, "has no `sed`", "did you mean `seed`?"),
        ({"seed": "x"}, "not a whole number", None),
        ({"faults": {"lots": 0.1}}, "is called `lots`", "did you mean `lost`?"),
        ({"faults": {"200": 0.1}}, "is called `200`", "it may be `lost`"),
        ({"faults": {"lost": 1.5}}, "between 0 and 1", None),
        ({"faults": {"lost": 0.7, "half": 0.7}}, "more than 1 together", None),
        ({"faults": [1]}, "not a table", None),
        ({"receipts": {"lost": 0.1}}, "is called `lost`", None),
        ({"rule": [{"to": "x"}]}, "a rule", None),
        ({"rule": [{"fault": "lost", "to": 3}]}, "a rule", None),
        ({"hang": -1}, "not a number of seconds", None),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(table: dict[str, object], told: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as refused:
        table_to_plan(table)
    assert told in str(refused.value)
    assert hint is None or hint in (refused.value.hint or "")


@pytest.mark.parametrize("option", ["lost", "lost=", "lost=much"])
def test_an_option_that_is_no_share_is_refused(option: str) -> None:
    with pytest.raises(ConfigError, match="a name and a share"):
        with_shares(PLAN, [option], [])


@pytest.mark.parametrize("content", [b"seed = ", b"\xff"])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"plan\.toml"):
        read_plan(tmp_path / "plan.toml")
    with pytest.raises(ConfigError, match="no such file"):
        read_plan(tmp_path / "none.toml")
