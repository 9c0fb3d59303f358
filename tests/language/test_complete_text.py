"""A marketing text names the brand and says how to opt out, itself or by what `conductor.toml` puts round it."""

from __future__ import annotations

import pytest

from conductor_dsl.language.complete_text import complete_text, names_brand, says_how_to_opt_out
from conductor_dsl.language.vocabulary import Catalogue

HEADER, FOOTER = "{{ brand }}:", "Reply STOP to opt out."
SHOP = Catalogue(constants={"brand": "Alder Coffee"}, text_header=HEADER, text_footer=FOOTER)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("...", "{{ brand }}: ... Reply STOP to opt out."),
        ("{{ brand }} misses you", "{{ brand }} misses you Reply STOP to opt out."),
        ("Txt STOP to end", "{{ brand }}: Txt STOP to end"),
        ("Alder Coffee! Reply STOP to opt out", "Alder Coffee! Reply STOP to opt out"),
        ("Hello\n", "{{ brand }}: Hello\nReply STOP to opt out."),
        ("", "{{ brand }}: Reply STOP to opt out."),
    ],
)
def test_what_a_text_does_not_say_is_put_round_it(text: str, whole: str) -> None:
    assert complete_text(text, "marketing", SHOP) == whole
    assert complete_text(whole, "marketing", SHOP) == whole, "a completed text is complete"


@pytest.mark.parametrize("message_class", ["transactional", "alert"])
def test_only_marketing_is_given_anything(message_class: str) -> None:
    assert complete_text("Your code is 1234", message_class, SHOP) == "Your code is 1234"


def test_without_header_and_footer_a_text_stays_as_it_is() -> None:
    assert complete_text("Hello", "marketing", Catalogue()) == "Hello"


@pytest.mark.parametrize(
    "text",
    [
        "Reply STOP to opt out.",
        "reply stop to cancel",
        'Txt "STOP" 2 end',
        "STOP=end, HELP=help",
        "Text END to unsubscribe",
        "Msg&data rates may apply. STOP to cancel",
        "Reply with QUIT",
        "Responde ALTO para salir",
        "STOP au 36180",
        "Envoyez STOP",
        "Opt out: shop.example/o",
    ],
)
def test_opt_out_words_are_recognised(text: str) -> None:
    assert says_how_to_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Don't stop dreaming!",
        "We can't STOP smiling",
        "STOP BY at 5",
        "Stop by our store to save",
        "The sale will end soon",
        "Cancel your plans: 20% off",
        "Reply YES to join",
        "nonstop totals",
    ],
)
def test_words_that_only_look_like_it_are_not(text: str) -> None:
    assert not says_how_to_opt_out(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ brand }}: hi", True),
        ("{{brand|upcase}}", True),
        ("{{- brand -}}", True),
        ("{{ x | default: brand }}", True),
        ("{% if brand %}{% endif %}", True),
        ("ALDER COFFEE has news", True),
        ("Alder\nCoffee", True),
        ("{{ event.brand }}", False),
        ("{{ brand_new }}", False),
        ("brand", False),
        ("Alder Coffees", False),
        ("Coffee from Alder", False),
    ],
)
def test_a_brand_is_named_by_its_variable_or_its_name(text: str, named: bool) -> None:
    assert names_brand(text, "Alder Coffee") is named


def test_no_brand_is_never_named_but_by_its_variable() -> None:
    assert not names_brand("Hello", "")
    assert names_brand("{{ brand }}", "")
