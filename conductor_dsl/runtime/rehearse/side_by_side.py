"""Play many tests in several processes at once; the outcomes come in the order of the tests, as from one."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection

from conductor_dsl.plugin.host import Host
from conductor_dsl.runtime.rehearse.nouns import Failure, Outcome
from conductor_dsl.runtime.rehearse.rehearse import Part, rehearse
from conductor_dsl.shared.clock import Clock
from conductor_dsl.shared.errors import ConductorError

FEW = 20
"""So many tests are played sooner than another process has begun."""
Told = tuple[tuple[Failure, ...], tuple[str, ...], int]
"""What a process says of a test: what failed, the paths of its contacts, how long it took."""


@dataclass(frozen=True, slots=True)
class _Share:
    """Some of the tests, and the process that plays them."""

    parts: Sequence[Part]
    receiver: Connection


def rehearse_side_by_side(parts: Sequence[Part], host: Host, clock: Clock, processes: int) -> Iterator[Outcome]:
    """Play every test; each process has a stage of its own, so that tests meet as little as one after the other."""
    count = sum(len(part.tests) for part in parts)
    processes = min(processes, max(count // FEW, 1))
    if processes == 1:
        yield from rehearse(parts, host, clock)
        return
    shares = [_begin(share, host, clock) for share in deal(parts, processes)]
    for share in shares:
        yield from _received(share)


def deal(parts: Sequence[Part], processes: int) -> list[list[Part]]:
    """The tests in so many shares of one size, one behind the other."""
    count = sum(len(part.tests) for part in parts)
    ends = [count * (number + 1) // processes for number in range(processes)]
    shares: list[list[Part]] = [[] for _ in ends]
    first = 0
    for part in parts:
        for number, end in enumerate(ends):
            start = ends[number - 1] if number else 0
            tests = part.tests[max(start - first, 0) : max(end - first, 0)]
            if tests:
                shares[number].append(replace(part, tests=tests))
        first += len(part.tests)
    return shares


def _begin(parts: Sequence[Part], host: Host, clock: Clock) -> _Share:
    # Forked, a process knows everything already: neither scripts nor plugins have to be read again, or passed over.
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    context.Process(target=_play, args=(parts, host, clock, sender), daemon=True).start()
    sender.close()
    return _Share(parts, receiver)


def _play(parts: Sequence[Part], host: Host, clock: Clock, sender: Connection) -> None:
    """The work of a process; Ctrl-C is for the first one, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for outcome in rehearse(parts, host, clock):
            sender.send((outcome.failures, outcome.paths, outcome.millis))
    except Exception as problem:  # noqa: BLE001 - whoever waits for the outcome has to hear of it
        sender.send(problem)
    finally:
        sender.close()


def _received(share: _Share) -> Iterator[Outcome]:
    for part in share.parts:
        for test in part.tests:
            yield Outcome(part.source, test, *_next(share.receiver))


def _next(receiver: Connection) -> Told:
    try:
        told: Told | Exception = receiver.recv()
    except EOFError:
        raise ConductorError("a process that plays tests has ended", hint="the machine may lack memory") from None
    if isinstance(told, Exception):
        raise told
    return told
