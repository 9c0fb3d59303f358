"""Promises about codes: each is given in a run whose history tells of it, and no run gets another for a good one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from conductor_dsl.runtime.verify.nouns import CodePast, Past, Rules
from conductor_dsl.shared.clock import DAY, Instant

Run = tuple[int | None, int | None]


def codes_are_given_once(past: Past, rules: Rules) -> Iterator[str]:
    """A code belongs to a run that had begun and not ended, and its history tells of it; one that is told of exists."""
    runs = {(run.conversation, run.entry): run for run in past.runs}
    told = {(gift.conversation, gift.entry, gift.pool) for gift in past.gifts}
    for code in past.codes:
        if code.claimed_at is None or _may_be_gone(code.claimed_at, rules):
            continue
        run = runs.get((code.conversation or 0, code.entry or 0))
        if run is None:
            yield f"{_name(code)}: it was given, but there is no such run"
        elif code.claimed_at < run.entered_at - rules.slack:
            yield f"{_name(code)}: it was given before its run began"
        elif run.ended_at is not None and code.claimed_at > run.ended_at + rules.slack:
            yield f"{_name(code)}: it was given after its run had ended"
        elif (code.conversation, code.entry, code.pool) not in told:
            yield f"{_name(code)}: it was given, and the history does not tell of it"
    yield from _nobodys(past, rules)
    yield from _second(past, rules)


def _nobodys(past: Past, rules: Rules) -> Iterator[str]:
    """The codes that the history tells of and nobody has."""
    held = {(code.conversation, code.entry, code.pool) for code in past.codes}
    for gift in past.gifts:
        if (gift.conversation, gift.entry, gift.pool) not in held and not _may_be_gone(gift.at, rules):
            where = f"contact {gift.contact}, conversation {gift.conversation}, entry {gift.entry}, step {gift.step}"
            yield f"{where}: a code of `{gift.pool}` was given there, and nobody has it"


def _second(past: Past, rules: Rules) -> Iterator[str]:
    """The codes that a run got for a field although it had one that was good yet, by the cutoff of its pool."""
    held: dict[tuple[Run, str, str | None], list[CodePast]] = defaultdict(list)
    for code in past.codes:
        held[(code.conversation, code.entry), code.pool, code.field].append(code)
    for codes in held.values():
        for earlier, later in pairwise(sorted(codes, key=lambda each: each.claimed_at or 0)):
            # Whoever has changed the cutoff since has done so by a day at most, for all that is known.
            spent_by = (later.claimed_at or 0) + rules.cutoffs.get(later.pool, 0) + DAY
            if earlier.expires_at > spent_by:
                yield f"{_name(later)}: its run had a good one for `{later.field}` already"


def _may_be_gone(at: Instant, rules: Rules) -> bool:
    """Whether a run of that time may have been deleted since."""
    return rules.horizon is not None and at < rules.horizon + rules.slack


def _name(code: CodePast) -> str:
    return f"contact {code.contact}, conversation {code.conversation}, entry {code.entry}, a code of `{code.pool}`"
