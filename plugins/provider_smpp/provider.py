"""Texts over SMPP: a session that stays open, in a thread of its own, for receipts and replies come at any time."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from conductor_dsl.api import NOT_ACCEPTED, Clock, Heard, Outgoing, Receipt, Verdict
from conductor_plugins.provider_smpp.courier import Courier
from conductor_plugins.provider_smpp.error_codes import error_table
from conductor_plugins.provider_smpp.hearing import Hearing
from conductor_plugins.provider_smpp.link import Absence, Link
from conductor_plugins.provider_smpp.part_ledger import PartLedger
from conductor_plugins.provider_smpp.piece_store import PieceStore
from conductor_plugins.provider_smpp.session import Session
from conductor_plugins.provider_smpp.settings import SmppSettings

BATCH_SECONDS = 3.5
"""How long a call may take: a node hands over the last of a batch 4 s before its lease is over."""
PATIENCE = 2.0
"""Seconds of these for which a session is waited for that is being opened."""
REMEMBERED = 100_000
"""Texts that were taken, and are not submitted again whatever happens: SMPP has no keys of its own."""


class SmppProvider:
    """Hands texts to a carrier; which of them it has after a crash, it cannot tell."""

    def __init__(self, settings: SmppSettings, clock: Clock, engine: sa.Engine, hear: Callable[[Heard], None]) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = PartLedger(engine, clock)
        self._pieces = PieceStore(engine, clock)
        self._hear = hear
        self._taken: OrderedDict[str, Receipt] = OrderedDict()
        self._one_at_a_time = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="smpp", daemon=True)
        self._thread.start()
        started.wait()

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Submit every text for which there is time, as many at once as the window has room for."""
        with self._one_at_a_time:
            new = {message.key: message for message in batch if message.key not in self._taken}
            known = [self._taken[message.key] for message in batch if message.key in self._taken]
            if not new:
                return known
            if self._over.is_set():
                return [*known, *(Receipt(key, Verdict.TRANSIENT, code=NOT_ACCEPTED) for key in new)]
            sent = asyncio.run_coroutine_threadsafe(self._send(deque(new.values())), self._loop).result()
            self._ledger.save()
            self._remember(sent)
            return known + sent

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:  # noqa: ARG002  (SMPP knows no keys)
        """Nothing: a carrier is asked by the names that it gives, and those are what we do not know."""
        return None

    def close(self) -> None:
        """Log out, once what is being sent has its answers."""
        with self._one_at_a_time:
            if self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._over.set)
                self._thread.join()

    def _run(self, started: threading.Event) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live(started))

    async def _live(self, started: threading.Event) -> None:
        """Keep the session and hear what it brings, until it is over."""
        hearing = Hearing(self._settings, self._ledger, self._pieces, self._hear)
        self._link = Link(self._settings, self._clock, hearing.take)
        self._courier = Courier(self._settings, self._clock, self._ledger, hearing.tell)
        tasks = [asyncio.create_task(hearing.run()), asyncio.create_task(self._link.keep())]
        started.set()
        await self._over.wait()
        for task in reversed(tasks):
            task.cancel()
            await asyncio.wait([task])
        await asyncio.get_running_loop().run_in_executor(None, hearing.close)

    async def _send(self, waiting: deque[Outgoing]) -> list[Receipt]:
        until = self._loop.time() + BATCH_SECONDS
        session = await self._link.session(PATIENCE)
        if session is None:
            away = self._link.absence
            return [self._not_in(message.key, away) for message in waiting]
        receipts: list[Receipt] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._settings.window, len(waiting))):
                group.create_task(self._work(session, waiting, until, receipts))
        return receipts

    async def _work(self, session: Session, waiting: deque[Outgoing], until: float, receipts: list[Receipt]) -> None:
        """Carry one text after the other: a worker waits for one answer, so there are as many as the window."""
        while waiting:
            message = waiting.popleft()
            if self._loop.time() + self._courier.margin > until:
                receipts.append(Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED))
            else:
                receipts.append(await self._courier.carry(session, message, until))

    def _not_in(self, key: str, away: Absence) -> Receipt:
        """The receipt of a text that waits for a carrier who is not there, or does not let us in."""
        receipt: Receipt = error_table().receipt(key, away.code)
        rest = max(away.until - self._clock.now(), 1_000)
        return receipt._replace(verdict=Verdict.TRANSIENT, retry_after=rest)

    def _remember(self, receipts: Sequence[Receipt]) -> None:
        self._taken.update((receipt.key, receipt) for receipt in receipts if receipt.verdict is Verdict.ACCEPTED)
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
