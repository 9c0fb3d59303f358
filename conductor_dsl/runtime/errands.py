"""Errands: the functions of steps are called while a node goes on, and who makes them fail is found and set aside.

A batch is handed over in a transaction that lets its runs be due again later: so another life goes on with them if this
one ends. Then the function is called, in no transaction; what comes of it moves the runs on. If it fails, the batch is
halved until those remain at whom it fails; they are quarantined, with the reason, and the others go on. If it fails at
everybody, nobody is at fault but the step: it stands still for a while, and is tried again.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from conductor_dsl.plugin.host import Host
from conductor_dsl.plugin.workshop import Caller, InProcess, Rows
from conductor_dsl.program.operations import Call
from conductor_dsl.runtime.programs import Programs
from conductor_dsl.shared.clock import MINUTE, SECOND, Instant

Place = tuple[int, int]
"""A version and the number of one of its steps."""
MARGIN = 15 * SECOND
"""How much longer than its call an errand may take."""
ATTEMPTS, LONGEST_PAUSE = 5, 10 * MINUTE
"""How often a step may fail at a few contacts, with no others beside them, before they are quarantined; how long it
rests at most."""
LEAST_TIME = 1 / 6
"""The share of its time that a call for one has, where a call for a whole batch has failed."""
FEW = 5
"""So many contacts are tried one by one before a function is said to fail at everybody."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to call a function for: their rows, how many seconds it may take, and until when they are ours."""

    rows: Rows
    seconds: float
    lease_until: Instant


@dataclass(frozen=True, slots=True)
class Errand:
    """Contacts, in ascending order, over whom the function of a step is called; until `lease_until` they are ours."""

    place: Place
    contacts: tuple[int, ...]
    lease_until: Instant
    outcome: Future[str]


@dataclass(slots=True)
class Search:
    """For those at whom a function fails: parts of a batch that are still to be tried, the next one last."""

    whole: int
    parts: list[tuple[int, ...]] = field(default_factory=list)
    accused: dict[int, tuple[Instant, str]] = field(default_factory=dict)
    """At whom alone it failed: until when they are ours, and why."""
    has_passed: bool = False
    """Whether it did not fail at others of the batch."""
    other: tuple[int, ...] = ()
    """The other half of what is tried next: if that passes, it is this one at which it fails."""

    def succeed(self) -> None:
        """It did not fail at the part that was tried."""
        self.has_passed, other, self.other = True, self.other, ()
        if other[1:] and self.parts and self.parts[-1] == other:
            self._halve(self.parts.pop())

    def _halve(self, part: tuple[int, ...]) -> None:
        middle = len(part) // 2
        self.other = part[middle:]
        self.parts += [self.other, part[:middle]]

    def fail(self, errand: Errand, why: str) -> None:
        """It failed at these."""
        self.other = ()
        if errand.contacts[1:]:
            self._halve(errand.contacts)
        else:
            self.accused[errand.contacts[0]] = (errand.lease_until, why)
            if not self.has_passed:
                self._probe()

    def _probe(self) -> None:
        """Try one of the largest part next: where a function fails at everybody, that shows soon."""
        if self.parts:
            largest = self.parts.pop(max(range(len(self.parts)), key=lambda each: len(self.parts[each])))
            middle = len(largest) // 2
            self.parts += [part for part in (largest[:middle], largest[middle + 1 :]) if part]
            self.parts.append(largest[middle : middle + 1])

    @property
    def fails_at_all(self) -> bool:
        """Whether the step is at fault, and nobody of the batch."""
        return not self.has_passed and (len(self.accused) >= FEW or not self.parts)


class Errands:
    """What a node has given out, and what it has learnt of the functions that failed; kept in memory only."""

    def __init__(self, caller: Caller | None = None) -> None:
        self._caller: Caller = caller or InProcess()
        self.current: Errand | None = None
        self.searches: dict[Place, Search] = {}
        self._failures: dict[Place, int] = {}
        self._rests_until: dict[Place, Instant] = {}

    @property
    def is_done(self) -> bool:
        """Whether something has come of the errand."""
        return self.current is not None and self.current.outcome.done()

    def wait(self, seconds: float) -> bool:
        """Wait for what comes of the errand, so long; whether there is one."""
        if self.current is None:
            return False
        wait([self.current.outcome], seconds)
        return True

    def part(self, place: Place) -> tuple[int, ...]:
        """Who is to be tried next at a step: empty for whoever is due."""
        search = self.searches.get(place)
        return search.parts[-1] if search and search.parts else ()

    def lease(self, place: Place, count: int, now: Instant) -> tuple[float, Instant]:
        """How many seconds a call for so many may take, and until when they are ours."""
        seconds, search = self._caller.limits.seconds, self.searches.get(place)
        if search:
            seconds = max(seconds * count / search.whole, seconds * LEAST_TIME, min(seconds, 1.0))
        return seconds, now + int(seconds * SECOND) + MARGIN

    def begin(self, host: Host, call: Call, place: Place, question: Question) -> None:
        """Call the function of a step, if anybody is there."""
        if self.part(place):
            self.searches[place].parts.pop()
        contacts = tuple(sorted(row["id"] for row in question.rows))
        if contacts:
            outcome = self._caller.call(host, call.function, question.rows, call.arguments, question.seconds)
            self.current = Errand(place, contacts, question.lease_until, outcome)

    def rest(self, place: Place, now: Instant) -> Instant:
        """Let a step stand still, longer after each failure; until when."""
        self.searches.pop(place, None)
        failures = self._failures[place] = self._failures.get(place, 0) + 1
        until = now + min(MINUTE << (failures - 1), LONGEST_PAUSE)
        self._rests_until[place] = until
        return until

    def is_hopeless(self, place: Place, few: int) -> bool:
        """Whether so few contacts are to be quarantined although nobody shows that they are at fault."""
        return few <= FEW and self._failures.get(place, 0) + 1 >= ATTEMPTS

    def forgive(self, place: Place) -> None:
        """A step has not failed."""
        self._failures.pop(place, None)

    def resting(self, programs: Programs, now: Instant) -> set[Place]:
        """The steps that are not to be begun now."""
        self._rests_until = {place: until for place, until in self._rests_until.items() if until > now}
        return {*self._rests_until, *(calls(programs) if self.current else ())}

    def next_at(self) -> Instant | None:
        """When the next step that stands still is tried again."""
        return min(self._rests_until.values(), default=None)

    def close(self) -> None:
        """End what goes on; its contacts are due again when their lease is over."""
        self._caller.close()


def calls(programs: Programs) -> Iterable[Place]:
    """The steps that call a function."""
    for version, loaded in programs.by_version.items():
        for step, operation in enumerate(loaded.program.operations):
            if isinstance(operation, Call):
                yield version, step
