"""The grammar: what parses, wherever white space stands."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from conductor_dsl.language.scan import scan
from conductor_dsl.language.text_to_tree import Trouble, text_to_tree
from conductor_dsl.language.words import SETTINGS
from tests.language.strategies import scripts

SENTENCE = 'when no_order_within 60d -> sms "..." on_invalid pass -> wait 3d -> email saved:"Winback1" -> end'
HEAD = (
    'campaign "Winback" list list:"Customers" class marketing timezone contact else "America/New_York" '
    "window 09:00-20:00 cap sms 3 per 7d priority high reentry after 30d "
    "exit on order.placed expires 2027-12-31 in_flight keep"
)


def children(text: str, *path: int) -> list[str]:
    """The names of the children of a node: of a tree its rule, of a token its text."""
    tree = text_to_tree(text)
    assert not isinstance(tree, Trouble), tree
    node = tree
    for index in path:
        child = node.children[index]
        assert not isinstance(child, str)
        node = child
    return [child if isinstance(child, str) else str(child.data) for child in node.children]


def test_one_sentence_is_a_whole_program() -> None:
    assert children(SENTENCE) == ["chain"]
    assert children(SENTENCE, 0, 1) == ["sms", '"..."', "on_invalid", "pass"]
    assert children(SENTENCE, 0) == ["step"] * 5


def test_the_head_of_a_conversation_needs_no_line_ends() -> None:
    names = children(f'conversation "X" {{ {HEAD} }}', 0)
    assert names == ["conversation", '"X"', *["setting"] * len(SETTINGS)]
    settings = [children(f'conversation "X" {{ {HEAD} }}', 0, index)[0] for index in range(2, len(names))]
    assert settings == list(SETTINGS)


def test_words_of_settings_are_plain_words_inside_a_step() -> None:
    step = 'sms "..." from code:"1" list list:"x" to mobile as "N" class a field b event c notify "a@b" on failed'
    names = children(f'conversation "X" {{ {HEAD} thread "T" {{ {step} }} when a -> {step} }}', 0, -1, 1)
    assert names[4:6] == ["list", "ref"]
    assert names[-4:] == ["notify", '"a@b"', "on", "failed"]


@pytest.mark.parametrize("following", ["when b -> end", 'conversation "C" { when b -> end }'])
def test_a_chain_ends_where_something_new_begins(following: str) -> None:
    assert len(children(f'when a -> sms "x" {following}')) == 2


def test_on_behind_a_chain_belongs_to_its_last_step() -> None:
    assert children("when a -> end on order.placed", 0, 1) == ["end", "on", "order.placed"]


def test_threads_and_chains_may_follow_each_other_in_a_conversation() -> None:
    text = 'conversation "C" { exit on a on b -> end thread "T" on c { end } when d -> end thread "U" {} }'
    assert children(text, 0)[2:] == ["setting", "chain", "thread", "chain", "thread"]


def test_else_and_branches_are_elements_of_their_step() -> None:
    names = children("when a -> if b { end } else if c { end } else {} -> end", 0, 1)
    assert names == ["if", "b", "block", "else", "if", "c", "block", "else", "block"]


@pytest.mark.parametrize(
    "text", ["when a->end", "when(a)->if(b){end}else{end}", "when x<=3->wait 3d->end", "on a,b->end"]
)
def test_no_white_space_is_needed_where_tokens_stay_distinguishable(text: str) -> None:
    assert children(text)


def test_a_kind_may_stand_apart_from_its_name() -> None:
    assert children('when a -> email saved # which\n : "Winback"', 0, 1) == ["email", "ref"]


def test_the_error_at_the_end_of_a_text_has_no_position() -> None:
    trouble = text_to_tree("when a ->")
    assert isinstance(trouble, Trouble)
    assert trouble.offset is None
    assert "WORD" in trouble.expected


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scripts())
def test_the_scan_sees_no_mistake_in_a_script_that_parses(text: str) -> None:
    assert not isinstance(text_to_tree(text), Trouble)
    wrong = {"unclosed", "quoted", "wrong_comment", "wrong_arrow", "wrong_operator", "other"}
    assert not [token for token in scan(text) if token.kind in wrong]
