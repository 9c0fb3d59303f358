"""What people mean by their texts, on the labelled corpus and on texts that were written apart from it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conductor_dsl.replies.text_to_meaning import Meaning, text_to_meaning
from tests.replies.make_corpus import EACH, lines
from tests.replies.measure import CORPUS, Measured, corpus, measure, measured_in_words

HELD_OUT = Path(__file__).with_name("held_out.tsv")
KEYWORDS = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "stopall", "alto", "baja", "arret")
FORMS = ("{}", "{}.", "{}!!!", " {} ", "{} please", "\n{}", "🛑 {}", '"{}"')


@pytest.fixture(scope="module")
def measured() -> Measured:
    """The whole corpus, asked once."""
    return measure(corpus())


def test_the_corpus_is_as_large_as_it_says_and_the_same_on_every_machine() -> None:
    assert CORPUS.read_text("utf-8") == "\n".join(lines()) + "\n"
    texts = corpus()
    assert [sum(label == each for each, _, _ in texts) for label in ("stop", "other")] == [EACH, EACH]
    assert len({text for _, _, text in texts}) == 2 * EACH


def test_revocations_of_the_corpus_are_found(measured: Measured) -> None:
    assert measured.recall() >= 0.995, measured_in_words(measured)
    assert measured.precision() >= 0.97, measured_in_words(measured)
    assert measured.recall("written") >= 0.98


def test_texts_written_apart_from_the_words_show_what_to_expect() -> None:
    """No word was collected for them, so they are nearer to what people write; and they are few."""
    rows = (line.split("\t") for line in HELD_OUT.read_text("utf-8").splitlines())
    found = measure([(label, "apart", text) for label, text in rows])
    assert found.recall() >= 0.85
    assert found.precision() >= 0.95


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_counts_in_any_case_and_among_any_signs(word: str) -> None:
    for form in FORMS:
        for text in (form.format(word), form.format(word.upper()), form.format(word.title())):
            found = text_to_meaning(text)
            assert (found.meaning, found.by_keyword) == (Meaning.STOP, True), text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("help", Meaning.HELP),
        ("AYUDA", Meaning.HELP),
        ("aide", Meaning.HELP),
        ("start", Meaning.START),
        ("UNSTOP", Meaning.START),
        ("yes", Meaning.YES),
        ("Sí!", Meaning.YES),
        ("oui", Meaning.YES),
        ("Stop by at 5", Meaning.OTHER),
        ("can't stop smiling", Meaning.OTHER),
        ("end of the month?", Meaning.OTHER),
        ("", Meaning.OTHER),
        ("👍", Meaning.OTHER),
        ("see my lawyer about this", Meaning.UNDECIDED),
    ],
)
def test_other_meanings(text: str, meaning: Meaning) -> None:
    assert text_to_meaning(text).meaning == meaning


def test_no_text_takes_long() -> None:
    """Texts come from strangers, and every pattern has gaps. It goes by the work alone: others may have the machine."""
    worst = ("stop " * 400, "no " * 500, "dont want " * 300, "a" * 5000, "s t o p " * 200, "éàü" * 900)
    for text in worst:
        begun = time.thread_time()
        text_to_meaning(text)
        assert time.thread_time() - begun < 0.25, text[:20]
