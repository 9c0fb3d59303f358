"""Connections that stay open, and requests of which it is always known whether they may have arrived.

A request is made once: libraries that repeat it by themselves double messages.
"""

from __future__ import annotations

import select
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult

LARGEST_ANSWER = 4_194_304


class NotSentError(Exception):
    """Not a byte of the request left: there was no connection."""


class TooLateError(NotSentError):
    """Not a byte of the request left: when there was a connection, it was too late."""


class NoAnswerError(Exception):
    """The request left, at least in part, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the names of `headers` in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _OneWrite(HTTPConnection):
    """A connection that sends a request as a whole.

    The library sends the head first and then the body; a process that is stopped between the two, and goes on much
    later, would then send a message that another has sent meanwhile.
    """

    _parts: list[bytes]

    def ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str], in_time: Callable[[], bool]
    ) -> None:
        """Send a request over the open connection; raises TooLateError before the first byte."""
        self._parts = []
        self.request(method, path, body, headers)
        whole = b"".join(self._parts)
        if not in_time():
            raise TooLateError
        self.sock.sendall(whole)

    def send(self, data: Any) -> None:
        """Keep a part of the request."""
        self._parts.append(data)


class _Secure(_OneWrite, HTTPSConnection):
    """The same over TLS."""


class Connections:
    """Connections to one service; each is used by one thread at a time, for as long as both sides keep it."""

    def __init__(self, base_url: SplitResult, timeout: float) -> None:
        """`timeout` is in seconds."""
        self._base, self._timeout = base_url, timeout
        self._free: deque[_OneWrite] = deque()
        self._tls = ssl.create_default_context() if base_url.scheme == "https" else None

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: str | None = None,
        *,
        in_time: Callable[[], bool] = lambda: True,
    ) -> Answer:
        """The answer to a request; `path` is below the path of the base URL.

        `in_time` is asked just before the first byte leaves. Raises NotSentError where the service could not be reached
        in time, NoAnswerError where nobody knows whether it was.
        """
        connection = self._take()
        try:
            connection.ask(method, self._base.path.rstrip("/") + path, body, dict(headers), in_time)
            answer = _read(connection)
        except TooLateError:
            connection.close()
            raise
        except (OSError, HTTPException) as problem:
            connection.close()
            raise NoAnswerError(_reason(problem)) from problem
        if connection.sock is not None:
            self._free.append(connection)
        return answer

    def close(self) -> None:
        """Close those that are not in use."""
        while self._free:
            self._free.pop().close()

    def _take(self) -> _OneWrite:
        """One that is open: the latest that was used, or a new one."""
        while self._free:
            try:
                connection = self._free.pop()
            except IndexError:  # another thread was faster
                break
            if _is_alive(connection):
                return connection
            connection.close()
        return self._open()

    def _open(self) -> _OneWrite:
        host, port = self._base.hostname or "", self._base.port
        if self._tls is not None:
            connection: _OneWrite = _Secure(host, port, timeout=self._timeout, context=self._tls)
        else:
            connection = _OneWrite(host, port, timeout=self._timeout)
        try:
            connection.connect()
        except (OSError, UnicodeError) as problem:
            connection.close()
            raise NotSentError(_reason(problem)) from problem
        return connection


def _is_alive(connection: HTTPConnection) -> bool:
    """Whether nothing waits to be read: between requests, that could only be the end of the connection."""
    if connection.sock is None:
        return False
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return not poll.poll(0)


def _read(connection: HTTPConnection) -> Answer:
    answer = connection.getresponse()
    body = answer.read(LARGEST_ANSWER)
    if answer.length:
        raise HTTPException("the answer breaks off" if len(body) < LARGEST_ANSWER else "the answer is too long")
    if not answer.isclosed():
        answer.read()
    return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def _reason(problem: Exception) -> str:
    """Why, in a few words, with nothing of what was sent."""
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {problem.verify_message}"
    if isinstance(problem, OSError) and problem.strerror:
        return problem.strerror.lower()
    if isinstance(problem, HTTPException) and type(problem) is not HTTPException:
        return "the answer is no HTTP, or breaks off"
    return str(problem) or type(problem).__name__
