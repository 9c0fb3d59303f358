"""From the groups that a test names to the numbers from which its contacts' ways are drawn.

The draw is the engine's own: a number is looked for that comes out where the test wants it. Who is not said to belong
to those who get nothing does not belong to them, lest a test depend on the name of its contact.
"""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.language.bound_tests import BoundStatement, value_text
from conductor_dsl.program.operations import Holdout, Split
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.draw import WHOLE, Draw, bounds, bucket_of, holdout_draw, split_draw

MOST_TRIES = 200_000
Wish = tuple[Draw, int, int]
"""A draw that must come out at a point from the first to below the second."""


def bucket_for(statement: BoundStatement, key: str, programs: Programs) -> int | None:
    """The number for a contact: its own if that fits, else the next that does; None where none is found."""
    wishes = [*_groups(statement, programs), *_holdouts(statement, programs)]
    first = bucket_of(key)
    numbers = range(first, first + MOST_TRIES) if wishes else (first,)
    return next((number for number in numbers if all(_fits(number, wish) for wish in wishes)), None)


def _fits(bucket: int, wish: Wish) -> bool:
    draw, start, end = wish
    return start <= int(draw.point(bucket)) < end


def _groups(statement: BoundStatement, programs: Programs) -> Iterator[Wish]:
    wanted = [
        (value_text(option.arguments["split"]), value_text(option.arguments["group"]))
        for option in statement.phrase.options
        if option.keyword == "in"
    ]
    for loaded in programs.live:
        splits = {each.name: each for each in loaded.program.operations if isinstance(each, Split)}
        for name, group in wanted:
            if name in splits:
                names, shares, _ = zip(*splits[name].arms, strict=True)
                ends, index = (0, *bounds(shares)), names.index(group)
                yield split_draw(loaded.flow.name, name), ends[index], ends[index + 1]


def _holdouts(statement: BoundStatement, programs: Programs) -> Iterator[Wish]:
    is_held_out = statement.phrase.option("held_out") is not None
    for loaded in programs.live:
        for operation in loaded.program.operations:
            if isinstance(operation, Holdout):
                draw = holdout_draw(loaded.flow.name, operation.name)
                yield (draw, 0, operation.share) if is_held_out else (draw, operation.share, WHOLE)
