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
"""Seconds until parts are tried again that were not taken for now, while others of their text were."""


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
        self._window = asyncio.Semaphore(settings.window)
        self._slowest = 0.0
        self._rest_until: Instant = 0
        self._rest = Receipt("", Verdict.TRANSIENT)

    async def carry(self, session: Session, message: Outgoing, until: float) -> Receipt:
        """What became of a text; answers are waited for until `until`, in seconds of the loop, at most."""
        loop = asyncio.get_running_loop()
        try:
            parts = message_to_parts(message, self._settings)
        except ValueError as problem:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=str(problem))
        if left := max(0, self._rest_until - self._clock.now()):
            return self._rest._replace(key=message.key, retry_after=left)
        # An answer must have its time: twice what the slowest took of late.
        moments = self._pace.reserve(len(parts), loop.time(), until - self.margin)
        if moments is None:
            return Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)
        said = await self._submit_all(session, message.key, list(zip(parts, moments, strict=True)), until)
        return self._sum_up(message.key, said)

    @property
    def margin(self) -> float:
        """Seconds that an answer should be given."""
        timeout: float = self._settings.timeout
        return min(timeout, 2 * self._slowest + 0.25)

    async def _submit_all(
        self, session: Session, key: str, parts: Sequence[tuple[Fields, float]], until: float
    ) -> list[Receipt]:
        """What the carrier says of each part; those that were not taken, while others were, are tried again."""
        loop = asyncio.get_running_loop()

        async def submit(at: int) -> Receipt:
            fields, moment = parts[at]
            await asyncio.sleep(max(0.0, moment - loop.time()))
            async with self._window:
                return await self._submit(session, key, fields, (len(parts), until))

        said = list(await asyncio.gather(*map(submit, range(len(parts)))))
        while missing := _missing(said):
            if loop.time() + PART_PAUSE + self.margin > until:
                break
            await asyncio.sleep(PART_PAUSE)
            for at, receipt in zip(missing, await asyncio.gather(*map(submit, missing)), strict=True):
                said[at] = receipt
        return said

    def _sum_up(self, key: str, said: Sequence[Receipt]) -> Receipt:
        """The receipt of a text from those of its parts."""
        taken = [receipt for receipt in said if receipt.verdict is Verdict.ACCEPTED]
        if len(taken) == len(said):
            # Receipts of a single part name it; those of several go through the ledger.
            name = taken[0].provider_id
            return Receipt(key, Verdict.ACCEPTED, name, by_id=len(said) == 1 and bool(name))
        worst = next(each for verdict in _WORST for each in said if each.verdict is verdict)
        if worst.retry_after:
            self._rest, self._rest_until = worst, self._clock.now() + worst.retry_after
        if not taken:
            return worst
        # A text of which a part was taken does not leave anew, nor by another carrier: its reader would get that part
        # twice.
        verdict = Verdict.REJECTED if worst.verdict is Verdict.REJECTED else Verdict.AMBIGUOUS
        detail = f"{len(taken)} of {len(said)} parts were taken, and of the rest: {worst.detail}"
        return worst._replace(verdict=verdict, detail=detail, retry_after=0)

    async def _submit(self, session: Session, key: str, fields: Fields, terms: tuple[int, float]) -> Receipt:
        """What the carrier says of one part; `terms` are how many parts there are, and until when to wait."""
        loop = asyncio.get_running_loop()
        parts, until = terms
        began = loop.time()
        try:
            question = session.ask("submit_sm", **fields)
        except NotSentError:
            return _failed(key, "unreachable")
        if parts > 1:
            # At once when it is answered: its receipt may come with the same bytes, and is heard by another task.
            question.add_done_callback(lambda answered: self._note(key, answered, parts))
        try:
            answer = await session.wait(question, min(self._settings.timeout, until - began))
        except NoAnswerError:
            if parts == 1 and not question.done():
                question.add_done_callback(lambda late: self._late(key, late))
            return _failed(key, "no_answer")
        self._slowest = max(loop.time() - began, 0.9 * self._slowest)
        return self._weigh(key, answer)

    def _weigh(self, key: str, answer: Answer) -> Receipt:
        if answer.status != OK:
            return _failed(key, status_name(answer.status))
        return Receipt(key, Verdict.ACCEPTED, answered_id(answer.name, self._settings))

    def _note(self, key: str, question: asyncio.Future[Answer], parts: int) -> None:
        """Remember the name of a part, even if its answer comes late: the receipts of the parts tell of the whole."""
        if question.cancelled() or question.exception() is not None:
            return
        said = self._weigh(key, question.result())
        if said.provider_id:
            self._ledger.submitted(said.provider_id, key, parts)

    def _late(self, key: str, question: asyncio.Future[Answer]) -> None:
        """An answer that came after we had stopped waiting; it ends the doubt about a text with one part."""
        if question.cancelled() or question.exception() is not None:
            return
        said = self._weigh(key, question.result())
        if said.provider_id:
            self._ledger.submitted(said.provider_id, key, 1)
        self._tell(said)


_WORST = (Verdict.REJECTED, Verdict.AMBIGUOUS, Verdict.TRANSIENT)
"""What one part says of the whole text, the gravest first."""


def _missing(said: Sequence[Receipt]) -> list[int]:
    """Which parts could still make a text whole: those not taken for now, if others were and none is lost."""
    verdicts = {receipt.verdict for receipt in said}
    if verdicts != {Verdict.ACCEPTED, Verdict.TRANSIENT}:
        return []
    return [at for at, receipt in enumerate(said) if receipt.verdict is Verdict.TRANSIENT]


def _failed(key: str, code: str) -> Receipt:
    receipt: Receipt = error_table().receipt(key, code)
    return receipt
