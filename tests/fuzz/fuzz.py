"""Many scripts, one after the other: by its number a script is generated, or made of another with mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conductor_dsl.language.vocabulary import Context
from tests.fuzz.corpus import corpus
from tests.fuzz.generate import Writer
from tests.fuzz.judge import judge
from tests.fuzz.mutate import mutate


@dataclass(frozen=True, slots=True)
class Failure:
    """A script that was treated badly: its number gives it again."""

    number: int
    problem: str
    text: str


def script(number: int, context: Context) -> str:
    """The script of a number: a third generated, a third generated with mistakes, a third of ours with mistakes."""
    if number % 3 == 2:
        ours = corpus()
        return mutate(ours[number // 3 % len(ours)], number, ours)
    written = Writer(number, context.vocabulary).script()
    return mutate(written, number, corpus()) if number % 3 else written


def fuzz(numbers: range, context: Context) -> Iterator[Failure]:
    """The failures among the scripts of some numbers."""
    for number in numbers:
        text = script(number, context)
        problem = judge(text, context)
        if problem is not None:
            yield Failure(number, problem, text)
