"""One connection to the server: opened, encrypted, logged in, and used for one message after another."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from conductor_dsl.api import Clock, Instant
from conductor_plugins.provider_smtp.letter import Letter
from conductor_plugins.provider_smtp.settings import Security, SmtpSettings
from conductor_plugins.provider_smtp.wire import LATE, Failure, GarbledError, Stage, TlsWire, Wire

_IDLE = 60_000
"""Milliseconds after which a connection is not worth a question: servers close what nobody uses."""
_YES = 250
_GOES_ON = 3
"""The first digit of the answer to DATA; that of any other yes is 2."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Until when things may happen: a word with the server, and the wait for its last one. Instants."""

    talk_until: Instant
    end: Instant


class Session:
    """A connection with a login; everything raises Failure where the server does not say yes."""

    def __init__(self, settings: SmtpSettings, clock: Clock, hours: Hours) -> None:
        self.carried, self.is_used = 0, False
        self._settings, self._clock = settings, clock
        self._unsettled = False
        self._wire = _open(settings, clock, hours)
        self._used_at = clock.now()

    def is_alive(self, hours: Hours) -> bool:
        """Whether the server still listens."""
        if self._clock.now() - self._used_at > _IDLE:
            return False
        self._wire.patience, self._wire.until = self._settings.timeout, hours.talk_until
        try:
            code, _ = self._wire.noop()
        except (OSError, smtplib.SMTPException):
            return False
        return bool(code == _YES)

    def carry(self, letter: Letter, hours: Hours) -> str:
        """Hand a message over; returns the words with which the server took it."""
        wire = self._wire
        wire.patience, wire.until = self._settings.timeout, hours.talk_until
        if self._unsettled:
            self._say(Stage.MAIL, "RSET")
        self._unsettled = self.is_used = True
        if letter.is_international and not wire.has_extn("smtputf8"):
            raise Failure(Stage.RCPT, "553", "5.6.7")
        wire.command_encoding = "utf-8" if letter.is_international else "ascii"
        self._say(Stage.MAIL, f"MAIL FROM:<{letter.sender}>{self._options(letter)}")
        self._say(Stage.RCPT, f"RCPT TO:<{letter.to}>")
        self._say(Stage.DATA, "DATA", _GOES_ON)
        with _failing(Stage.DATA):
            wire.send(letter.stuffed)
            # From here on the wait is as long as it can be: to give up now would leave the message in doubt.
            wire.patience, wire.until = hours.end, hours.end
            wire.left()
        words = self._say(Stage.DOT, ".")
        self.carried += 1
        self._unsettled, self._used_at = False, self._clock.now()
        return words

    def late_words(self, patience: int) -> str:
        """Wait once more, for so many milliseconds, for the answer to the last dot."""
        self._wire.patience, self._wire.until = patience, self._clock.now() + patience
        with _failing(Stage.DOT):
            code, text = self._wire.getreply()
        return _words(Stage.DOT, code, text)

    def close(self, *, politely: bool = True) -> None:
        """Say goodbye and hang up; never raises."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely:
                self._wire.patience, self._wire.until = 1_000, self._clock.now() + 1_000
                self._wire.docmd("QUIT")
        with contextlib.suppress(OSError):
            self._wire.close()

    def _options(self, letter: Letter) -> str:
        size = f" SIZE={len(letter.data)}" if self._wire.has_extn("size") else ""
        return f"{size} SMTPUTF8" if letter.is_international else size

    def _say(self, stage: Stage, command: str, hundreds: int = 2) -> str:
        with _failing(stage):
            code, text = self._wire.docmd(command)
        return _words(stage, code, text, hundreds)


def _words(stage: Stage, code: int, text: bytes, hundreds: int = 2) -> str:
    """The words of a yes; raises Failure for anything else."""
    words = text.decode(errors="replace")
    if code // 100 == hundreds:
        return words
    # Another yes than the one that was asked for means that the two of us are out of step.
    raise Failure(stage, str(code) if code >= 400 else "garbled", words)


def _open(settings: SmtpSettings, clock: Clock, hours: Hours) -> Wire:
    # Nothing is in doubt before there is a connection, so that a server may take its time to greet.
    limits = (clock, settings.timeout, hours.end)
    host, port, helo = settings.host, settings.port, settings.helo
    if settings.security is Security.TLS:
        with _opening(Stage.GREETING):
            wire: Wire = TlsWire(host, port, helo, limits, settings.context)
    else:
        with _opening(Stage.GREETING):
            wire = Wire(host, port, helo, limits)
    try:
        _log_in(wire, settings)
    except Failure:
        wire.close()
        raise
    return wire


def _log_in(wire: Wire, settings: SmtpSettings) -> None:
    with _opening(Stage.GREETING):
        wire.ehlo_or_helo_if_needed()
    if settings.security is Security.STARTTLS:
        with _opening(Stage.TLS):
            wire.starttls(context=settings.context)
            wire.ehlo_or_helo_if_needed()
    if settings.username:
        with _opening(Stage.LOGIN):
            _give_password(wire, settings)


def _give_password(wire: Wire, settings: SmtpSettings) -> None:
    """Log in: by PLAIN if the server knows it, for smtplib takes nothing but ASCII, and else by what smtplib knows."""
    if "PLAIN" not in wire.esmtp_features.get("auth", "").split():
        wire.login(settings.username, settings.password)
        return
    told = b64encode(f"\0{settings.username}\0{settings.password}".encode()).decode()
    code, text = wire.docmd("AUTH", f"PLAIN {told}")
    if code // 100 != _YES // 100:
        raise smtplib.SMTPAuthenticationError(code, text)


@contextlib.contextmanager
def _failing(stage: Stage) -> Iterator[None]:
    """Whatever breaks the line, as a Failure at this stage."""
    try:
        yield
    except GarbledError as problem:
        raise Failure(stage, "garbled", str(problem)) from None
    except TimeoutError:
        raise Failure(stage, LATE) from None
    except (OSError, smtplib.SMTPException):
        raise Failure(stage, "lost") from None


@contextlib.contextmanager
def _opening(stage: Stage) -> Iterator[None]:
    """What stands in the way of a connection, as a Failure."""
    with _failing(stage), _refusing(stage):
        yield


@contextlib.contextmanager
def _refusing(stage: Stage) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPResponseException as answer:
        text = answer.smtp_error
        words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
        raise Failure(stage, str(answer.smtp_code), words) from None
    except (GarbledError, smtplib.SMTPServerDisconnected, TimeoutError):
        raise
    except smtplib.SMTPException as problem:
        raise Failure(stage, "unsupported", str(problem)) from None
    except ssl.SSLCertVerificationError as problem:
        raise Failure(Stage.TLS, "untrusted", problem.verify_message) from None
    except ssl.SSLError as problem:
        raise Failure(Stage.TLS, "failed", (problem.reason or "").replace("_", " ").lower()) from None
    except socket.gaierror as problem:
        raise Failure(stage, "unknown_host", (problem.strerror or "").lower()) from None
    except OSError as problem:
        raise Failure(stage, "unreachable", (problem.strerror or "").lower()) from None
    except ValueError:
        # A host that is no name, or a password that smtplib cannot send; the text might hold a part of it.
        raise Failure(stage, "unsupported") from None
