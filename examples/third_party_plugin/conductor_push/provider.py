"""Messages posted to a service: a call for each, with its key, so that a repeated one is taken once.

Options of `[push]`: `url` of the service, and `token = { env = "PUSH_TOKEN" }`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit

from conductor_dsl.api import (
    NOT_ACCEPTED,
    ConfigError,
    Outgoing,
    Receipt,
    Verdict,
    header_problem,
    read_error_table,
)

TIMEOUT = 4.0
"""Seconds for one call."""
BATCH = 7.0
"""Seconds for a batch; Conductor gives it 12, and the last call may take its whole time."""
TAKEN, NO_SUCH = (200, 201, 202), 404
ERRORS = read_error_table((files("conductor_push") / "errors.toml").read_text(encoding="utf-8"))


def build_provider(options: Mapping[str, Any]) -> Provider:
    """The provider with these options."""
    unknown = sorted(set(options) - {"url", "token"})
    if unknown:
        raise ConfigError(
            f"the provider `push_http` has no option `{unknown[0]}`", hint="its options are `url`, `token`"
        )
    url, token = options.get("url"), options.get("token")
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ConfigError("`url` of the provider `push_http` is no web address", hint='write `url = "https://..."`')
    if not isinstance(token, str):
        raise ConfigError("the provider `push_http` has no `token`", hint='write `token = { env = "PUSH_TOKEN" }`')
    return Provider(url, token)


class Provider:
    """Carries messages of the channel `push`; each batch has a connection of its own, so threads may share it."""

    def __init__(self, url: str, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = urlsplit(url)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._clock = clock

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post the messages for which there is time; the others go back and come again."""
        connection, until = self._connect(), self._clock() + BATCH
        try:
            return [self._post(connection, message, until) for message in batch]
        finally:
            connection.close()

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:
        """Ask the service for each key; None where it cannot be asked."""
        connection = self._connect()
        try:
            found = {key: self._ask(connection, key) for key in keys}
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        return {key: receipt for key, receipt in found.items() if receipt is not None}

    def close(self) -> None:
        """Nothing to let go of: no connection outlives its batch."""

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        return kind(self._url.hostname or "", self._url.port, timeout=TIMEOUT)

    def _post(self, connection: HTTPConnection, message: Outgoing, until: float) -> Receipt:
        problem = header_problem(message)
        if problem is not None:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=problem)
        if self._clock() > until:
            return Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)
        try:
            if connection.sock is None:
                connection.connect()
        except OSError as failure:  # nothing has left: the message may go later
            return Receipt(message.key, Verdict.TRANSIENT, code="unreachable", detail=type(failure).__name__)
        try:
            status, answer = self._call(connection, "POST", "messages", _body(message))
        except (OSError, HTTPException) as failure:  # it may have been taken, and the answer lost
            connection.close()
            return Receipt(message.key, Verdict.AMBIGUOUS, code="no_answer", detail=type(failure).__name__)
        if status in TAKEN:
            return Receipt(message.key, Verdict.ACCEPTED, provider_id=_id(answer))
        return ERRORS.receipt(message.key, str(status))

    def _ask(self, connection: HTTPConnection, key: str) -> Receipt | None:
        status, answer = self._call(connection, "GET", f"messages/{quote(key, safe='')}", b"")
        if status == NO_SUCH:
            return None
        if status in TAKEN:
            return Receipt(key, Verdict.ACCEPTED, provider_id=_id(answer))
        return Receipt(key, Verdict.AMBIGUOUS, code=str(status))

    def _call(self, connection: HTTPConnection, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        connection.request(method, f"{self._url.path.rstrip('/')}/{path}", body, self._headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def _body(message: Outgoing) -> bytes:
    told = {"key": message.key, "to": message.to, "from": message.sender, "text": message.text}
    return json.dumps(told | {"seconds": max(message.valid_for // 1000, 1)}).encode()


def _id(answer: bytes) -> str:
    """The service's own name for a message; empty where its answer has none, which is no reason to doubt it."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    return str(told.get("id", "")) if isinstance(told, dict) else ""
