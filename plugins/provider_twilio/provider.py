"""Texts and pictures over HTTP: each message is one request, never repeated by itself, with several side by side."""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from conductor_dsl.api import NOT_ACCEPTED, OUTCOME_UNKNOWN, Clock, Outgoing, Receipt, SystemClock, Verdict
from conductor_plugins.provider_twilio.answer_to_receipt import (
    answer_to_receipt,
    error_table,
    state_to_receipt,
    to_json,
)
from conductor_plugins.provider_twilio.attempts import Attempt, Attempts
from conductor_plugins.provider_twilio.connections import Answer, Connections, NoAnswerError, NotSentError, TooLateError
from conductor_plugins.provider_twilio.match import MARGIN, Listed, Match, match, to_listed
from conductor_plugins.provider_twilio.message_to_form import message_to_form, unusable
from conductor_plugins.provider_twilio.options import Options

PATIENCE = 3_000
"""Milliseconds after which no message of a call is begun: a node has them for twelve seconds, and makes its last call
when eight are over; whoever takes them over asks what became of them. What was not begun goes back and leaves later."""
REST = 60_000
"""Milliseconds for which a sender waits when there is no connection; its messages have not failed."""
_PAGE = 100
_FORM = "application/x-www-form-urlencoded"
_LATER = "asked_later"
_TAKEN = (Verdict.ACCEPTED, Verdict.DELIVERED, Verdict.UNDELIVERED)


