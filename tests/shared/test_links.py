"""Links: a token says who and which list, and nobody makes one up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_dsl.shared.links import link_token, token_to_link

TOKEN = link_token("secret", 7, "Été & Co.")


@given(contact=st.integers(0, 2**62), list_=st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_token_says_who_and_which_list(contact: int, list_: str) -> None:
    token = link_token("secret", contact, list_)
    assert token_to_link("secret", token) == (contact, list_)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_a_token_with_another_letter_is_none(position: int) -> None:
    other = "B" if TOKEN[position] != "B" else "C"
    assert token_to_link("secret", TOKEN[:position] + other + TOKEN[position + 1 :]) is None


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "A", TOKEN[:32], "ü" * 40, link_token("other", 7, "News")])
def test_what_is_cut_or_of_another_database_is_none(token: str) -> None:
    assert token_to_link("secret", token) is None
