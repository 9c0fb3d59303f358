"""One connection to an SMS centre: questions and their answers, and what comes unasked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from conductor_plugins.provider_smpp.pdus import (
    OK,
    RESPONSE,
    UNKNOWN_COMMAND,
    GarbageError,
    Numbers,
    Pdu,
    answer,
    head,
    make,
    parse,
    read_frame,
)
from conductor_plugins.provider_smpp.settings import SmppSettings


class Answer(NamedTuple):
    """What a carrier says to a question; `name` is that of a text it has taken."""

    status: int
    name: bytes = b""


class NotSentError(Exception):
    """The connection is gone, and nothing of the question has left."""


class NoAnswerError(Exception):
    """A question may have arrived, and has no answer."""


class RefusedError(Exception):
    """The carrier does not let us in; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Session:
    """A connection; `heard` gets every PDU in which the carrier brings a receipt or a text, and answers it later."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        settings: SmppSettings,
        heard: Callable[[Session, Pdu], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._settings = settings
        self._heard = heard
        self._numbers = Numbers()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._loop = asyncio.get_running_loop()
        self._last_heard = self._loop.time()

    @property
    def is_open(self) -> bool:
        """Whether a question can be asked."""
        return not self._writer.is_closing()

    def ask(self, command: str, **fields: object) -> asyncio.Future[Answer]:
        """Send a question; its answer may come late. ValueError for what cannot be sent, NotSentError if nothing left.

        The future has the answer, or NoAnswerError once the connection is gone.
        """
        pdu = make(command, self._numbers, **fields)
        frame = pdu.generate()
        if not self.is_open:
            raise NotSentError
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting[pdu.sequence] = waiting
        self._writer.write(frame)
        return waiting

    async def wait(self, question: asyncio.Future[Answer], seconds: float | None = None) -> Answer:
        """The answer to a question, or NoAnswerError if it does not come in time; it is waited for no less."""
        patience = self._settings.timeout if seconds is None else seconds
        try:
            # Not `wait_for`: before Python 3.12 that takes no notice of a cancellation that comes with the answer.
            async with asyncio.timeout(patience):
                return await asyncio.shield(question)
        except TimeoutError:
            raise NoAnswerError from None

    async def bind(self) -> None:
        """Log in, for both directions; RefusedError if the carrier does not want us."""
        settings = self._settings
        bound = await self.wait(
            self.ask(
                "bind_transceiver",
                system_id=settings.system_id,
                password=settings.password,
                system_type=settings.system_type,
            )
        )
        if bound.status != OK:
            raise RefusedError(bound.status)

    async def listen(self) -> None:
        """Take what comes until the connection is gone; after a silence, ask whether anybody is there."""
        keeper = asyncio.create_task(self._keep())
        try:
            while self.is_open:
                frame = await read_frame(self._reader)
                self._last_heard = self._loop.time()
                self._take(frame)
        except (OSError, asyncio.IncompleteReadError, GarbageError):
            pass
        finally:
            keeper.cancel()
            self.drop()

    async def _keep(self) -> None:
        while self.is_open:
            silence = self._loop.time() - self._last_heard
            if silence < self._settings.enquire:
                await asyncio.sleep(self._settings.enquire - silence)
                continue
            try:
                await self.wait(self.ask("enquire_link"))
            except (NoAnswerError, NotSentError):
                self.drop()

    def _take(self, frame: bytes) -> None:
        command, status, sequence = head(frame)
        pdu = parse(frame)
        if command & RESPONSE:
            self._answered(sequence, status, pdu)
        elif pdu is None:
            self.reply("generic_nack", sequence, UNKNOWN_COMMAND)
        elif pdu.command in ("deliver_sm", "data_sm"):
            self._heard(self, pdu)
        elif pdu.command in ("enquire_link", "unbind"):
            self.reply(f"{pdu.command}_resp", sequence)
            if pdu.command == "unbind":
                self._writer.close()
        elif pdu.command != "alert_notification":
            self.reply("generic_nack", sequence, UNKNOWN_COMMAND)

    def _answered(self, sequence: int, status: int, pdu: Pdu | None) -> None:
        waiting = self._waiting.pop(sequence, None)
        if waiting is None or waiting.done():
            return
        if pdu is None and status == OK:
            waiting.set_exception(NoAnswerError())
            waiting.exception()  # nobody may be waiting any more
        else:
            waiting.set_result(Answer(status, getattr(pdu, "message_id", None) or b""))

    def reply(self, command: str, sequence: int, status: int = OK) -> None:
        """Answer a request of the carrier's, if it can still be heard."""
        if self.is_open:
            self._writer.write(answer(command, sequence, status))

    async def leave(self) -> None:
        """Say goodbye, and go."""
        try:
            await self.wait(self.ask("unbind"))
        except (NoAnswerError, NotSentError):
            pass
        finally:
            self.drop()

    def drop(self) -> None:
        """Break the connection off: what waits for an answer has none."""
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NoAnswerError())
                waiting.exception()  # nobody may be waiting any more
        self._waiting.clear()