class _Turn:
    """One batch on its way: until when messages are begun, and which senders send no more, for they shall rest."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.began = clock.now()
        self.rests: dict[str, Receipt] = {}

    def elapsed(self) -> int:
        """Milliseconds since it began."""
        return self._clock.now() - self.began

    def refusal(self, key: str, sender: str = "") -> Receipt | None:
        """Why a message is not begun any more, or None."""
        rest = self.rests.get(sender)
        if rest is not None:
            return rest._replace(key=key)
        return None if self.is_in_time() else Receipt(key, Verdict.TRANSIENT, code=NOT_ACCEPTED)

    def is_in_time(self) -> bool:
        """Whether messages are begun yet."""
        return self.elapsed() < PATIENCE


class TwilioProvider:
    """Sends messages for one account; `callback_url` is told to Twilio with the key of each message behind it."""

    def __init__(
        self, options: Options, engine: sa.Engine, callback_url: str = "", *, clock: Clock | None = None
    ) -> None:
        self._options, self._callback_url = options, callback_url
        self._clock = clock or SystemClock()
        self._attempts = Attempts(engine)
        self._connections = Connections(options.base_url, options.timeout / 1000)
        self._workers = ThreadPoolExecutor(options.connections, thread_name_prefix="twilio")
        self._table = error_table()
        self._path = f"/2010-04-01/Accounts/{options.account_sid}/Messages.json"
        token = b64encode(f"{options.account_sid}:{options.auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json", "User-Agent": "conductor"}
        self._form_headers = {**self._headers, "Content-Type": _FORM}

    def send(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Try every message; one that is known to have been accepted before is not sent again."""
        turn = _Turn(self._clock)
        service = self._options.messaging_service_sid
        refused = {out.key: why for out in batch if (why := unusable(out, service))}
        good = {out.key: out for out in batch if out.key not in refused}
        receipts = [Receipt(key, Verdict.REJECTED, code="unusable", detail=why) for key, why in refused.items()]
        if not good:
            return receipts
        known = self._attempts.begin(good.values(), turn.began)
        receipts += [Receipt(key, Verdict.ACCEPTED, sid) for key, sid in known.items()]
        tried = list(self._workers.map(partial(self._send, turn), (good[key] for key in good if key not in known)))
        self._note(turn, tried)
        return [*receipts, *tried]

    def look_up(self, keys: Sequence[str]) -> Mapping[str, Receipt]:
        """What became of messages, by the lists of those to their recipients.

        One that nothing in its list could be was not accepted, once it is older than `settle`. One that may be in the
        list, or another with the same text, or with a text that Twilio has changed, stays unknown.
        """
        turn, attempts = _Turn(self._clock), self._attempts.read(keys)
        groups: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            if not attempt.sid:
                groups[attempt.recipient, attempt.sender].append(attempt)
        found = [each for some in self._workers.map(partial(self._find, turn), groups.values()) for each in some]
        self._note(turn, found)
        known = {each.key: Receipt(each.key, Verdict.ACCEPTED, each.sid) for each in attempts if each.sid}
        return known | {each.key: each for each in found if each.verdict is not Verdict.TRANSIENT}

    def recall(self, batch: Sequence[Outgoing], since: int) -> Mapping[str, Receipt]:
        """What became of messages whose rows are lost: as if each had been tried at `since`, in milliseconds."""
        service = self._options.messaging_service_sid
        good = [out for out in batch if not unusable(out, service)]
        if good:
            self._attempts.begin(good, since)
        return self.look_up([out.key for out in good])

    def close(self) -> None:
        """Let go of connections."""
        self._workers.shutdown(cancel_futures=True)
        self._connections.close()

    def _note(self, turn: _Turn, receipts: Sequence[Receipt]) -> None:
        certain = (Verdict.REJECTED, Verdict.TRANSIENT)
        not_taken = [receipt.key for receipt in receipts if receipt.verdict in certain]
        taken = [each for each in receipts if each.verdict in _TAKEN]
        self._attempts.end(taken, not_taken=not_taken, began=turn.began)

    def _send(self, turn: _Turn, message: Outgoing) -> Receipt:
        refusal = turn.refusal(message.key, message.sender)
        if refusal is not None:
            return refusal
        if message.valid_for <= turn.elapsed():
            return Receipt(message.key, Verdict.REJECTED, code="expired")
        form = message_to_form(message, self._options.messaging_service_sid, self._callback_url, turn.elapsed())
        try:
            answer = self._connections.ask("POST", self._path, self._form_headers, form, in_time=turn.is_in_time)
        except TooLateError:
            return Receipt(message.key, Verdict.TRANSIENT, code=NOT_ACCEPTED)
        except NotSentError as problem:
            receipt = Receipt(message.key, Verdict.TRANSIENT, "", "unreachable", str(problem), retry_after=REST)
        except NoAnswerError as problem:
            return Receipt(message.key, Verdict.AMBIGUOUS, code="no_answer", detail=str(problem))
        else:
            receipt = answer_to_receipt(message.key, answer, self._table, self._clock.now())
        if receipt.retry_after:
            turn.rests[message.sender] = receipt
        return receipt

    def _find(self, turn: _Turn, attempts: Sequence[Attempt]) -> list[Receipt]:
        """What became of attempts with one recipient and sender."""
        try:
            if turn.refusal("") is not None:
                raise NoAnswerError("no time is left")
            listed = list(self._listed(attempts))
        except (NotSentError, NoAnswerError) as problem:
            return [Receipt(each.key, Verdict.AMBIGUOUS, code=_LATER, detail=str(problem)) for each in attempts]
        others = self._attempts.known([str(each.said.get("sid")) for each in listed])
        unknown = [each for each in listed if str(each.said.get("sid")) not in others]
        return [self._judge(found) for found in match(attempts, unknown)]

    def _judge(self, found: Match) -> Receipt:
        key = found.attempt.key
        if found.said is not None:
            receipt = state_to_receipt(key, dict(found.said), self._table)
            return receipt or Receipt(key, Verdict.AMBIGUOUS, code=_LATER, detail="the list makes no sense")
        if not found.sure:
            return Receipt(key, Verdict.AMBIGUOUS, code=OUTCOME_UNKNOWN, detail="the list shows a text like it")
        if self._clock.now() < found.attempt.tried_at + self._options.settle:
            return Receipt(key, Verdict.AMBIGUOUS, code=_LATER, detail="it may still come into the list")
        return Receipt(key, Verdict.TRANSIENT, code=NOT_ACCEPTED)

    def _listed(self, attempts: Sequence[Attempt]) -> Iterator[Listed]:
        """The messages to the recipient of attempts, page by page, back to the first of them.

        Not by date: a message that waits to be sent has none yet, and would be missing.
        """
        first = attempts[0]
        query = {"To": first.recipient, "From": first.sender, "PageSize": str(_PAGE)}
        since = min(each.tried_at for each in attempts) - MARGIN
        path: str | None = f"{self._path}?{urlencode({name: value for name, value in query.items() if value})}"
        while path:
            page = self._page(path)
            listed = [each for said in page["messages"] if (each := to_listed(said)) is not None]
            yield from (each for each in listed if each.at >= since)
            path = page.get("next_page_uri") if not listed or listed[-1].at >= since else None

    def _page(self, path: str) -> dict[str, Any]:
        answer: Answer = self._connections.ask("GET", path, self._headers)
        page: dict[str, Any] = to_json(answer)
        following = page.get("next_page_uri")
        if answer.status != 200 or not isinstance(page.get("messages"), list):
            raise NoAnswerError(f"the list cannot be read (status {answer.status})")
        if following is not None and not (isinstance(following, str) and following.startswith("/")):
            raise NoAnswerError("the list makes no sense")
        return page
