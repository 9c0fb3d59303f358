"""A picture shows every step once, joined as the flow is, and nothing stands on anything else."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.vocabulary import SavedMessage
from conductor_dsl.picture.add_counts import MOST, add_counts
from conductor_dsl.picture.conversation_to_picture import conversation_to_picture
from conductor_dsl.picture.layout import CARD
from conductor_dsl.picture.layout_to_svg import layout_to_svg
from conductor_dsl.picture.nouns import Picture
from conductor_dsl.picture.picture_to_dot import picture_to_dot
from conductor_dsl.picture.picture_to_layout import picture_to_layout
from conductor_dsl.picture.picture_to_links import picture_to_links
from conductor_dsl.picture.picture_to_mermaid import picture_to_mermaid
from conductor_dsl.picture.svg_to_png import svg_to_png
from tests.language.contexts import check_text

BRANCHES = """
field tier text
conversation "Big <sale> & more" {
  window 09:00-20:00
  exit on order.placed
  reentry after 30d
  thread "Winback" when no_order_within 60d {
    sms "{{ brand }}: hello {{ first_name | default: 'friend' }}! Reply STOP." as "Hello"
      on_invalid { email saved:"Winback1" -> end "mail only" }
    -> wait 3d
    -> if tier = "Gold" {
         if total_spent > 100 { sms "A" } else { email saved:"Winback1" -> wait 2d }
       } else if tier = "Silver" { set tier = "Gold" } else { end "no" }
    -> when order_count >= 1
    -> goto step:"Hello" at most 3 times
    -> goto thread:"Last"
  }
  thread "Last" { email saved:"Winback1" as "Last call" -> end }
}
"""
SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'
SCRIPTS = [BRANCHES, SENTENCE]
SAVED = {"Winback1": SavedMessage("Winback1", "email", "We kept your mug, {{ first_name }}", "<p>Hi</p>")}


def drawn(text: str) -> Picture:
    return conversation_to_picture(check_text(text).conversations[0], SAVED)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_step_of_the_flow_has_one_card(script: str) -> None:
    flow = bound_to_flow(check_text(script).conversations[0])
    keys = [card.key for card in drawn(script).cards()]
    assert len(keys) == len(set(keys))
    assert {key for key in keys if key.startswith("step") and not key.endswith("out")} == {
        f"step{step.number}" for step in flow.steps
    }


@pytest.mark.parametrize("script", SCRIPTS)
def test_cards_are_joined_as_the_flow_is(script: str) -> None:
    flow = bound_to_flow(check_text(script).conversations[0])
    edges = {(f"step{step.number}", f"step{end}") for step in flow.steps for end in step.edges.values()}
    edges |= {(f"door{index}", f"step{thread.first}") for index, thread in enumerate(flow.threads) if thread.trigger}
    links = {(link.start, link.end) for link in picture_to_links(drawn(script)) if not link.end.endswith("out")}
    assert links == edges


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_card_stands_on_another_or_outside(script: str) -> None:
    layout = picture_to_layout(drawn(script))
    for box in layout.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + CARD <= layout.width
        assert box.y + box.height <= layout.height
    for one, other in combinations(layout.boxes, 2):
        beside = one.x + CARD <= other.x or other.x + CARD <= one.x
        above = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or above, (one.title, other.title)


def test_the_svg_is_well_formed_and_shows_what_the_reader_of_a_message_sees() -> None:
    svg = layout_to_svg(picture_to_layout(drawn(BRANCHES)))
    texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    assert "Big <sale> & more" in texts
    assert "Text message: Hello" in texts
    assert "[brand]: hello [first_name]! Reply" in texts
    assert "We kept your mug, [first_name]" in texts
    assert "messages go out 09:00-20:00 · again after 30d at the earliest · order.placed ends it" in texts
    assert "Hello at most 3 times" in texts


def test_the_same_script_gives_the_same_svg() -> None:
    assert layout_to_svg(picture_to_layout(drawn(BRANCHES))) == layout_to_svg(picture_to_layout(drawn(BRANCHES)))


def test_a_png_is_a_picture_twice_as_fine_as_the_drawing() -> None:
    layout = picture_to_layout(drawn(SENTENCE))
    data = svg_to_png(layout_to_svg(layout))
    assert data.startswith(b"\x89PNG")
    size = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    assert size == (2 * round(layout.width), 2 * round(layout.height))


def test_mermaid_escapes_what_would_end_a_label() -> None:
    text = picture_to_mermaid(drawn('when order_count >= 1 -> sms "a \\"b\\" {c} <d>" -> end'))
    assert 'step0["Text message<br/>a #quot;b#quot; #123;c#125; #lt;d#gt;"]' in text
    assert text.startswith("flowchart TD\n")
    assert "door0 --> step0" in text


def test_dot_escapes_quotes_and_draws_jumps_dashed() -> None:
    text = picture_to_dot(drawn(BRANCHES))
    assert 'digraph "Big <sale> & more" {' in text
    assert "[style=dashed, constraint=false];" in text


def test_figures_stand_on_their_cards_and_too_many_are_cut() -> None:
    picture = add_counts(drawn(SENTENCE), {"step0": ("485 sent",), "door0": tuple("abcdefghijk")})
    by_key = {card.key: card.counts for card in picture.cards()}
    assert by_key["step0"] == ("485 sent",)
    assert len(by_key["door0"]) == MOST
    assert by_key["door0"][-1] == "…"


def test_long_words_and_texts_stay_within_their_card(tmp_path: Path) -> None:
    layout = picture_to_layout(drawn(f'when order_count >= 1 -> sms "{"x" * 300} {"word " * 80}" -> end'))
    assert max(len(line) for box in layout.boxes for line in box.text) <= 38


def test_a_name_that_says_what_the_step_is_stands_alone() -> None:
    picture = drawn('when order_count >= 1 -> email saved:"Winback1" as "E-mail, mug" -> end')
    assert "E-mail, mug" in [card.title for card in picture.cards()]
