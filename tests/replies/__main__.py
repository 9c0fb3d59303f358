"""Print how well the classifier of replies does on the corpus: precision, recall, and every text it gets wrong."""

from __future__ import annotations

from tests.replies.measure import corpus, measure, measured_in_words

if __name__ == "__main__":
    print(measured_in_words(measure(corpus())))  # noqa: T201 - what the command is for
