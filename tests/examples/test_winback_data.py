"""The demo's data are what make_data.py makes, in the stated proportions, and of nobody real."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "winback"
FILES = ("contacts.csv", "orders.csv", "consent.csv", "orders_during_wait.csv", "clicks.csv", "wb15.csv", "wb20.csv")
NOW = datetime.fromisoformat("2026-03-02T10:00:00+00:00")
NORTH_AMERICAN_TEST_NUMBER = re.compile(r"\+1\d{3}55501\d\d")
BRITISH_TEST_NUMBER = re.compile(r"\+447700900\d{3}")
ADDRESS = re.compile(r"[^@\s]+@example\.\w+")
AUSTRALIAN_TEST_NUMBERS = (
    "570006 570156 570157 570158 570159 570110 570313 570737 571266 571491 571804 572549 572665 572983 573770 "
    "573087 574118 574632 575254 575789 576398 576801 577426 577644 578957 578148 578888 579212 579760 579455"
)

Row = Mapping[str, str]


@cache
def rows(name: str) -> Sequence[Row]:
    with (EXAMPLE / "data" / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def number_of(contact: Row) -> phonenumbers.PhoneNumber | None:
    """The number as an importer reads it; None for what is no number at all."""
    try:
        return phonenumbers.parse(contact["mobile"], contact["country"])
    except phonenumbers.NumberParseException:
        return None


def can_be_texted(contact: Row) -> bool:
    number = number_of(contact)
    return number is not None and phonenumbers.is_valid_number(number)


def share(of: Sequence[object]) -> float:
    return len(of) / len(rows("contacts.csv"))


def last_orders() -> dict[str, datetime]:
    return {row["contact"]: datetime.fromisoformat(row["placed_at"]) for row in rows("orders.csv")}


def make(folder: Path, *options: str) -> None:
    subprocess.run([sys.executable, EXAMPLE / "make_data.py", *options, folder], check=True)


def test_the_generator_makes_the_committed_files_again(tmp_path: Path) -> None:
    make(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in FILES} == {
        name: (EXAMPLE / "data" / name).read_bytes() for name in FILES
    }


def test_the_generator_makes_as_many_contacts_as_asked(tmp_path: Path) -> None:
    make(tmp_path, "--contacts", "75")
    lines = (tmp_path / "contacts.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 76
    assert len((tmp_path / "orders_during_wait.csv").read_text(encoding="utf-8").splitlines()) == 4


def test_every_number_that_could_be_real_is_in_a_test_range() -> None:
    australian = {f"+61491{end}" for end in AUSTRALIAN_TEST_NUMBERS.split()}
    for contact in rows("contacts.csv"):
        number = number_of(contact)
        if number is None or len(str(number.national_number)) < 9 or number.national_number == 0:
            continue
        written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        known = NORTH_AMERICAN_TEST_NUMBER.fullmatch(written) or BRITISH_TEST_NUMBER.fullmatch(written)
        assert known or written in australian, contact


def test_every_complete_address_is_in_a_test_domain() -> None:
    for contact in rows("contacts.csv"):
        domain = contact["email"].partition("@")[2]
        assert not domain or re.fullmatch(r"@?example\.(\.?net|com|org)", domain), contact


def test_numbers_that_can_be_texted_are_unique_and_written_in_many_forms() -> None:
    texted = [contact for contact in rows("contacts.csv") if can_be_texted(contact)]
    assert len({str(number_of(contact)) for contact in texted}) == len(texted)
    assert len({re.sub(r"\d", "9", contact["mobile"]) for contact in texted}) >= 7


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        pytest.param(lambda c: not c["mobile"], 0.04, id="no mobile"),
        pytest.param(lambda c: c["mobile"] and not can_be_texted(c), 0.05, id="a mobile that cannot be texted"),
        pytest.param(lambda c: not c["email"], 0.02, id="no e-mail"),
        pytest.param(lambda c: c["email"] and not ADDRESS.fullmatch(c["email"]), 0.02, id="an e-mail that is none"),
        pytest.param(lambda c: not c["zone"], 0.06, id="no zone"),
        pytest.param(lambda c: c["tier"] == "Gold", 0.12, id="gold"),
    ],
)
def test_contacts_are_as_untidy_as_stated(holds: Callable[[Row], object], expected: float) -> None:
    assert share([c for c in rows("contacts.csv") if holds(c)]) == pytest.approx(expected, abs=0.02)


def test_contacts_live_in_many_real_zones() -> None:
    zones = {contact["zone"] for contact in rows("contacts.csv")} - {""}
    assert len(zones) >= 8
    assert all(ZoneInfo(zone) for zone in zones)


def test_a_third_bought_lately_a_tenth_never_and_the_rest_lapsed() -> None:
    ages = [NOW - at for at in last_orders().values()]
    recent = [age for age in ages if timedelta(0) < age < timedelta(days=59)]
    lapsed = [age for age in ages if timedelta(days=60) < age <= timedelta(days=401)]
    assert share(recent) == pytest.approx(0.30, abs=0.03)
    assert 1 - share(ages) == pytest.approx(0.10, abs=0.03)
    assert len(recent) + len(lapsed) == len(ages)


def test_consent_to_texts_is_missing_or_taken_back_for_some() -> None:
    said = [row for row in rows("consent.csv") if row["list"] == "Winback texts"]
    agreed = {row["contact"]: row["at"] for row in said if row["action"] == "subscribed"}
    left = {row["contact"]: row["at"] for row in said if row["action"] == "unsubscribed"}
    assert 1 - share(list(agreed)) == pytest.approx(0.12, abs=0.02)
    assert share(list(left)) == pytest.approx(0.03, abs=0.01)
    for contact, at in left.items():
        assert datetime.fromisoformat(agreed[contact]) < datetime.fromisoformat(at) < NOW


def test_forty_lapsed_contacts_order_during_the_wait() -> None:
    orders, last = rows("orders_during_wait.csv"), last_orders()
    assert len({order["contact"] for order in orders}) == len(orders) == 40
    for order in orders:
        assert NOW + timedelta(days=1) <= datetime.fromisoformat(order["placed_at"]) <= NOW + timedelta(days=2)
        assert last[order["contact"]] < NOW - timedelta(days=60)


def test_every_order_is_complete() -> None:
    orders = [*rows("orders.csv"), *rows("orders_during_wait.csv")]
    assert len({order["order_id"] for order in orders}) == len(orders)
    for order in orders:
        assert re.fullmatch(r"\d+\.\d\d", order["total"])
        assert all(item["quantity"] >= 1 for item in json.loads(order["items"] or "[]"))
