"""A lane: one connection after another, and the messages of a batch that go over them."""

from __future__ import annotations

from conductor_dsl.api import Clock, Outgoing, Receipt, Verdict
from conductor_plugins.provider_smtp.batch import Batch
from conductor_plugins.provider_smtp.failure_to_receipt import broken, failure_to_receipt
from conductor_plugins.provider_smtp.late_answers import LateAnswers
from conductor_plugins.provider_smtp.letter import Letter, message_to_letter
from conductor_plugins.provider_smtp.session import Session
from conductor_plugins.provider_smtp.settings import SmtpSettings
from conductor_plugins.provider_smtp.wire import CLOSING, LATE, OPENING, Failure, Stage

_MOST_LOSSES = 3
"""After so many connections in a row that broke before they carried anything the server is left alone."""


class Lane:
    """Carries messages one after another; its connection outlives the batch."""

    def __init__(self, settings: SmtpSettings, clock: Clock, late: LateAnswers) -> None:
        self._settings, self._clock, self._late = settings, clock, late
        self._session: Session | None = None
        self._losses = 0

    def connect(self, batch: Batch) -> None:
        """Make sure of a connection before the first message; raises Failure."""
        if self._session is not None and not self._session.is_alive(batch.hours):
            self._drop(politely=False)
        self._connected(batch)

    def run(self, batch: Batch) -> Failure | None:
        """Carry messages until the batch has no more for us, or, which is returned, no connection can be made."""
        self._losses = 0
        while (message := batch.take()) is not None:
            try:
                letter = message_to_letter(message, self._settings, self._clock.now())
                batch.give(self._carry(message, letter, batch))
            except ValueError as problem:
                batch.give(Receipt(message.key, Verdict.REJECTED, code="unusable", detail=str(problem)))
            except Failure as failure:
                batch.put_back(message)
                return failure
        return None

    def close(self) -> None:
        """Say goodbye."""
        self._drop(politely=True)

    def _carry(self, message: Outgoing, letter: Letter, batch: Batch) -> Receipt:
        """Carry one message and tell what became of it; raises Failure only where there is no connection for it."""
        try:
            words = self._carry_at_last(letter, batch)
        except Failure as failure:
            if failure.stage in OPENING:
                raise
            if failure.stage is Stage.DOT and failure.code == LATE and self._leave_waiting(message, letter):
                doubt: Receipt = failure_to_receipt(message.key, failure)
                return doubt
            return self._refused(message, failure, batch)
        except Exception as problem:  # noqa: BLE001  (whatever it is, it must not touch the messages of the others)
            self._drop(politely=False)
            return Receipt(message.key, Verdict.AMBIGUOUS, code=type(problem).__name__)
        self._losses = 0
        return Receipt(message.key, Verdict.ACCEPTED, letter.name, detail=words)

    def _carry_at_last(self, letter: Letter, batch: Batch) -> str:
        """Carry a letter; a connection that has been used is opened anew if the server has had enough of it.

        It may be tired of us for no reason but the number of messages or the time, and a letter whose dot was not sent
        is certainly not with it.
        """
        session = self._connected(batch)
        was_used = session.is_used
        try:
            words: str = session.carry(letter, batch.hours)
        except Failure as failure:
            if not failure.ends_the_line or not was_used or failure.stage is Stage.DOT:
                raise
            self._drop(politely=False)
            words = self._connected(batch).carry(letter, batch.hours)
        return words

    def _leave_waiting(self, message: Outgoing, letter: Letter) -> bool:
        """Leave the connection to those who wait for its answer, if there is room."""
        if self._session is None or not self._late.wait(self._session, message.key, letter):
            return False
        self._session = None
        return True

    def _refused(self, message: Outgoing, failure: Failure, batch: Batch) -> Receipt:
        """The receipt of a message; where it is not about the message alone, the others wait, too."""
        receipt: Receipt = failure_to_receipt(message.key, failure)
        if failure.ends_the_line:
            self._drop(politely=False)
            self._losses += 1
        if failure.code == CLOSING and receipt.retry_after:
            batch.stop(receipt)
        elif failure.code in (CLOSING, LATE) or self._losses >= _MOST_LOSSES:
            batch.stop(broken())
        elif receipt.retry_after:
            batch.stop(receipt, message.sender)
        return receipt

    def _connected(self, batch: Batch) -> Session:
        if self._session is not None and self._session.carried >= self._settings.per_connection:
            self._drop(politely=True)
        if self._session is None:
            self._session = Session(self._settings, self._clock, batch.hours)
        return self._session

    def _drop(self, *, politely: bool) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close(politely=politely)
