"""Identifiers: the same message always has the same key, no two have one, and a key leads back to its message."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.ids import content_hash, dispatch_key, key_to_place, new_secret, node_id

PLACE = (1, 2, 3, 4, 5)


def test_a_key_is_the_same_in_every_process_and_version() -> None:
    # Written out: if this changes, a provider no longer recognises the messages of the version before.
    assert dispatch_key("secret", *PLACE) == "70515a4ebafdx1x2x3x4x5"


def test_no_two_messages_have_one_key() -> None:
    parts = list(product(range(1, 13), (1, 11), (1, 2, 12), (0, 1, 11), (0, 1, 111)))
    assert len({dispatch_key("secret", *part) for part in parts}) == len(parts)


def test_no_two_databases_have_one_key() -> None:
    assert dispatch_key("one", *PLACE) != dispatch_key("other", *PLACE)


def test_keys_fit_into_what_providers_take() -> None:
    key = dispatch_key(new_secret(), 2**53, 2**31 - 1, 2**31 - 1, 10_000, 10_000)
    assert len(key) <= 64
    assert key.isalnum()


@given(st.tuples(*[st.integers(0, 2**63 - 1)] * 5))
def test_a_key_leads_back_to_its_message(place: tuple[int, ...]) -> None:
    assert key_to_place("secret", dispatch_key("secret", *place)) == place


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x1x2x3x4x5",
        dispatch_key("other", *PLACE),
        dispatch_key("secret", *PLACE) + "x6",
        dispatch_key("secret", *PLACE).upper(),
        dispatch_key("secret", *PLACE).replace("x5", "x6"),
        dispatch_key("secret", *PLACE).replace("x5", "x05"),
        dispatch_key("secret", *PLACE).replace("x5", "x-5"),
        "ä" * 12 + "x1x2x3x4x5",
    ],
)
def test_what_is_no_key_of_the_database_leads_nowhere(key: str) -> None:
    assert key_to_place("secret", key) is None


def test_content_has_one_name_and_other_content_another() -> None:
    assert content_hash("a") == content_hash("a") != content_hash("a ")


def test_no_life_of_a_process_shares_its_name() -> None:
    assert len({node_id() for _ in range(100)}) == 100
