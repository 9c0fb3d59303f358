"""Cells become values, or are refused with the remedy."""

from __future__ import annotations

import pytest

from conductor_dsl.runtime.ingest.cell_to_value import text_to_cents, text_to_instant, text_to_number
from conductor_dsl.runtime.ingest.nouns import BadRow
from conductor_dsl.runtime.ingest.text_to_address import text_to_email, text_to_phone


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("(415) 555-0123", "US", ("+14155550123", "valid")),
        ("+44 20 7946 0958", "US", ("+442079460958", "valid")),
        ("020 7946 0958", "GB", ("+442079460958", "valid")),
        ("12", "US", ("12", "invalid")),
        ("555-CALL", "US", ("555-CALL", "invalid")),
        ("", "US", ("", "missing")),
    ],
)
def test_a_phone_number_is_e164_or_kept_as_written(text: str, country: str, expected: tuple[str, str]) -> None:
    assert text_to_phone(text, country) == expected


@pytest.mark.parametrize(
    "text",
    ["a@example.com", "first.last+tag@mail.example.co.uk", "o'neil@example.com", "ü@bücher.example", "a@1.example"],
)
def test_addresses_that_mail_goes_to_are_valid(text: str) -> None:
    assert text_to_email(text) == (text, "valid")


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "a@b",
        "a@@example.com",
        "a b@example.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@-x.example",
        "a@example..com",
        "a@example.com, b@example.com",
        "Ann <a@example.com>",
        "a@[10.0.0.1]",
        "a@10.0.0.1",
        "a\n@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".example",
    ],
)
def test_what_is_no_address_is_kept_as_written(text: str) -> None:
    assert text_to_email(text) == (text, "invalid")


def test_only_the_domain_is_lowered() -> None:
    assert text_to_email("Ann.Lee@EXAMPLE.com") == ("Ann.Lee@example.com", "valid")


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-02", 86_400_000 + 5 * 3_600_000),
        ("2026-03-08T02:30:00", 1_772_955_000_000),  # in the gap: an hour later on the clock
        ("2026-11-01T01:30:00", 1_793_511_000_000),  # in the overlap: the first
    ],
)
def test_an_instant_without_an_offset_is_on_the_clock_of_the_zone(text: str, millis: int) -> None:
    assert text_to_instant("at", text, "America/New_York") == millis


@pytest.mark.parametrize(
    "text", ["", "yesterday", "03/08/2026", "2026-13-01", "1772955000000", "0001-01-01T00:00:00+23:59"]
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="is not a date and time; write"):
        text_to_instant("at", text, "UTC")


@pytest.mark.parametrize(("text", "cents"), [("", 0), ("0", 0), ("119", 11900), ("0.1", 10), ("1.2300", 123)])
def test_an_amount_is_exact(text: str, cents: int) -> None:
    assert text_to_cents("total", text) == cents


@pytest.mark.parametrize("text", ["-1", "1.005", "1,5", "1e3", "$5", "٣", "9" * 13])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadRow, match="is not an amount"):
        text_to_cents("total", text)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-3.50", -3.5), ("+7", 7), (".5", 0.5), ("1e3", 1000.0)])
def test_a_number_is_read(text: str, number: float) -> None:
    assert text_to_number("points", text) == number


@pytest.mark.parametrize("text", ["1_000", "1,000", "nan", "inf", "1e999", "9" * 5000, "٣", "0x10"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadRow):
        text_to_number("points", text)
