"""One text over a session: each part is submitted for itself, and the text is taken when all of them are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from conductor_dsl.api import NOT_ACCEPTED, Clock, Instant, Outgoing, Receipt, Verdict
from conductor_plugins.provider_smpp.error_codes import error_table
from conductor_plugins.provider_smpp.message_to_parts import Fields, message_to_parts
from conductor_plugins.provider_smpp.pace import Pace
from conductor_plugins.provider_smpp.part_ledger import PartLedger
from conductor_plugins.provider_smpp.pdu_to_news import answered_id
from conductor_plugins.provider_smpp.pdus import OK, status_name
from conductor_plugins.provider_smpp.session import Answer, NoAnswerError, NotSentError, Session
from conductor_plugins.provider_smpp.settings import SmppSettings

PART_PAUSE = 0.5
"""Seconds until a part is tried again, when the parts before it were taken and it was not, for now."""


class Courier:
    """Submits texts; `tell` gets the receipts of those whose answer came too late."""

    def __init__(
        self, settings: SmppSettings, clock: Clock, ledger: PartLedger, tell: Callable[[Receipt], None]
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ledger = ledger
        self._tell = tell
        self._pace = Pace(settings.rate)
        self._rest_until: Instant = 0
        self._rest = Receipt("", Verdict.TRANSIENT)

    async def carry(self, session: Session, message: Outgoing, until: float) -> Receipt:
        """What became of a text; no part of it leaves after `until`, in seconds of the loop."""
        loop = asyncio.get_running_loop()
        try:
            parts = message_to_parts(message, self._settings)
        except ValueError as problem:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=str(problem))
        if left := max(0, self._rest_until - self._clock.now()):
            return self._rest._replace(key=message.key, retry_after=left)
        moments = self._pace.reserve(len(parts), loop.time(), until)
        if moments is None:
            return Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)
        return await self._submit_all(session, message.key, list(zip(parts, moments, strict=True)), until)

    async def _submit_all(
        self, session: Session, key: str, parts: Sequence[tuple[Fields, float]], until: float
    ) -> Receipt:
        loop = asyncio.get_running_loop()
        names: list[str] = []
        for fields, moment in parts:
            await asyncio.sleep(max(0.0, moment - loop.time()))
            said = await self._submit(session, key, fields, (len(names) + 1, len(parts)))
            while names and said.verdict is Verdict.TRANSIENT and loop.time() + PART_PAUSE < until:
                await asyncio.sleep(PART_PAUSE)
                said = await self._submit(session, key, fields, (len(names) + 1, len(parts)))
            if said.verdict is not Verdict.ACCEPTED:
                return self._unfinished(said, len(names), len(parts))
            names.append(said.provider_id)
        # Receipts of a single part name it; those of several go through the ledger.
        return Receipt(key, Verdict.ACCEPTED, names[0], by_id=len(parts) == 1 and bool(names[0]))

    def _unfinished(self, said: Receipt, taken: int, parts: int) -> Receipt:
        """The receipt of a text of which a part was not taken, or may not have been."""
        if said.retry_after:
            self._rest, self._rest_until = said, self._clock.now() + said.retry_after
        if not taken:
            return said
        verdict = Verdict.REJECTED if said.verdict is Verdict.REJECTED else Verdict.AMBIGUOUS
        detail = f"{taken} of {parts} parts were taken, then: {said.detail}"
        return said._replace(verdict=verdict, detail=detail, retry_after=0)

    async def _submit(self, session: Session, key: str, fields: Fields, place: tuple[int, int]) -> Receipt:
        """What the carrier says of one part; `place` is which one, of how many."""
        try:
            question = session.ask("submit_sm", **fields)
        except NotSentError:
            return _failed(key, "unreachable")
        try:
            return self._weigh(key, await session.wait(question), place)
        except NoAnswerError:
            if not question.done():
                question.add_done_callback(lambda late: self._late(key, late, place))
            return _failed(key, "no_answer")

    def _weigh(self, key: str, answer: Answer, place: tuple[int, int]) -> Receipt:
        if answer.status != OK:
            return _failed(key, status_name(answer.status))
        name = answered_id(answer.name, self._settings)
        if name and place[1] > 1:
            self._ledger.submitted(name, key, place[1])
        return Receipt(key, Verdict.ACCEPTED, name)

    def _late(self, key: str, question: asyncio.Future[Answer], place: tuple[int, int]) -> None:
        """An answer that came after we had stopped waiting: it ends the doubt, if the last part was in doubt."""
        if question.cancelled() or question.exception() is not None:
            return
        said = self._weigh(key, question.result(), place)
        if said.verdict is Verdict.ACCEPTED and said.provider_id and place[1] == 1:
            self._ledger.submitted(said.provider_id, key, 1)
        if place[0] == place[1] and (said.verdict is Verdict.ACCEPTED or place[1] == 1):
            self._tell(said)


def _failed(key: str, code: str) -> Receipt:
    receipt: Receipt = error_table().receipt(key, code)
    return receipt
