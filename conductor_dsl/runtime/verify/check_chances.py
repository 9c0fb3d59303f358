"""Promises about chances: one that is to come is somebody's, of a thread that there is, and comes after its mark."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_dsl.runtime.verify.nouns import MarkPast, Past, Rules
from conductor_dsl.shared.clock import to_datetime
from conductor_dsl.store.anniversaries import THING

YEARS_OFF = 1
"""One early in a year may be due in the year before, if the script says `before`, and the other way round."""


def no_chance_is_lost(past: Past, rules: Rules) -> Iterator[str]:
    """A chance that has not come yet has somebody to come to, a thread that lets in, and an instant after its mark."""
    for mark in past.marks:
        if rules.threads is not None and mark.thread not in rules.threads:
            yield f"{_name(mark)}: there is no such thread"
        if mark.due_at is None:
            continue
        if not past.is_known:
            yield f"{_name(mark)}: it is to come, and there is no such contact"
        if mark.thing == THING:
            if abs(to_datetime(mark.due_at).year - mark.mark) > YEARS_OFF:
                yield f"{_name(mark)}: that of the year {mark.mark} is due in {to_datetime(mark.due_at).year}"
        elif mark.due_at < mark.mark:
            yield f"{_name(mark)}: it is due {mark.mark - mark.due_at} ms before what it comes from"


def _name(mark: MarkPast) -> str:
    return f"contact {mark.contact}, thread {mark.thread}, the chance by `{mark.thing}`"
