"""The line to a mail server: smtplib with limits on what a server might draw out, and failures that say where."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from conductor_dsl.api import Clock, Instant

_REPLY_LINE = re.compile(rb"([2-5]\d\d)([ -]|$)(.*)", re.DOTALL)
_MOST_LINES = 100
_LONGEST_LINE = 2_048
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b[ ]*")
_ADDRESS = re.compile(r"<?[^\s<>\"]+@[^\s<>\",;:]+>?")
_LONGEST_DETAIL = 200
CLOSING, LATE = "421", "late"


class Stage(StrEnum):
    """How far a conversation with a server had come."""

    GREETING = "greeting"
    TLS = "tls"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"
    """From the first byte of the dot that ends a message until its answer: the server may have taken it."""


OPENING = (Stage.GREETING, Stage.TLS, Stage.LOGIN)
"""Before there is a connection on which a message could go."""


class GarbledError(smtplib.SMTPException):
    """What the server says is no SMTP."""


class Failure(Exception):  # noqa: N818  (an answer like any other, and the tables of codes call it one)
    """What a server answered instead of yes: its code, and its own words without addresses.

    `code` is three digits, or a word where there was no answer: `lost`, `late`, `garbled`, `unreachable`,
    `unknown_host`, `untrusted`.
    """

    def __init__(self, stage: Stage, code: str, text: str = "") -> None:
        super().__init__(f"{stage} {code} {text}".rstrip())
        words = " ".join(_ADDRESS.sub("<address>", text).split())
        found = _ENHANCED.match(words)
        self.stage = stage
        self.code = code
        self.enhanced = found[1] if found else ""
        self.words = words[found.end() if found else 0 :][:_LONGEST_DETAIL]

    @property
    def ends_the_line(self) -> bool:
        """Whether nothing more can be said on this connection."""
        return not self.code.isdigit() or self.code == CLOSING


class Wire(smtplib.SMTP):
    """A connection in plain text, or one that becomes encrypted later.

    Every answer must come within `patience` seconds, and before the instant `until`, which may be moved.
    """

    def __init__(self, host: str, port: int, helo: str, limits: tuple[Clock, int, Instant]) -> None:
        self.clock, self.patience, self.until = limits
        with self._closing_unless_open():
            super().__init__(host, port, local_hostname=helo, timeout=self.left())

    @contextlib.contextmanager
    def _closing_unless_open(self) -> Iterator[None]:
        try:
            yield
        except (OSError, smtplib.SMTPException):
            self.close()
            raise

    def left(self) -> float:
        """How many seconds there are for the next thing; raises TimeoutError when there are none."""
        left = min(self.patience, self.until - self.clock.now())
        if left <= 0:
            raise TimeoutError
        return left / 1_000

    def send(self, s: object) -> None:
        """Send text or bytes."""
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(s)  # type: ignore[arg-type]

    def getreply(self) -> tuple[int, bytes]:
        """The next answer: its code, and its lines; raises GarbledError for anything that is none."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the line is closed")
        if self.file is None:
            self.file = self.sock.makefile("rb")
        try:
            return self._read_reply(self.sock, self.file)
        except TimeoutError:
            # Python reads no more from a file that has timed out; the line itself is whole, and may answer yet.
            self.file.close()
            self.file = None
            raise
        except (OSError, smtplib.SMTPException):
            self.close()
            raise

    def _read_reply(self, sock: socket.socket, file: BinaryIO) -> tuple[int, bytes]:
        lines = []
        for _ in range(_MOST_LINES):
            sock.settimeout(self.left())
            line = file.readline(_LONGEST_LINE)
            if not line:
                raise smtplib.SMTPServerDisconnected("the server closed the line")
            found = _REPLY_LINE.match(line.rstrip(b"\r\n"))
            if found is None:
                break
            lines.append(found[3])
            if found[2] != b"-":
                return int(found[1]), b"\n".join(lines)
        raise GarbledError("an answer that is no SMTP")

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """A connection on which the dot does not wait for the server to confirm what stands before it."""
        found: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return found


class TlsWire(Wire, smtplib.SMTP_SSL):
    """A connection that is encrypted from its first byte."""

    def __init__(
        self, host: str, port: int, helo: str, limits: tuple[Clock, int, Instant], context: ssl.SSLContext
    ) -> None:
        self.clock, self.patience, self.until = limits
        with self._closing_unless_open():
            smtplib.SMTP_SSL.__init__(self, host, port, local_hostname=helo, timeout=self.left(), context=context)
