"""The filter `money` prints amounts as they are priced."""

from __future__ import annotations

import pytest

from conductor_dsl.messages.template_to_renderer import compile_positional


@pytest.mark.parametrize(
    ("value", "text"),
    [(20, "20.00"), (19.9, "19.90"), (1234.5, "1234.50"), (None, ""), ("soon", "soon")],
)
def test_an_amount_has_two_decimals_and_anything_else_stays(value: object, text: str) -> None:
    assert compile_positional("{{ event.price | money }}", ["event.price"], {})([value]) == text


def test_amounts_in_a_loop_over_items_are_printed_too() -> None:
    text = "{% for item in event.items %}{{ item.name }} {{ item.price | money }} {% endfor %}"
    items = [{"name": "Huila", "price": 18.5}, {"name": "Sidamo", "price": 17}, {"name": "Gift"}]
    assert compile_positional(text, ["event.items"], {})([items]) == "Huila 18.50 Sidamo 17.00 Gift  "
