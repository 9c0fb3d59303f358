"""The Pygments lexer finds the words of the vocabulary, and loses no character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, _TokenType

from conductor_dsl.highlight.pygments_lexer import CdxLexer
from tests.fuzz.corpus import corpus

SCRIPT = """\
# a winback
conversation "Back" {
  window 09:00-20:00
  when no_order_within 60d and tier = "Gold"
  -> sms "{{ brand }}: \\"hello\\"" on_invalid pass -> email saved:"Winback1" -> end
}
"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("# a winback", Comment.Single),
        ("conversation", Keyword.Declaration),
        ("window", Keyword.Namespace),
        ("09:00", Number),
        ("no_order_within", Name.Builtin),
        ("60d", Number),
        ("and", Operator.Word),
        ("sms", Name.Function),
        ("{{ brand }}", String.Interpol),
        ('\\"', String.Escape),
        ("on_invalid", Keyword),
        ("saved", Name.Decorator),
        ("tier", Name),
    ],
)
def test_words_get_their_types(text: str, kind: _TokenType) -> None:
    assert (kind, text) in list(CdxLexer().get_tokens(SCRIPT))


def test_it_is_found_by_name_and_by_file() -> None:
    assert isinstance(get_lexer_by_name("cdx"), CdxLexer)
    assert isinstance(get_lexer_for_filename("winback.cdx"), CdxLexer)


@pytest.mark.parametrize("script", corpus()[:40])
def test_scripts_without_mistakes_have_no_error_tokens(script: str) -> None:
    tokens = list(CdxLexer(stripnl=False, ensurenl=False).get_tokens(script))
    assert not any(kind is Error for kind, _ in tokens)
    assert "".join(text for _, text in tokens) == script.replace("\r\n", "\n")


@given(st.text('ab "{}#%\\\n->é', max_size=60))
def test_any_text_is_coloured_and_kept(text: str) -> None:
    tokens = CdxLexer(stripnl=False, ensurenl=False).get_tokens(text)
    assert "".join(piece for _, piece in tokens) == text
