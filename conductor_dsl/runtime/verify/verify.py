"""Verify a database: every promise, for everybody, as of one instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.dispatch import LEASE
from conductor_dsl.runtime.programs import load_programs
from conductor_dsl.runtime.verify.check_chances import no_chance_is_lost
from conductor_dsl.runtime.verify.check_codes import codes_are_given_once
from conductor_dsl.runtime.verify.check_consent import exits_are_kept, opt_outs_are_kept
from conductor_dsl.runtime.verify.check_messages import (
    every_attempt_is_the_same,
    no_message_is_stuck,
    nothing_is_doubled,
    nothing_is_late,
    what_was_accepted_is_known,
)
from conductor_dsl.runtime.verify.check_order import steps_are_in_order, waits_are_kept
from conductor_dsl.runtime.verify.check_runs import counts_add_up, missing_entries, no_run_is_lost, one_run_at_a_time
from conductor_dsl.runtime.verify.nouns import Log, Past, Promise, Rules, Verdict, Verification
from conductor_dsl.runtime.verify.rows_to_pasts import rows_to_pasts, waits_of
from conductor_dsl.shared.duration import Duration
from conductor_dsl.store.connect import reading
from conductor_dsl.store.retention import horizon_of, pruned_runs
from conductor_dsl.store.retention_tables import PAST
from conductor_dsl.store.tables import pool
from conductor_dsl.store.versions import thread_ids

EXAMPLES = 5
WITNESSED = "what was accepted is known"
COUNTED = "the counts add up"
PROMISES = (
    Promise("no run is lost", no_run_is_lost),
    Promise("no message is stuck", no_message_is_stuck),
    Promise("nothing is doubled", nothing_is_doubled, needs_log=True),
    Promise(WITNESSED, what_was_accepted_is_known, needs_log=True),
    Promise("every attempt is the same", every_attempt_is_the_same, needs_log=True),
    Promise("nothing is late", nothing_is_late, needs_log=True),
    Promise("steps are in order", steps_are_in_order),
    Promise("waits are kept", waits_are_kept),
    Promise("a contact has one run at a time", one_run_at_a_time),
    Promise("opt-outs are kept", opt_outs_are_kept),
    Promise("exits are kept", exits_are_kept),
    Promise("codes are given once", codes_are_given_once),
    Promise("no chance is lost", no_chance_is_lost),
    Promise(COUNTED, counts_add_up),
)


def verify(engine: sa.Engine, host: Host, log: Log | None = None, *, slack: int = LEASE) -> Verification:
    """Check what a database holds, beside the account of the providers if there is one; it may be in use meanwhile.

    `slack` is how far the clocks of two writers may be apart, in milliseconds, or for how long one may be kept waiting
    by another after it has asked for the time.
    """
    with reading(engine) as connection:
        if engine.dialect.name != "sqlite":  # where whoever reads sees one instant anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
        waits = waits_of(load_programs(connection, host))
        rules = Rules(*waits, LEASE, slack, horizon_of(connection, PAST), pruned_runs(connection))
        rules = replace(rules, cutoffs=_cutoffs(connection), threads=frozenset(thread_ids(connection).values()))
        return verify_pasts(rows_to_pasts(connection, log), rules, log)


def _cutoffs(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(sa.select(pool.c.name, pool.c.cutoff))
    return {row.name: Duration.parse(row.cutoff).after(0) for row in rows}


def verify_pasts(pasts: Iterable[Past], rules: Rules, log: Log | None = None) -> Verification:
    """The verdict on every promise, over the past of everybody."""
    tally = _Tally()
    for past in pasts:
        tally.add(past, rules)
    if log is not None:
        for key in _unknown(log, tally.keys, rules):
            tally.note(WITNESSED, f"key {key}: a provider accepted it, but there is no such message")
    for conversation in sorted({*tally.missing, *rules.pruned}):
        missing, pruned = tally.missing[conversation], rules.pruned.get(conversation, 0)
        if missing != pruned:
            tally.note(COUNTED, f"conversation {conversation}: {missing:,} runs are gone, {pruned:,} were deleted")
    verdicts = (_verdict(promise, tally, has_log=log is not None) for promise in PROMISES)
    runs, messages = dict(tally.runs), dict(tally.messages)
    return Verification(tuple(verdicts), tally.contacts, runs, messages, sum(rules.pruned.values()))


def _verdict(promise: Promise, tally: _Tally, *, has_log: bool) -> Verdict:
    examples = tuple(tally.examples.get(promise.name, ()))
    return Verdict(promise.name, tally.broken[promise.name], examples, has_log or not promise.needs_log)


def _unknown(log: Log, keys: set[str], rules: Rules) -> Iterator[str]:
    """The keys of what was accepted and is not here; what was accepted before the horizon may have been deleted."""
    for key, attempts in log.items():
        accepted = (attempt.at for attempt in attempts if attempt.accepted)
        if key not in keys and any(rules.horizon is None or at >= rules.horizon + rules.slack for at in accepted):
            yield key


@dataclass(slots=True)
class _Tally:
    """What has been found so far."""

    contacts: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    missing: Counter[int] = field(default_factory=Counter)

    def add(self, past: Past, rules: Rules) -> None:
        self.contacts += bool(past.runs or past.messages)
        self.runs.update(run.state for run in past.runs)
        self.missing.update(missing_entries(past))
        self.messages.update(message.state for message in past.messages)
        if past.log is not None:
            self.keys.update(message.key for message in past.messages)
        for promise in PROMISES:
            if past.log is not None or not promise.needs_log:
                for wrong in promise.check(past, rules):
                    self.note(promise.name, wrong)

    def note(self, promise: str, wrong: str) -> None:
        self.broken[promise] += 1
        examples = self.examples.setdefault(promise, [])
        if len(examples) < EXAMPLES:
            examples.append(wrong)
