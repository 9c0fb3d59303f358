"""From what scripts look back for, and how long things are to be kept, to what may be deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from conductor_dsl.runtime.look_back import LookBack, look_backs
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import Instant
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConductorError
from conductor_dsl.shared.rules import Keep, Rules
from conductor_dsl.store.prune import Kept
from conductor_dsl.store.retention_tables import EVENTS, PAST
from conductor_dsl.store.runs import steps_in_use

LEAST = Duration.parse("90d")
"""Nothing younger is deleted: receipts, complaints and answers to a message come weeks after it."""
_HINT = "install the plugin again, or publish the conversation without it"
_NOUNS = {PAST: "messages and history", EVENTS: "events"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Before which instant each kind may be deleted (a kind that is kept for ever is missing), and what stays.

    `told` says of what stays whatever its age, and for whom.
    """

    horizons: Mapping[str, Instant]
    kept: Kept
    told: tuple[str, ...] = ()


def plan_pruning(connection: sa.Connection, programs: Programs, rules: Rules, now: Instant) -> Plan:
    """What may be deleted now, by `rules.keep`.

    Raises ConductorError where something is to be kept for less time than a published script looks back.
    """
    wanted = {kind: Duration.parse(length) for kind, length in lengths_of(rules.keep).items()}
    if programs.problems:
        # What a conversation asks cannot be told while a plugin of its is gone.
        raise ConductorError(f"nothing is deleted while a plugin is missing: {programs.problems[0]}", hint=_HINT)
    backs = [back for back in _looking(connection, programs, rules) if back.kind in wanted]
    for kind, length in wanted.items():
        _insist(kind, length, (back for back in backs if back.kind == kind), now)
    horizons = {kind: length.before(now) for kind, length in wanted.items()}
    asked = [back for back in backs if back.within is None]
    kept = Kept(_conversations(asked, programs), _events(asked))
    return Plan(horizons, kept, tuple(dict.fromkeys(map(_told, asked))))


def lengths_of(keep: Keep) -> dict[str, str]:
    """How long each kind is kept; without those that are kept for ever."""
    return {kind: length for kind, length in ((PAST, keep.history), (EVENTS, keep.events)) if length}


def _looking(connection: sa.Connection, programs: Programs, rules: Rules) -> Iterator[LookBack]:
    """How far the project looks back, and every version that lets contacts in or has some inside."""
    for channel, count, period in rules.caps:
        yield LookBack("", f"{channel} = {count} per {period}", PAST, Duration.parse(period))
    inside = {version for version, _, _ in steps_in_use(connection)}
    for loaded in programs.by_version.values():
        if loaded.is_live or loaded.version_id in inside:
            yield from look_backs(loaded, programs.host.predicates)


def _insist(kind: str, length: Duration, backs: Iterable[LookBack], now: Instant) -> None:
    horizon = length.before(now)
    what = _NOUNS[kind]
    if horizon > LEAST.before(now):
        hint = f"receipts and complaints come weeks after a message; keep {what} for at least `{LEAST.text}`"
        raise ConductorError(f"`{length.text}` is too short a time to keep {what}", hint=hint)
    for back in backs:
        if back.within is not None and back.within.before(now) < horizon:
            who = f"`{back.conversation}` asks `{back.asks}`" if back.conversation else f"[caps] has `{back.asks}`"
            hint = f"keep {what} for at least `{back.within.text}`, or ask for less"
            raise ConductorError(f"{what} cannot be deleted after `{length.text}`: {who}", hint=hint)


def _conversations(asked: Iterable[LookBack], programs: Programs) -> frozenset[int] | None:
    backs = [back for back in asked if back.kind == PAST]
    if any(not back.names for back in backs):
        return None
    names = {name for back in backs for name in back.names}
    return frozenset(each.conversation_id for each in programs.by_version.values() if each.flow.name in names)


def _events(asked: Iterable[LookBack]) -> frozenset[str] | None:
    backs = [back for back in asked if back.kind == EVENTS]
    if any(not back.names for back in backs):
        return None
    return frozenset(name for back in backs for name in back.names)


def _told(back: LookBack) -> str:
    if back.kind == EVENTS:
        what = f"events `{'`, `'.join(sorted(back.names))}` stay" if back.names else "all events stay"
    else:
        what = f"messages of `{'`, `'.join(sorted(back.names))}` stay" if back.names else "all messages stay"
    return f"{what}: `{back.conversation}` asks `{back.asks}`, of any age"
