"""Identifiers: the same message always has the same key, and no two have one."""

from __future__ import annotations

from itertools import product

from conductor_dsl.shared.ids import content_hash, dispatch_key, node_id


def test_a_key_is_the_same_in_every_process_and_version() -> None:
    # Written out: if this changes, a provider no longer recognises the messages of the version before.
    assert dispatch_key(1, 2, 3, 4, 5) == "9812fd9b001358a133491564d47df8f3"


def test_no_two_messages_have_one_key() -> None:
    parts = list(product(range(1, 13), (1, 11), (1, 2, 12), (0, 1, 11), (0, 1, 111)))
    assert len({dispatch_key(*part) for part in parts}) == len(parts)


def test_keys_fit_into_what_providers_take() -> None:
    key = dispatch_key(2**63 - 1, 2**63 - 1, 2**31 - 1, 10_000, 10_000)
    assert len(key) == 32
    assert set(key) <= set("0123456789abcdef")


def test_content_has_one_name_and_other_content_another() -> None:
    assert content_hash("a") == content_hash("a") != content_hash("a ")


def test_no_life_of_a_process_shares_its_name() -> None:
    assert len({node_id() for _ in range(100)}) == 100
