"""Receipts and messages from people, told to whoever listens for them, signed as Twilio signs."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from conductor_dsl.shared.clock import Clock
from conductor_dsl.sim.book import Book
from conductor_dsl.sim.message import Message
from conductor_dsl.sim.plan import Plan, Telling, tellings_of
from conductor_dsl.sim.twilio import receipt_fields, signature

_PATIENCE = 10
"""Seconds to wait for whoever is told."""
_AT_ONCE = 4


class Teller:
    """Tells every receipt when it is due, in a thread of its own, from `open` to `close`."""

    def __init__(self, book: Book, plan: Plan, clock: Clock, credentials: tuple[str, str]) -> None:
        self._book, self._plan, self._clock = book, plan, clock
        self._account, self._token = credentials
        self._due: list[tuple[float, str, int, Message, Telling]] = []
        self._changed, self._closing = threading.Condition(), False
        self._callers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="teller")
        self._opener = build_opener(ProxyHandler({}))
        for message, given in book.untold():
            self.plan(message, given)
        self._thread = threading.Thread(target=self._run, name="teller", daemon=True)

    def open(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def plan(self, message: Message, given: int = 0) -> None:
        """Tell what there is to tell of a message, but for what was given already."""
        if not message.callback:
            return
        with self._changed:
            for place, telling in enumerate(tellings_of(self._plan, message)):
                if place >= given:
                    heapq.heappush(self._due, (message.at + 1000 * telling.after, message.id, place, message, telling))
            self._changed.notify()

    def call(self, url: str, fields: Sequence[tuple[str, str]]) -> str:
        """Call an address; what was answered: a status, or why there was none."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(self._token, url, fields),
            "User-Agent": "TwilioProxy/1.1",
        }
        try:
            request = Request(url, urlencode(fields).encode(), headers)
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                return str(answer.status)
        except HTTPError as problem:
            problem.close()
            return str(problem.code)
        except (URLError, HTTPException, OSError, ValueError) as problem:
            return f"unreachable: {problem}"

    def close(self) -> None:
        """Tell nothing more."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._callers.shutdown(cancel_futures=True)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._closing and (not self._due or self._wait() > 0):
                    self._changed.wait(self._wait() if self._due else None)
                if self._closing:
                    return
                _, _, place, message, telling = heapq.heappop(self._due)
            self._callers.submit(self._tell, message, place, telling)

    def _wait(self) -> float:
        """Seconds until the next is due."""
        return (self._due[0][0] - self._clock.now()) / 1000

    def _tell(self, message: Message, place: int, telling: Telling) -> None:
        answer = self.call(message.callback, receipt_fields(self._account, message, telling))
        self._book.tell(message, place, state=telling.state, code=telling.code, answer=answer)
