"""Calls of other programs over HTTPS: many at once, some for each host, and none of them to a private machine."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore2 as http

from conductor_dsl.api import NOT_ACCEPTED, Clock, Outgoing, Receipt, Verdict, address_problem, host_of, place_of
from conductor_plugins.provider_webhook.answer_to_receipt import answer_to_receipt, error_table
from conductor_plugins.provider_webhook.checked_network import (
    CheckedNetwork,
    PrivateAddressError,
    UnresolvedError,
)
from conductor_plugins.provider_webhook.line import Line
from conductor_plugins.provider_webhook.signature import Signer

BATCH_SECONDS = 3.5
"""How long a call may take: a node hands over the last of a batch 4 s before its lease is over."""
LARGEST_ANSWER = 65_536
_SENDING = "http11.send_request_headers.started"


@dataclass(frozen=True, slots=True)
class Manner:
    """Whom to call and how: `timeout` in seconds, `parallel` calls of one host.

    `deduplicates` says that receivers take a key once only, however often it comes.
    """

    hosts: frozenset[str]
    private: frozenset[str] = frozenset()
    timeout: float = 3.0
    parallel: int = 16
    deduplicates: bool = True


class HttpProvider:
    """Calls by POST; connections are kept open from batch to batch."""

    def __init__(
        self,
        manner: Manner,
        signer: Signer,
        trust: ssl.SSLContext,
        clock: Clock,
        *,
        network: CheckedNetwork | None = None,
    ) -> None:
        self._manner = manner
        self._signer = signer
        self._clock = clock
        self._network = network or CheckedNetwork(manner.private)
        # No connection of one host waits for those of another: each line has its own number of workers.
        self._pool = http.AsyncConnectionPool(
            ssl_context=trust, max_connections=None, keepalive_expiry=60, network_backend=self._network
        )
        self._loop = asyncio.new_event_loop()
        self._one_at_a_time = threading.Lock()
        self._lines: dict[str, Line] = {}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Make every call for which there is time; the others are put off, as are those to hosts that rest."""
        with self._one_at_a_time:
            if self._loop.is_closed():
                return [Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED) for message in batch]
            receipts = [receipt for message in batch if (receipt := self._stand_in_line(message))]
            busy = [line for line in self._lines.values() if line.waiting]
            if busy:
                self._loop.run_until_complete(self._serve(busy, receipts))
            return receipts

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt] | None:  # noqa: ARG002  (nobody can be asked)
        """Nothing is known of earlier calls; where receivers take a key once only, they are just made again."""
        return {} if self._manner.deduplicates else None

    def close(self) -> None:
        """Let go of connections, once what is being sent has its answers."""
        with self._one_at_a_time:
            if not self._loop.is_closed():
                self._loop.run_until_complete(self._pool.aclose())
                self._network.close()
                self._loop.close()

    def _stand_in_line(self, message: Outgoing) -> Receipt | None:
        """Put a call behind those to the same host; or the receipt of one that may not be made."""
        problem = self._problem(message)
        if problem:
            return Receipt(message.key, Verdict.REJECTED, code="unusable", detail=problem)
        place = place_of(message.to)
        self._lines.setdefault(place, Line(host_of(message.to))).waiting.append(message)
        return None

    def _problem(self, message: Outgoing) -> str | None:
        problem = address_problem(message.to, self._manner.private)
        if problem:
            return f"the address may not be called: {problem[0]}"
        if host_of(message.to) not in self._manner.hosts and place_of(message.to) not in self._manner.private:
            return f"`{host_of(message.to)}` may not be called: conductor.toml does not name it"
        if not message.key.isascii() or not message.key.isalnum():
            return "the key cannot stand in a header"
        return "the text is not Unicode" if any("\ud800" <= char <= "\udfff" for char in message.text) else None

    async def _serve(self, lines: Iterable[Line], receipts: list[Receipt]) -> None:
        until = self._loop.time() + BATCH_SECONDS
        async with asyncio.TaskGroup() as group:
            for line in lines:
                for _ in range(min(self._manner.parallel, len(line.waiting))):
                    group.create_task(self._work(line, until, receipts))

    async def _work(self, line: Line, until: float, receipts: list[Receipt]) -> None:
        """Make the calls of a line, one after the other."""
        while line.waiting:
            message = line.waiting.popleft()
            began = self._loop.time()
            receipt = line.put_off(message.key, self._clock.now())
            if receipt is None and began + min(self._manner.timeout, line.margin) > until:
                receipt = line.no_time(message.key)
            elif receipt is None:
                receipt = self._weigh(await self._call(message, until))
                line.note(receipt, self._clock.now(), self._loop.time() - began)
            receipts.append(receipt)

    def _weigh(self, receipt: Receipt) -> Receipt:
        """A receipt in doubt is one to try again where the receiver takes a key once only."""
        if receipt.verdict is Verdict.AMBIGUOUS and self._manner.deduplicates:
            return receipt._replace(verdict=Verdict.TRANSIENT)
        return receipt

    async def _call(self, message: Outgoing, until: float) -> Receipt:
        """Make one call; whatever goes wrong has a receipt, by whether anything had left."""
        has_left = False

        async def follow(event: str, _info: Mapping[str, object]) -> None:
            nonlocal has_left
            has_left = has_left or event == _SENDING

        request = self._request(message)
        request.extensions["trace"] = follow
        try:
            async with asyncio.timeout_at(min(self._loop.time() + self._manner.timeout, until)):
                response = await self._pool.handle_async_request(request)
        except PrivateAddressError:
            return _failed(message.key, "private_address")
        except UnresolvedError:
            return _failed(message.key, "unresolved")
        except Exception as error:  # noqa: BLE001  (whatever it is, it must not harm the other calls)
            code = "no_answer" if has_left else "certificate" if _is_distrust(error) else "unreachable"
            return _failed(message.key, code)
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        body = await self._read(response)
        answered: Receipt = answer_to_receipt(message.key, response.status, headers, body, self._clock.now())
        return answered

    def _request(self, message: Outgoing) -> http.Request:
        parts, body = urlsplit(message.to), message.text.encode()
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        url = http.URL(scheme=b"https", host=host_of(message.to).encode(), port=parts.port, target=target.encode())
        headers = [
            ("Host", parts.netloc.lower()),
            ("User-Agent", "Conductor"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Idempotency-Key", message.key),
            *self._signer.headers(message.key, self._clock.now(), body),
        ]
        seconds = self._manner.timeout
        timeouts = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        return http.Request(b"POST", url, headers=encoded, content=body, extensions={"timeout": timeouts})

    async def _read(self, response: http.Response) -> bytes:
        """The answer, as far as it is short and comes in time; what it is worth was said by the status before it."""
        body = b""
        try:
            async with asyncio.timeout(self._manner.timeout / 4):
                async for chunk in response.aiter_stream():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        break
        except (http.NetworkError, http.ProtocolError, http.TimeoutException, TimeoutError):
            pass
        finally:
            await response.aclose()
        return body


def _failed(key: str, code: str) -> Receipt:
    """The receipt of a call without an answer."""
    receipt: Receipt = error_table().receipt(key, code)
    return receipt


def _is_distrust(error: BaseException) -> bool:
    """Whether a certificate was the cause."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None
