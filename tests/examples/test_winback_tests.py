"""The tests in the winback script notice whatever is taken out of it, or changed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from conductor_dsl.plugin.host import Host, build_host
from conductor_dsl.project.check_scripts import check_bytes
from conductor_dsl.runtime.rehearse.checked_to_parts import checked_to_parts
from conductor_dsl.runtime.rehearse.rehearse import rehearse
from conductor_dsl.shared.clock import VirtualClock

FOLDER = Path(__file__).parents[2] / "examples" / "winback"
SCRIPT = (FOLDER / "winback.cdx").read_text(encoding="utf-8")
BUGS = {
    "no_order_within 60d and": "no_order_within 80d and",
    "and order_count >= 1": "and order_count >= 0",
    'tier = "Gold" or total_spent >= 500': 'tier = "Gold"',
    "holdout 5%": "wait 1m",
    "wait 3d": "wait 4d",
    "up to 5d": "up to 6d",
    'email saved:"WinbackGold"': 'email saved:"Winback1"',
    'email saved:"Winback2"': 'email saved:"Winback1"',
    'coupon pool:"WB15"': 'coupon pool:"WB20"',
    'fallback "WELCOMEBACK"': 'fallback "HELLO"',
    'fallback "GOLD20"': 'fallback "HELLO"',
    "set won_back = true": "set won_back = false",
    "  window 09:00-20:00": "  #",
    "  reentry after 90d": "  #",
    "  exit on order.placed": "  #",
    'list list:"Winback texts"': 'list list:"Customers"',
    'notify "crm@alder.example" on failed': "#",
    "Reply STOP to opt out.": "Bye.",
    'first_name | default: "friend"': 'last_name | default: "friend"',
    'end "clicked"': 'end "done"',
    'end "last call"': 'end "done"',
    'timezone contact else "America/New_York"': 'timezone "America/New_York"',
    "on_invalid pass": "on_invalid end",
}


@cache
def host() -> Host:
    """The first-party plugins."""
    return build_host()


def failed(script: str) -> list[str]:
    """The errors that the checker finds, else the first test that fails, by its name; none where all is well."""
    checked = check_bytes(str(FOLDER / "winback.cdx"), script.encode(), FOLDER, host().vocabulary)
    if checked.report.has_errors:
        return [finding.message for finding in checked.report.findings]
    parts = checked_to_parts([(checked, checked.tests)], host())
    return next(([outcome.test.name] for outcome in rehearse(parts, host(), VirtualClock(0)) if outcome.failures), [])


def test_the_script_as_it_is_passes() -> None:
    assert failed(SCRIPT) == []


@pytest.mark.parametrize("right", BUGS)
def test_a_change_is_noticed(right: str) -> None:
    conversation, mark, tests = SCRIPT.partition("# What the conversation promises.")
    assert right in conversation
    assert failed(conversation.replace(right, BUGS[right], 1) + mark + tests)
