"""Fourteen classic mistakes of engines that send, each put into ours for the time of a test.

They show that the tests would notice. Each is a patch of one or two names, and comes with the weather in which it does
harm; in the same weather the engine as it is must do none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from unittest.mock import patch
from zlib import crc32

import sqlalchemy as sa

from conductor_dsl.plugin.channels import Outgoing, Receipt, Verdict
from conductor_dsl.runtime import dispatch, node, receipts, rescue
from conductor_dsl.runtime.carry.breaker import Breaker
from conductor_dsl.runtime.carry.failover import Failover
from conductor_dsl.runtime.operate import send, window
from conductor_dsl.shared.clock import DAY, HOUR, MINUTE, Clock, Instant, to_iso
from conductor_dsl.store import connect, intents, late_receipts
from conductor_dsl.store.batches import opening, settled
from conductor_dsl.store.tables import contact, intent
from tests.crash.bugs import MISTAKES
from tests.simulate.dice import Storm

Change = Callable[[Outgoing, Instant], Outgoing]


@dataclass(frozen=True, slots=True)
class Bug:
    """A mistake: its name, what it is, how it is put in place, and in which weather it does harm."""

    name: str
    what: str
    put: Callable[[], AbstractContextManager[object]]
    storm: Storm


def _weather(**changes: Any) -> Storm:
    """Weather that is calm but for the changes, so that a world is told quickly."""
    faults = ("killed", "asleep", "disk", "plugin", "broken", "lost", "dropped", "transient", "rejected")
    calm: dict[str, Any] = dict.fromkeys(faults, 0.0)
    calm |= {"throttled": 0.0, "handed_back": 0.0, "told": 0.0, "standstills": 0, "skew": 0, "look_up": "exact"}
    calm |= {"by_id": False, "is_paced": False, "has_second": False}
    return lambda weather: replace(weather, **(calm | changes))


Rows = Sequence[tuple[object, ...]]


@contextmanager
def _no_fence() -> Iterator[None]:
    """Whoever has an answer writes it down, whoever holds the message now; nobody asks whether the lease is over."""

    def settle(connection: sa.Connection, name: str, taken: Rows, others: Rows, now: Instant) -> bool:
        for row in (*taken, *others):
            mine = sa.and_(*(intent.c[key] == value for key, value in zip(intents.KEY, row[:5], strict=True)))
            connection.execute(sa.update(intent).where(mine).values(claimed_by=name, state="sending"))
        return intents.settle(connection, name, taken, others, now)

    with patch.object(receipts, "settle", settle), patch.object(dispatch, "RESERVE", -DAY):
        yield


@dataclass(frozen=True, slots=True)
class _OwnClock:
    """The clock of a machine that nobody has set for long."""

    clock: Clock
    wrong: int

    def now(self) -> Instant:
        """What it says."""
        return self.clock.now() + self.wrong


def _local_clock() -> AbstractContextManager[object]:
    """Leases are reckoned by clocks that are up to ten minutes apart."""

    def dispatcher(
        engine: sa.Engine, name: str, providers: Any, clock: Clock, *rest: Any, **kept: Any
    ) -> dispatch.Dispatcher:
        wrong = (crc32(name.encode()) % 3 - 1) * 10 * MINUTE
        return dispatch.Dispatcher(engine, name, providers, _OwnClock(clock, wrong), *rest, **kept)

    return patch.object(node, "Dispatcher", dispatcher)


@contextmanager
def _decided_once() -> Iterator[None]:
    """Who opts out after a message was written gets it all the same."""
    with ExitStack() as stack:
        for name in ("_opted_out", "_suppressed", "_undecided"):
            stack.enter_context(patch.object(intents, name, sa.false))
        yield


def _window_once() -> AbstractContextManager[object]:
    """That the window is open is asked when a message is written, and never again."""
    find = window.find_windows

    def find_windows(frame: Any, *rest: Any) -> Any:
        place = find(frame, *rest)
        frame.connection.execute(
            sa.update(opening).where(opening.c.reason.is_(None)).values(until=frame.now + window.FAR)
        )
        return place

    return patch.object(send, "find_windows", find_windows)


def _changed(change: Change) -> AbstractContextManager[object]:
    """Messages are changed on their way to the provider; answers are told by the keys that the engine knows."""
    sends = Breaker.send

    def send_changed(self: Breaker, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        changed = [change(out, self._clock.now()) for out in batch]
        keys = {new.key: old.key for new, old in zip(changed, batch, strict=True)}
        return [each._replace(key=keys.get(each.key, each.key)) for each in sends(self, changed)]

    return patch.object(Breaker, "send", send_changed)


def _no_validity() -> AbstractContextManager[object]:
    return _changed(lambda out, _now: out._replace(valid_for=36 * HOUR))


def _rendered_anew() -> AbstractContextManager[object]:
    return _changed(lambda out, now: out._replace(text=out.text + to_iso(now)))


def _with_random_keys() -> AbstractContextManager[object]:
    numbers = count()
    return _changed(lambda out, _now: out._replace(key=f"{next(numbers):x}"))


def _sent_anew() -> AbstractContextManager[object]:
    """Of a message whose answer was lost nobody asks: it was not accepted."""
    return patch.object(rescue, "_ask", lambda _provider, _keys: {})


def _failover_on_timeout() -> AbstractContextManager[object]:
    """What has no answer from the first provider goes to the second."""

    def send_both(self: Failover, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        try:
            told = {each.key: each for each in self._first.send(batch)}
        except TimeoutError:
            told = {}
        rest = [out for out in batch if out.key not in told or told[out.key].verdict is Verdict.TRANSIENT]
        again = self._second.send(rest) if rest else []
        return [*(each for key, each in told.items() if all(out.key != key for out in rest)), *again]

    return patch.object(Failover, "send", send_both)


def _last_write_wins() -> AbstractContextManager[object]:
    def rank(state: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
        return sa.literal(9 if state is settled.c.state else 0)

    return patch.object(late_receipts, "_rank", rank)


def _counted_afterwards() -> AbstractContextManager[object]:
    """A cap counts what has been sent, not what is about to be."""

    def sent_since(channel: str, since: Instant, which: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        mine = (intent.c.contact_id == contact.c.id, intent.c.channel == channel, intent.c.created_at > since)
        sent = intent.c.state.in_(("accepted", "delivered"))
        return sa.select(sa.func.count()).where(which, sent, *mine).scalar_subquery()

    return patch.object(send, "_sent_since", sent_since)


def _less_synchronous() -> AbstractContextManager[object]:
    relaxed = tuple(each.replace("synchronous=FULL", "synchronous=NORMAL") for each in connect._PRAGMAS)
    return patch.object(connect, "_PRAGMAS", relaxed)


_DEATHS = _weather(killed=0.1, nodes=1)
_SLEEP = _weather(asleep=0.1, nodes=3, yielding=0.5, batch=40)
_SLOW = _weather(nodes=3, slow=200, yielding=0.5, batch=40)
_REFUSALS = _weather(transient=0.7, nodes=1)
_LOSSES = _weather(lost=0.5, nodes=1)
_HURRY = _weather(throttled=0.8, patience=5 * HOUR, nodes=1, bustle=12)
_CROWD = _weather(throttled=0.7, patience=HOUR, nodes=1, bustle=30, capped=True)
_TWO_PROVIDERS = _weather(lost=0.3, broken=0.2, has_second=True)
_NEWS = _weather(told=1.0, told_twice=0.5, longest_news=10 * MINUTE, nodes=1)


BUGS: Mapping[str, Bug] = {
    name: Bug(name, what, put, storm)
    for name, what, put, storm in (
        ("send_then_mark", "a message is sent before it is marked", MISTAKES["send_then_mark"], _DEATHS),
        ("mark_then_send", "a message is marked as sent before it is", MISTAKES["mark_then_send"], _DEATHS),
        ("no_fence", "a node that has lost a message has a say in it", _no_fence, _SLEEP),
        ("local_clock", "leases are reckoned by clocks that differ", _local_clock, _SLOW),
        ("decided_once", "an opt-out is asked for only when a message is written", _decided_once, _HURRY),
        ("window_once", "the window is asked for only when a message is written", _window_once, _HURRY),
        ("no_validity", "the provider is not told when to give up", _no_validity, _weather(nodes=1)),
        ("random_keys", "every attempt has a key of its own", _with_random_keys, _weather(nodes=1)),
        ("rendered_anew", "every attempt is rendered anew", _rendered_anew, _REFUSALS),
        ("sent_anew", "a message without an answer is sent again, unasked", _sent_anew, _LOSSES),
        ("failover_on_timeout", "a message without an answer goes elsewhere", _failover_on_timeout, _TWO_PROVIDERS),
        ("last_write_wins", "the receipt that comes last counts", _last_write_wins, _NEWS),
        ("counted_afterwards", "caps count what has left, not what is to leave", _counted_afterwards, _CROWD),
        ("less_synchronous", "commits are not synced (synchronous=NORMAL)", _less_synchronous, _weather()),
    )
}
"""The mistakes by name."""
