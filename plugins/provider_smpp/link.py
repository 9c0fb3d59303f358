"""The link to a carrier: a session that is opened again whenever it breaks, with the reason while it is not there."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from conductor_dsl.api import Clock, Instant
from conductor_plugins.provider_smpp.pdus import Pdu, status_name
from conductor_plugins.provider_smpp.session import NoAnswerError, NotSentError, RefusedError, Session
from conductor_plugins.provider_smpp.settings import SmppSettings

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds between attempts to connect, doubling."""
AFTER_REFUSAL = 300.0
"""Seconds after which a carrier that did not let us in is asked again: it may lock out who asks too often."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Why there is no session, as a code, and when the next attempt is made."""

    code: str
    until: Instant


class Link:
    """Opens sessions, one after the other, until it is cancelled."""

    def __init__(self, settings: SmppSettings, clock: Clock, heard: Callable[[Session, Pdu], None]) -> None:
        self._settings = settings
        self._clock = clock
        self._heard = heard
        self._session: Session | None = None
        self._changed = asyncio.Event()
        self.absence = Absence("unreachable", 0)

    async def session(self, patience: float) -> Session | None:
        """The session, waited for while it is being opened, for so many seconds at most."""
        try:
            async with asyncio.timeout(patience):
                while self._session is None and self.absence.until <= self._clock.now():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return None
        return self._session

    async def keep(self) -> None:
        """Connect, log in and listen, again and again."""
        pause = FIRST_PAUSE
        while True:
            try:
                if await self._serve():
                    pause = FIRST_PAUSE
                code = "unreachable"
                rest = pause
            except RefusedError as refused:
                code, rest = status_name(refused.status), AFTER_REFUSAL
            except ssl.SSLCertVerificationError:
                code, rest = "certificate", AFTER_REFUSAL
            self.absence = Absence(code, self._clock.now() + int(rest * 1_000))
            self._changed.set()
            await asyncio.sleep(rest)
            self.absence = Absence(code, 0)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _serve(self) -> bool:
        """One session from its beginning to its end; whether there was one."""
        session = await self._open()
        if session is None:
            return False
        listening = asyncio.create_task(session.listen())
        try:
            await session.bind()
            self._session = session
            self._changed.set()
            await asyncio.shield(listening)
        except (NoAnswerError, NotSentError):
            return False
        except asyncio.CancelledError:
            await session.leave()
            raise
        finally:
            self._session = None
            session.drop()
            await listening
        return True

    async def _open(self) -> Session | None:
        settings = self._settings
        name = settings.host if settings.trust else None
        try:
            async with asyncio.timeout(settings.timeout):
                reader, writer = await asyncio.open_connection(
                    settings.host, settings.port, ssl=settings.trust, server_hostname=name
                )
        except ssl.SSLCertVerificationError:
            raise
        except OSError:  # a TimeoutError, too
            return None
        return Session(reader, writer, settings, self._heard)
