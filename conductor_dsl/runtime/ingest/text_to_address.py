"""From what people write to addresses that can be sent to, decided once, at import.

Reading a phone number takes longer than everything else that happens to a row; that is why nothing else does it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from conductor_dsl.runtime.ingest.cell_to_value import shown
from conductor_dsl.runtime.ingest.nouns import BadRow

VALID, INVALID, MISSING = "valid", "invalid", "missing"

_LONGEST_EMAIL, _LONGEST_LOCAL = 254, 64
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"([^\s@<>()\[\]\\,;:\"]+)@((?:{_LABEL}\.)+[^\W\d_][\w-]*[^\W_])")
_REMEMBERED = 10_000


class Address(NamedTuple):
    """An address with its state; an invalid one is kept as written."""

    text: str
    state: str


@lru_cache(maxsize=_REMEMBERED)
def text_to_phone(text: str, country: str) -> Address:
    """A phone number in E.164; `country` (ISO, two letters) is for numbers without a country code."""
    if not text:
        return Address("", MISSING)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return Address(text, INVALID)
    # The first question costs half as much as the second, and answers for most numbers.
    if not phonenumbers.is_valid_number_for_region(number, country) and not phonenumbers.is_valid_number(number):
        return Address(text, INVALID)
    return Address(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), VALID)


def text_to_email(text: str) -> Address:
    """An e-mail address with the domain in lower case.

    Valid is what has the form of an address that mail goes to in practice: quoted local parts and bare IP addresses
    have not. Whether there is a mailbox, only a message can tell.
    """
    if not text:
        return Address("", MISSING)
    match = _EMAIL.fullmatch(text)
    if match is None or len(text) > _LONGEST_EMAIL:
        return Address(text, INVALID)
    local, domain = match.groups()
    if len(local) > _LONGEST_LOCAL or local[0] == "." or local[-1] == "." or ".." in local:
        return Address(text, INVALID)
    return Address(f"{local}@{domain.lower()}", VALID)


def text_to_country(text: str) -> str:
    """Two letters of ISO 3166 in upper case; BadRow for anything else."""
    country = text.upper()
    if country in phonenumbers.SUPPORTED_REGIONS:
        return country
    hint = "did you mean `GB`?" if country == "UK" else "write two letters such as `US`"
    raise BadRow(f"unknown country {shown(text)}; {hint}")
