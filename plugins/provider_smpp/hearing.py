"""What carriers bring is stored by the batch, and answered only then: what was not stored, they bring again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from conductor_dsl.api import Heard, Receipt
from conductor_plugins.provider_smpp.part_ledger import PartLedger
from conductor_plugins.provider_smpp.pdu_to_news import is_receipt, pdu_to_piece, pdu_to_receipt
from conductor_plugins.provider_smpp.pdus import OK, TRY_LATER, Pdu
from conductor_plugins.provider_smpp.piece_store import PieceStore
from conductor_plugins.provider_smpp.session import Session
from conductor_plugins.provider_smpp.settings import SmppSettings

MOST = 500
"""PDUs of a batch."""
LOOK_EVERY = 60.0
"""Seconds between looks at pieces of texts whose rest does not come."""
AGAIN = 1.0
"""Seconds until what we have found out ourselves is stored again."""
News = tuple[Session | None, Pdu]
"""A PDU with the session that wants an answer; or a receipt that a late answer was turned into, without one."""


class Hearing:
    """Takes PDUs in, one after the other, and tells `hear` of them."""

    def __init__(
        self, settings: SmppSettings, ledger: PartLedger, pieces: PieceStore, hear: Callable[[Heard], None]
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._pieces = pieces
        self._hear = hear
        self._queue: asyncio.Queue[News] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, "smpp-hearing")

    def take(self, session: Session, pdu: Pdu) -> None:
        """Take in what a carrier brings."""
        self._queue.put_nowait((session, pdu))

    def tell(self, receipt: Receipt) -> None:
        """Take in what we have found out ourselves."""
        self._queue.put_nowait((None, receipt))

    async def run(self) -> None:
        """Store what comes, until cancelled."""
        while True:
            batch = await self._batch()
            try:
                await asyncio.get_running_loop().run_in_executor(self._thread, self._store, batch)
                status = OK
            except (sa.exc.SQLAlchemyError, OSError):
                status = TRY_LATER
            for session, pdu in batch:
                if session is not None:
                    session.reply(f"{pdu.command}_resp", pdu.sequence, status)
                elif status != OK:
                    asyncio.get_running_loop().call_later(AGAIN, self.tell, pdu)

    async def _batch(self) -> list[News]:
        """What has come; nothing, when it is time to look at old pieces."""
        try:
            async with asyncio.timeout(LOOK_EVERY):
                batch = [await self._queue.get()]
        except TimeoutError:
            return []
        while not self._queue.empty() and len(batch) < MOST:
            batch.append(self._queue.get_nowait())
        return batch

    def _store(self, batch: Sequence[News]) -> None:
        own = [found for session, found in batch if session is None]
        pdus = [pdu for session, pdu in batch if session is not None]
        receipts = [pdu_to_receipt(pdu, self._settings) for pdu in pdus if is_receipt(pdu)]
        pieces = [pdu_to_piece(pdu, self._settings) for pdu in pdus if not is_receipt(pdu)]
        settled = self._ledger.settle([receipt for receipt in receipts if receipt is not None])
        joined = self._pieces.join(pieces)
        if own or settled or joined.texts:
            self._hear(Heard((*own, *settled), joined.texts))
        self._pieces.forget(joined.groups)

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=True, cancel_futures=True)
